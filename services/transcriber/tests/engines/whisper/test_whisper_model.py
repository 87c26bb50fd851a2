import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
import whisper
from debate_contract.errors import BadInput, TemporaryFault, UsageFault
from debate_transcriber.engines import EngineSettings
from debate_transcriber.engines.whisper import availability, names
from debate_transcriber.engines.whisper.model import load_model
from debate_transcriber.weights.registry import WHISPER, Published
from generated import DIMENSIONS, random_whisper, save_whisper
from whisper.model import Whisper


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("MODELS_CACHE", raising=False)
    return tmp_path / "cache" / "debate-transcriber" / "models" / "whisper"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    """A loopback server that serves `tmp_path/www`."""
    (tmp_path / "www").mkdir()
    handler = partial(QuietHandler, directory=str(tmp_path / "www"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def tiny_heads() -> torch.Tensor:
    """The official heads of tiny, as stock whisper decodes them."""
    model = Whisper(replace(DIMENSIONS, n_text_layer=4, n_text_head=6, n_text_state=48))
    model.set_alignment_heads(whisper._ALIGNMENT_HEADS["tiny"])
    return model.alignment_heads.to_dense()


def publish(model: Whisper, folder: Path, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve `model` as the official tiny."""
    path = save_whisper(model, folder / "tiny.pt")
    offer(f"{host}/tiny.pt", hashlib.sha256(path.read_bytes()).hexdigest(), monkeypatch)


def offer(address: str, digest: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry have the official tiny there."""
    tiny = replace(WHISPER["tiny"], sources=(Published(address, digest),))
    monkeypatch.setitem(WHISPER, "tiny", tiny)


def tiny_shaped() -> Whisper:
    return random_whisper(
        replace(DIMENSIONS, n_text_layer=4, n_text_head=6, n_text_state=48, n_audio_state=48)
    )


def test_the_names_are_those_that_whisper_knows() -> None:
    assert {name: names.file_name(name) for name in whisper._MODELS} == {
        name: Path(url).name for name, url in whisper._MODELS.items()
    }
    assert names.file_name("mine") is None


def test_a_model_from_the_folder_of_models_keeps_the_official_alignment_heads(
    tmp_path: Path,
) -> None:
    save_whisper(tiny_shaped(), tmp_path / "whisper" / "tiny.pt")

    loaded = load_model("tiny", tmp_path, "cpu")

    assert loaded.official_heads
    assert torch.equal(loaded.model.alignment_heads.to_dense(), tiny_heads())


def test_a_renamed_official_file_is_known_by_its_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_whisper(tiny_shaped(), tmp_path / "renamed.pt")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setitem(whisper._MODELS, "tiny", f"https://example.org/{digest}/tiny.pt")

    loaded = load_model(str(path), None, "cpu")

    assert loaded.official_heads
    assert torch.equal(loaded.model.alignment_heads.to_dense(), tiny_heads())


def test_a_model_of_ones_own_is_loaded_without_official_heads(whisper_file: Path) -> None:
    loaded = load_model("random", whisper_file.parent.parent, "cpu")

    assert (loaded.name, loaded.official_heads) == ("random", False)


def test_a_missing_model_is_downloaded_once_and_its_checksum_verified(
    tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch, empty_cache: Path
) -> None:
    publish(tiny_shaped(), tmp_path / "www", host, monkeypatch)

    loaded = load_model("tiny", None, "cpu")

    assert loaded.official_heads
    assert names.cached_file("tiny") == empty_cache / "tiny.pt"
    assert availability(EngineSettings(whisper_model="tiny")).missing is None


def test_a_damaged_download_may_be_tried_again(
    tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "www" / "tiny.pt").write_bytes(b"not what was promised")
    offer(f"{host}/tiny.pt", "0" * 64, monkeypatch)

    with pytest.raises(TemporaryFault, match=r"Whisper tiny .* is another file"):
        load_model("tiny", None, "cpu")


def test_a_download_that_fails_may_be_tried_again(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(f"{host}/nothing/here.pt", "0" * 64, monkeypatch)

    with pytest.raises(TemporaryFault, match=r"tiny could not be fetched.*MODELS_PREFIX"):
        load_model("tiny", None, "cpu")


def test_an_unknown_name_is_a_usage_fault() -> None:
    with pytest.raises(UsageFault, match='no Whisper model "enormous"'):
        load_model("enormous", None, "cpu")
    assert "enormous" in str(availability(EngineSettings(whisper_model="enormous")).missing)


def test_a_file_that_is_no_checkpoint_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "notes.pt"
    path.write_text("not a model")

    with pytest.raises(BadInput, match=r"notes\.pt is not a Whisper checkpoint"):
        load_model(str(path), None, "cpu")


@pytest.mark.parametrize(
    ("device", "present", "chosen"),
    [
        ("cuda", [], "turbo"),
        ("cpu", [], "small"),
        ("cpu", ["medium"], "medium"),
        ("cpu", ["large-v3-turbo", "small"], "small"),
        ("cpu", ["large-v3-turbo"], "turbo"),
    ],
)
def test_the_model_is_the_devices_default_unless_the_folder_holds_another(
    tmp_path: Path, device: str, present: list[str], chosen: str
) -> None:
    (tmp_path / "whisper").mkdir()
    for name in present:
        (tmp_path / "whisper" / f"{name}.pt").touch()

    assert names.choose_model(device, tmp_path) == chosen


def test_a_model_that_the_command_whisper_has_fetched_is_used(
    tmp_path: Path, empty_cache: Path
) -> None:
    file = save_whisper(tiny_shaped(), tmp_path / "cache" / "whisper" / "tiny.pt")

    assert names.cached_file("tiny") == file
    assert load_model("tiny", None, "cpu").official_heads


def test_without_model_and_network_the_engine_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer("http://nowhere.invalid/tiny.pt", "0" * 64, monkeypatch)

    answer = availability(EngineSettings(whisper_model="tiny"))

    assert "nowhere.invalid cannot be reached" in str(answer.missing)


def test_in_batch_nothing_is_fetched(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    offer("http://nowhere.invalid/tiny.pt", "0" * 64, monkeypatch)

    answer = availability(EngineSettings(whisper_model="tiny", may_download=False))

    assert "no Whisper model tiny is in MODELS_PREFIX, which `make models`" in str(answer.missing)
