"""What of a job runs beside what, with engines that only pretend."""

import io
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from debate_contract.errors import BadInput, Stopped
from debate_contract.logs import Log
from debate_transcriber import job
from debate_transcriber.engines.speech import (
    Diarization,
    EngineInfo,
    Kept,
    Progress,
    Recognition,
    Turn,
    Word,
)
from debate_transcriber.settings import Settings
from debate_transcriber.work import preparation
from speaking import make_media

LONG = 10.0  # s: longer than anything here takes


@dataclass
class Engine:
    """Both engines at once; `before_end` is done between the first piece of work and the last."""

    device: str
    before_end: Any = lambda progress: None
    runs: list[str] = field(default_factory=list)

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("fake", "1", "standard", {"device": self.device})

    def _work(self, kind: str, progress: Progress, kept: Kept) -> None:
        self.runs.append(kind)
        kept["first"] = [kind]
        progress(0.5, 1.0)
        self.before_end(progress)

    def remark(self, _hints: Any) -> None:
        return None

    def recognise(self, *arguments: Any) -> Recognition:
        self._work("words", *arguments[3:])
        return Recognition([Word("so", 0.2, 0.4, 0.9)], "en", None)

    def diarize(self, *arguments: Any) -> Diarization:
        self._work("voices", *arguments[3:])
        turns = [Turn(0.0, 1.0, "SPEAKER_00")]
        return Diarization(turns, turns, [], "fake", "1")


def run(
    folder: Path, recogniser: Engine, diarizer: Engine, monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, Any]]:
    """Run a job on the recordings in `folder`/videos; return the log."""
    engines = SimpleNamespace(recogniser=recogniser, diarizer=diarizer, reasons=(), names={})
    monkeypatch.setattr(job, "choose_engines", lambda *_: engines)
    said = io.StringIO()
    job.run(
        Settings(str(folder / "videos"), str(folder)), Log("transcribe", as_json=True, stream=said)
    )
    return [json.loads(line) for line in said.getvalue().splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "videos").mkdir()
    for name in ("first", "second"):
        tone = ("-f", "lavfi", "-i", "sine=duration=1")
        make_media(tmp_path / "videos" / f"{name}.wav", *tone)
    return tmp_path


def transcripts(folder: Path) -> Sequence[str]:
    return sorted(path.name for path in folder.glob("transcripts/*_transcription.json"))


def test_one_pair_of_engines_serves_all_recordings_and_says_what_memory_it_took(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser, diarizer = Engine("cpu"), Engine("cpu")

    log = run(folder, recogniser, diarizer, monkeypatch)

    assert recogniser.runs == ["words", "words"]
    assert diarizer.runs == ["voices", "voices"]
    assert transcripts(folder) == ["first_transcription.json", "second_transcription.json"]
    notes = [line["message"] for line in log if line["event"] == "note"]
    assert sum("peak memory" in note for note in notes) == 2


def test_on_a_gpu_words_and_voices_are_found_at_the_same_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = threading.Barrier(2, timeout=LONG)
    engines = [Engine("cuda:0", lambda _progress: meeting.wait()) for _ in range(2)]

    log = run(folder, *engines, monkeypatch)

    steps = {line["step"] for line in log if line["event"] == "progress"}
    assert steps >= {"decode", "voice_activity", "recognition", "diarization"}


def test_a_stop_ends_both_and_keeps_what_each_has_done(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_at_work = threading.Barrier(2, timeout=LONG)
    ended = threading.Event()

    def stopped(_progress: Progress) -> None:
        both_at_work.wait()
        raise Stopped("stopped by SIGTERM")

    def go_on(progress: Progress) -> None:
        both_at_work.wait()
        end = time.monotonic() + LONG
        try:
            while time.monotonic() < end:
                progress(0.6, 1.0)
                time.sleep(0.001)
        finally:
            ended.set()

    with pytest.raises(Stopped):
        run(folder, Engine("cuda:0", stopped), Engine("cuda:0", go_on), monkeypatch)

    assert ended.is_set()
    kept = {path.parent.name.partition("-")[0] for path in folder.rglob("*.json.gz")}
    assert kept >= {"recognition", "diarization"}
    assert transcripts(folder) == []


def test_a_bad_recording_fails_at_its_turn_after_the_good_one_before_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "videos" / "second.wav").write_text("<html>")

    with pytest.raises(BadInput, match=r"second\.wav"):
        run(folder, Engine("cpu"), Engine("cpu"), monkeypatch)

    assert transcripts(folder) == ["first_transcription.json"]


def test_of_a_long_recording_no_more_than_allowed_is_decoded_ahead(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "SECONDS_AHEAD", 0.5)
    decoded: list[str] = []
    decode = job.audio.decode

    def noted(file: Path, *arguments: Any, **more: Any) -> Any:
        waveform = decode(file, *arguments, **more)
        decoded.append(file.stem)
        return waveform

    monkeypatch.setattr(job.audio, "decode", noted)
    seen: list[list[str]] = []

    def look(_progress: Progress) -> None:
        time.sleep(0.2)
        seen.append(list(decoded))

    run(folder, Engine("cpu", look), Engine("cpu"), monkeypatch)

    assert seen == [["first"], ["first", "second"]]
