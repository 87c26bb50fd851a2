import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import whisper
from click.testing import CliRunner, Result
from debate_transcriber.engines import EngineSettings, pyannote
from debate_transcriber.engines.pyannote import places
from debate_transcriber.engines.pyannote.model import _import_pyannote, _quiet
from debate_transcriber.engines.selection import choose_engines
from debate_transcriber.engines.whisper.model import load_model
from debate_transcriber.errors import EngineUnavailable
from debate_transcriber.models_cli import command
from debate_transcriber.settings import Settings
from generated import random_whisper, save_whisper
from pyannote_folder import write_pipeline

pytestmark = pytest.mark.timeout(400)  # importing pyannote.audio takes 5-20 s
TOKEN = "hf_letmein"


class Hub(SimpleHTTPRequestHandler):
    """Serves `<folder>/<repository>/resolve/<revision>/<file>` as the hub does, to our token only.

    Whisper's files lie beside and need none. What was asked for is noted in `server.asked`.
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
    """What the two hosts have: a pipeline and a Whisper model with random weights."""
    folder = tmp_path_factory.mktemp("hub")
    with _quiet():
        _import_pyannote()
        write_pipeline(folder / places.REPOSITORY / "resolve" / places.REVISION)
    file = save_whisper(random_whisper(), folder / "tiny.pt")
    checked = folder / hashlib.sha256(file.read_bytes()).hexdigest()
    checked.mkdir()
    file.rename(checked / "tiny.pt")
    return folder


@pytest.fixture
def host(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ThreadingHTTPServer]:
    from huggingface_hub import constants

    for variable in ("XDG_CACHE_HOME", "HF_HUB_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / "cache"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Hub, directory=str(shelf))) as server:
        server.asked = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        (tiny,) = shelf.glob("*/tiny.pt")
        monkeypatch.setitem(whisper._MODELS, "tiny", f"{address}/{tiny.relative_to(shelf)}")
        yield server
        server.shutdown()


def fill(prefix: object, token: str | None = TOKEN, model: str = "tiny") -> Result:
    options = ["--models-prefix", str(prefix), "--whisper-model", model]
    return CliRunner(env={"HF_TOKEN": token}).invoke(command, options)


def test_a_folder_is_filled_with_what_the_engines_read(
    host: ThreadingHTTPServer, tmp_path: Path
) -> None:
    result = fill(tmp_path / "models")

    assert result.exit_code == 0, result.output
    files = {str(f.relative_to(tmp_path / "models")) for f in (tmp_path / "models").rglob("*")}
    assert {"whisper/tiny.pt", *(f"pyannote/{name}" for name in places.FILES)} <= files
    assert not [name for name in files if name.startswith(".")]
    assert load_model("tiny", tmp_path / "models", "cpu").official_heads is False
    assert pyannote.load(EngineSettings("cpu", models=tmp_path / "models"))


def test_what_is_there_is_not_downloaded_again_and_needs_no_token(
    host: ThreadingHTTPServer, tmp_path: Path
) -> None:
    fill(tmp_path)
    host.asked.clear()  # type: ignore[attr-defined]

    result = fill(tmp_path, token=None)

    assert result.exit_code == 0
    assert host.asked == []  # type: ignore[attr-defined]


def test_a_prefix_on_s3_is_filled_and_its_config_comes_last(
    host: ThreadingHTTPServer, bucket: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cloudpathlib import S3Path

    uploaded: list[str] = []
    upload = S3Path.upload_from

    def noting(path: S3Path, *args: object, **options: object) -> S3Path:
        uploaded.append(path.name)
        return upload(path, *args, **options)

    monkeypatch.setattr(S3Path, "upload_from", noting)

    result = fill("s3://debates/models")

    assert result.exit_code == 0, result.output
    assert S3Path("s3://debates/models/whisper/tiny.pt").is_file()
    assert uploaded[len(places.FILES) - 1] == "config.yaml"


@pytest.mark.parametrize(
    ("token", "model", "sentence"),
    [
        (None, "tiny", "pyannote needs HF_TOKEN: accept the terms at"),
        ("hf_wrong", "tiny", "HF_TOKEN may not read pyannote's model"),
        (TOKEN, "enormous", 'no Whisper model "enormous"'),
    ],
)
def test_what_cannot_be_fetched_is_said_at_once_and_leaves_nothing(
    host: ThreadingHTTPServer, tmp_path: Path, token: str | None, model: str, sentence: str
) -> None:
    result = fill(tmp_path / "models", token, model)

    assert result.exit_code == 64
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert not [f for f in tmp_path.rglob("models/**/*") if f.is_file()]


def test_a_damaged_download_leaves_no_model(
    host: ThreadingHTTPServer, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shelf / "damaged" / ("0" * 64)
    folder.mkdir(parents=True)
    (folder / "tiny.pt").write_bytes(b"half of it")
    damaged = f"http://127.0.0.1:{host.server_port}/{folder.relative_to(shelf)}/tiny.pt"
    monkeypatch.setitem(whisper._MODELS, "tiny", damaged)

    result = fill(tmp_path / "models")

    assert (result.exit_code, "damaged on the way" in result.stderr) == (75, True)
    assert not list((tmp_path / "models").rglob("*.pt"))


def in_batch(**more: object) -> Settings:
    return Settings("in", "out", job_id="1", hf_token=TOKEN, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["whisper", "pyannote"])
def test_a_job_in_batch_names_the_missing_model_and_downloads_nothing(
    host: ThreadingHTTPServer, tmp_path: Path, missing: str
) -> None:
    fill(tmp_path)
    for file in (tmp_path / missing).rglob("*.*"):
        file.unlink()
    host.asked.clear()  # type: ignore[attr-defined]

    with pytest.raises(EngineUnavailable, match=r"model.* in MODELS_PREFIX, which `make models`"):
        choose_engines(in_batch(models_prefix=str(tmp_path)))
    assert host.asked == []  # type: ignore[attr-defined]


def test_a_job_in_batch_with_all_models_needs_no_download(
    host: ThreadingHTTPServer, tmp_path: Path
) -> None:
    fill(tmp_path)

    engines = choose_engines(in_batch(models_prefix=str(tmp_path)))

    assert (engines.asr, engines.diarization) == ("whisper", "pyannote")
