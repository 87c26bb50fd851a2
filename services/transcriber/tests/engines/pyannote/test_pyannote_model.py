import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from debate_contract.errors import BadInput, TemporaryFault, UsageFault
from debate_transcriber.engines import EngineSettings
from debate_transcriber.engines.pyannote import availability, load, places

pytestmark = pytest.mark.timeout(400)  # importing pyannote.audio takes 5-20 s


class Hub(BaseHTTPRequestHandler):
    """A model hub that answers every request with `server.answer`."""

    def do_HEAD(self) -> None:
        status, code = self.server.answer  # type: ignore[attr-defined]
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(json.dumps({"error": "refused"}).encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def point_hub_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    files = "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + files)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, empty_cache: Path) -> Iterator[ThreadingHTTPServer]:
    from huggingface_hub import constants

    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        point_hub_at(f"http://127.0.0.1:{server.server_port}", monkeypatch)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(empty_cache))
        yield server
        server.shutdown()


def with_token(token: str | None) -> EngineSettings:
    return EngineSettings("cpu", hf_token=token)


@pytest.mark.parametrize(
    ("token", "problem"), [(None, "needs HF_TOKEN"), ("sk-123", "does not begin with hf_")]
)
def test_without_token_and_model_the_error_says_where_to_get_both(
    token: str | None, problem: str
) -> None:
    with pytest.raises(UsageFault) as caught:
        load(with_token(token))

    for part in (problem, places.TERMS, places.TOKENS, "MODELS_PREFIX/pyannote"):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ((403, "GatedRepo"), "accept the terms at"),
        ((401, "GatedRepo"), "make a new one|accept the terms"),
        ((401, None), "make a new one"),
        ((404, "RepoNotFound"), "accept the terms at"),
    ],
)
def test_a_refusal_by_the_hub_is_a_usage_fault_that_says_what_to_do(
    hub: ThreadingHTTPServer, answer: tuple[int, str | None], advice: str
) -> None:
    hub.answer = answer  # type: ignore[attr-defined]

    with pytest.raises(UsageFault, match=advice):
        load(with_token("hf_secret"))


def test_the_token_is_never_part_of_the_message(hub: ThreadingHTTPServer) -> None:
    hub.answer = (403, "GatedRepo")  # type: ignore[attr-defined]

    with pytest.raises(UsageFault) as caught:
        load(with_token("hf_secret"))

    assert "hf_secret" not in str(caught.value)


def test_a_hub_that_cannot_be_reached_is_a_temporary_fault(
    hub: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_hub_at("http://127.0.0.1:9", monkeypatch)

    with pytest.raises(TemporaryFault, match=r"could not be downloaded .* try again later"):
        load(with_token("hf_secret"))


@pytest.mark.parametrize("config", ["pipeline: nonsense", "{", "pipeline: {name: no.such.Class}"])
def test_a_damaged_folder_is_bad_input(tmp_path: Path, config: str) -> None:
    (tmp_path / "pyannote").mkdir()
    (tmp_path / "pyannote" / "config.yaml").write_text(config)

    with pytest.raises(BadInput, match="not a complete pyannote pipeline"):
        load(EngineSettings("cpu", models=tmp_path))


def test_a_folder_without_its_weights_is_bad_input(tmp_path: Path) -> None:
    from pyannote_folder import CONFIG

    (tmp_path / "pyannote").mkdir()
    (tmp_path / "pyannote" / "config.yaml").write_text(CONFIG.format(step=0.5, batch=1))

    with pytest.raises(BadInput, match="not a complete pyannote pipeline"):
        load(EngineSettings("cpu", models=tmp_path))


def test_a_set_up_without_the_package_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.split(".")[0] == "pyannote"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(sys, "path", [])

    assert "pyannote.audio is not installed" in str(availability(with_token("hf_x")).missing)


def test_availability_names_what_is_missing(
    tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "HOST", "nowhere.invalid")
    assert "no HF_TOKEN" in str(availability(with_token(None)).missing)
    assert "nowhere.invalid cannot be reached" in str(availability(with_token("hf_x")).missing)

    (tmp_path / "pyannote").mkdir()
    (tmp_path / "pyannote" / "config.yaml").touch()
    assert availability(EngineSettings("cpu", models=tmp_path)).missing is None


def test_a_complete_earlier_download_needs_no_token(empty_cache: Path) -> None:
    folder = empty_cache / "models--pyannote--speaker-diarization-community-1"
    for name in places.FILES:
        assert "nor cached" in str(availability(with_token(None)).missing)
        file = folder / "snapshots" / places.REVISION / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()

    assert availability(with_token(None)).missing is None
