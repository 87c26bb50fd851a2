"""The command `debate-models` on a cache, a folder and a bucket, with hosts on the loopback."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result
from debate_contract.storage import Location, exists, locate, publish
from debate_transcriber.engines import EngineSettings, campplus, pyannote
from debate_transcriber.engines.pyannote import places
from debate_transcriber.engines.selection import choose_engines
from debate_transcriber.engines.whisper.model import load_model
from debate_transcriber.errors import EngineUnavailable
from debate_transcriber.settings import Settings
from debate_transcriber.weights import prefix, registry
from debate_transcriber.weights.cli import command
from debate_transcriber.weights.registry import VOICES, WHISPER, Published
from whisper.model import ModelDimensions, Whisper

pytestmark = pytest.mark.timeout(400)  # importing pyannote.audio takes 5-20 s
TOKEN = "hf_letmein"
OPEN = {"whisper/tiny.pt", *(weights.file for weights in VOICES)}
GATED = {f"pyannote/{name}" for name in places.FILES}


class Hub(SimpleHTTPRequestHandler):
    """Serves `<folder>/<repository>/resolve/<revision>/<file>` as the hub does, to our token only.

    The open weights lie beside and need none. What was asked for is noted in `server.asked`.
    """

    def do_HEAD(self) -> None:
        if self._may_pass():
            super().do_HEAD()

    def do_GET(self) -> None:
        self.server.asked.append(Path(self.path).name)  # type: ignore[attr-defined]
        if self._may_pass():
            super().do_GET()

    def _may_pass(self) -> bool:
        gated = places.REPOSITORY in self.path
        if not gated or self.headers["Authorization"] == f"Bearer {TOKEN}":
            return True
        self.send_response(403)
        self.send_header("X-Error-Code", "GatedRepo")
        self.end_headers()
        return False

    def end_headers(self) -> None:
        self.send_header("X-Repo-Commit", places.REVISION)
        self.send_header("ETag", f'"{hashlib.sha256(self.path.encode()).hexdigest()}"')
        super().end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the hosts have: a small Whisper, files for the voices, and pyannote's files."""
    folder = tmp_path_factory.mktemp("hub")
    for name in places.FILES:
        file = folder / places.REPOSITORY / "resolve" / places.REVISION / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"what {name} holds")
    model = Whisper(ModelDimensions(80, 1500, 64, 2, 1, 51865, 448, 64, 2, 1))
    (folder / "whisper").mkdir()
    checkpoint = {"dims": vars(model.dims), "model_state_dict": model.state_dict()}
    torch.save(checkpoint, folder / "whisper" / "tiny.pt")
    (folder / "voices").mkdir()
    for weights in VOICES:
        (folder / weights.file).write_text(weights.title)
    return folder


@pytest.fixture
def host(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ThreadingHTTPServer]:
    from huggingface_hub import constants

    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Hub, directory=str(shelf))) as server:
        server.asked = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        offer(address, shelf, monkeypatch)
        yield server
        server.shutdown()


