"""The real command, stopped by real signals at random moments, finds what it finds undisturbed."""

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from debate_transcriber.engines.speech import Waveform
from real_weights import CLEAN, REAL
from speaking import MAN, WOMAN, say, write_wav

pytestmark = pytest.mark.usefixtures("real_weights")
STOPS = 20


class Command:
    """The preloaded command on one job's folder."""

    def __init__(self, job: Path) -> None:
        self.job = job
        prefixes = {"VIDEO_S3_PREFIX": str(job / "talk.wav"), "OUTPUT_S3_PREFIX": str(job)}
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("preloaded.py"))],
            env=CLEAN | REAL | prefixes,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        assert self._read() == "ready"

    def run(self, moment: float | None = None, how: signal.Signals = signal.SIGTERM) -> int:
        """Run the command, send it the signal after so many seconds, and return its exit code."""
        assert self.process.stdin
        self.process.stdin.write(b"\n")
        child = int(self._read())
        done, _, _ = select.select([self.process.stdout], [], [], moment)
        if not done:
            with suppress(ProcessLookupError):
                os.kill(child, how)
        return int(self._read())

    def findings(self) -> dict[str, Any]:
        """The three artefacts without what says when and how fast they were made."""
        folder = self.job / "transcripts"
        transcript = json.loads((folder / "talk_transcription.json").read_text())
        for name in ("created_at", "timings", "processing_time"):
            del transcript[name]
        peaks = (folder / "talk_peaks.json").read_bytes()
        voices = pq.read_table(folder / "talk_speaker_embeddings.parquet").to_pylist()
        return {"transcript": transcript, "peaks": peaks, "voices": voices}

    def forget(self) -> None:
        """Remove the artefacts."""
        for file in (self.job / "transcripts").iterdir():
            file.unlink()

    def _read(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().decode().strip()


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Waveform:
    """Four seconds with pauses: several chunks, so that work is kept in parts."""
    folder = tmp_path_factory.mktemp("voices")
    yes, no = say(folder, MAN, "Yes."), say(folder, WOMAN, "No.")
    silence = np.zeros(16_000, np.float32)
    return np.concatenate([yes, silence, no, silence, yes])


@pytest.fixture
def command(talk: Waveform, tmp_path: Path) -> Iterator[Command]:
    write_wav(tmp_path / "talk.wav", talk)
    command = Command(tmp_path)
    with command.process:
        yield command
        command.process.kill()


@pytest.mark.timeout(1200)  # on a busy machine; alone it takes well under a minute
def test_twenty_stops_at_random_moments_change_nothing(command: Command) -> None:
    started = time.monotonic()
    assert command.run() == 0
    seconds, undisturbed = time.monotonic() - started, command.findings()
    command.forget()

    stopped: list[tuple[float, int]] = []
    while len(stopped) < STOPS:
        how = random.choice([signal.SIGTERM, signal.SIGKILL])
        moment = random.uniform(0, seconds)
        code = command.run(moment, how)
        if code == 0:  # it was quicker, for much was done already: once more from the start
            assert command.findings() == undisturbed, stopped
            command.forget()
        else:
            stopped.append((round(moment, 2), code))
    assert {code for _, code in stopped} <= {75, -signal.SIGTERM, -signal.SIGKILL}, stopped

    assert command.run() == 0
    assert command.findings() == undisturbed, stopped
    assert {p.name for p in command.job.iterdir()} == {"talk.wav", "transcripts"}
