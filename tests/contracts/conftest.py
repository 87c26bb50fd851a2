"""One job, made by each stage's own command from the first half minute of the sample."""

import shutil

import pytest
from checkout import SAMPLE
from jobs import DOWNLOAD, STATS, TRANSCRIBE, Job
from recordings import excerpt
from running import run


@pytest.fixture(scope="session")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    recording = excerpt(tmp_path_factory.mktemp("own") / "town-hall.mp4", 0, 26)
    shutil.copy(SAMPLE.with_suffix(".en.vtt"), recording.with_suffix(".en.vtt"))
    folder = tmp_path_factory.mktemp("store") / "jobs" / "first"
    stages = {
        DOWNLOAD: {"VIDEO_URL": recording, "OUTPUT_S3_PREFIX": folder},
        TRANSCRIBE: {"VIDEO_S3_PREFIX": folder / "videos", "OUTPUT_S3_PREFIX": folder},
        STATS: {"TRANSCRIPTS_PREFIX": folder / "transcripts"},
    }
    logs = {}
    for program, variables in stages.items():
        result = run(program, LOG_FORMAT="json", NUM_SPEAKERS="2", **variables)
        assert result.returncode == 0, result.stderr
        logs[program.name] = result.stderr
    return Job(folder, logs)