def offer(address: str, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry have what lies on the shelf, and nothing else anywhere."""

    def there(weights: registry.Weights) -> registry.Weights:
        content = (shelf / weights.file).read_bytes() if (shelf / weights.file).exists() else b""
        digest = hashlib.sha256(content).hexdigest()
        return replace(weights, sources=(Published(f"{address}/{weights.file}", digest),))

    for name, weights in WHISPER.items():
        monkeypatch.setitem(WHISPER, name, there(weights))
    voices = tuple(there(weights) for weights in VOICES)
    monkeypatch.setattr(registry, "VOICES", voices)
    monkeypatch.setattr(campplus, "VOICES", voices)


def fill(*options: object, token: str | None = None, model: str | None = "tiny") -> Result:
    chosen = [*options, *(["--whisper-model", model] if model else [])]
    return CliRunner(env={"HF_TOKEN": token}).invoke(command, [str(o) for o in chosen])


def files_in(folder: Path) -> set[str]:
    found = (file for file in folder.rglob("*") if file.is_file() and file.name != "lock")
    return {str(file.relative_to(folder)) for file in found}


def test_without_a_token_the_cache_is_filled_with_all_that_needs_none(
    host: ThreadingHTTPServer, cache: Path
) -> None:
    result = fill()

    assert result.exit_code == 0, result.output
    assert files_in(cache) == OPEN
    assert load_model("tiny", None, "cpu").name == "tiny"
    assert campplus.availability(EngineSettings()).missing is None


def test_with_a_token_a_folder_has_pyannotes_pipeline_too(
    host: ThreadingHTTPServer, tmp_path: Path
) -> None:
    result = fill("--models-prefix", tmp_path / "models", token=TOKEN)

    assert result.exit_code == 0, result.output
    assert files_in(tmp_path / "models") >= OPEN | GATED
    models = EngineSettings("cpu", models=tmp_path / "models")
    assert pyannote.availability(models).missing is None


def test_what_is_there_is_not_fetched_again(host: ThreadingHTTPServer, tmp_path: Path) -> None:
    fill("--models-prefix", tmp_path / "models", token=TOKEN)
    host.asked.clear()  # type: ignore[attr-defined]

    result = fill("--models-prefix", tmp_path / "models", token=TOKEN)

    assert result.exit_code == 0
    assert host.asked == []  # type: ignore[attr-defined]


def test_a_prefix_on_s3_is_filled_and_its_config_comes_last(
    host: ThreadingHTTPServer, s3: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploaded: list[str] = []

    def noting(made: Path, place: Location) -> None:
        uploaded.append(place.name)
        publish(made, place)

    monkeypatch.setattr(prefix, "publish", noting)

    result = fill("--models-prefix", "s3://debates/models", token=TOKEN)

    assert result.exit_code == 0, result.output
    assert all(exists(locate(f"s3://debates/models/{name}")) for name in OPEN | GATED)
    assert uploaded[len(places.FILES) - 1] == "config.yaml"


def test_where_the_default_cannot_be_had_base_is_taken_and_this_is_said(
    host: ThreadingHTTPServer, shelf: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shelf / "whisper" / "base.pt").write_bytes((shelf / "whisper" / "tiny.pt").read_bytes())
    offer(f"http://127.0.0.1:{host.server_port}", shelf, monkeypatch)

    result = fill(model=None)

    assert result.exit_code == 0, result.output
    assert "Whisper small could not be fetched" in result.stderr
    assert "Whisper base (draft quality) is taken in its place" in result.stderr
    assert "whisper/base.pt" in files_in(cache)


@pytest.mark.parametrize(
    ("token", "model", "code", "sentence"),
    [
        ("hf_wrong", "tiny", 64, "HF_TOKEN may not read pyannote's model"),
        (None, "enormous", 64, 'no Whisper model "enormous"'),
        (None, "medium", 75, "Whisper medium could not be fetched"),
    ],
)
def test_what_cannot_be_fetched_is_said_and_leaves_nothing(
    host: ThreadingHTTPServer,
    tmp_path: Path,
    token: str | None,
    model: str,
    code: int,
    sentence: str,
) -> None:
    result = fill("--models-prefix", tmp_path / "models", token=token, model=model)

    assert result.exit_code == code
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert files_in(tmp_path / "models") == set()


def in_batch(**more: object) -> Settings:
    return Settings("in", "out", job_id="1", hf_token=TOKEN, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["whisper", "voices"])
def test_a_job_in_batch_names_the_missing_model_and_downloads_nothing(
    host: ThreadingHTTPServer, tmp_path: Path, missing: str
) -> None:
    fill("--models-prefix", tmp_path)
    for file in (tmp_path / missing).rglob("*.*"):
        file.unlink()
    host.asked.clear()  # type: ignore[attr-defined]

    with pytest.raises(EngineUnavailable, match=r"in MODELS_PREFIX, which `make models`"):
        choose_engines(in_batch(models_prefix=str(tmp_path)))
    assert host.asked == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(("token", "diarizer"), [(None, "campplus"), (TOKEN, "pyannote")])
def test_a_job_in_batch_with_all_models_needs_no_download(
    host: ThreadingHTTPServer, tmp_path: Path, token: str | None, diarizer: str
) -> None:
    fill("--models-prefix", tmp_path, token=token)
    host.asked.clear()  # type: ignore[attr-defined]

    engines = choose_engines(in_batch(models_prefix=str(tmp_path)))

    assert (engines.asr, engines.diarization) == ("whisper", diarizer)
    assert host.asked == []  # type: ignore[attr-defined]
