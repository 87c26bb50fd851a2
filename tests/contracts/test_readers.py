"""Every reader takes every golden example, and refuses a version that it does not know."""

import json
import shutil
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from artefacts import column_faults, faults, read_json
from checkout import CONTRACTS
from jobs import DEBATE, STATS, TRANSCRIBE, WEBAPP, complaint, tree
from recordings import silence
from running import run

TRANSCRIPTS = CONTRACTS / "transcript" / "examples"
READABLE = ["two-speakers", "overlap", "unheard", "hole", "empty", "predecessor"]
UNKNOWN = "future-major"
MEDIA = CONTRACTS / "media" / "examples"
NAMED = MEDIA / "file-with-subtitles.json"
readable = pytest.mark.parametrize("example", READABLE)


def place(store: Path, example: str) -> Path:
    """Lay an example into a job of the store, as the transcriber would have."""
    target = store / "jobs" / example / "transcripts" / f"{example}_transcription.json"
    target.parent.mkdir(parents=True)
    return Path(shutil.copy(TRANSCRIPTS / f"{example}.json", target))


def count(transcript: Path) -> subprocess.CompletedProcess[str]:
    return run(STATS, LOG_FORMAT="json", TRANSCRIPTS_PREFIX=transcript.parent)


def register(store: Path, transcript: Path) -> subprocess.CompletedProcess[str]:
    return run(WEBAPP, "register", transcript, LOG_FORMAT="json", STORAGE_ROOT=store)


def test_every_transcript_example_is_tried() -> None:
    assert {path.stem for path in TRANSCRIPTS.iterdir()} == {*READABLE, UNKNOWN}


@readable
def test_stats_reads(example: str, tmp_path: Path) -> None:
    transcript = place(tmp_path, example)

    result = count(transcript)

    assert result.returncode == 0, result.stderr
    totals = read_json(transcript.with_name(f"{example}_transcript_stats.json"))
    assert not faults("statistics/transcript_stats.schema.json", totals)
    for name in ("speaker_stats", "interactions"):
        table = transcript.with_name(f"{example}_{name}.parquet")
        assert not column_faults(f"statistics/{name}.columns.json", table)
    segments = read_json(transcript)["transcription"]
    assert totals["segment_count"] == len(segments)
    assert totals["total_words"] == sum(len(segment["text"].split()) for segment in segments)
    # Whether pauses are known.
    known = "segments" if example == "predecessor" else "diarization"
    assert totals["speech_source"] == known


def test_stats_finds_the_interruption_of_the_overlap_example(tmp_path: Path) -> None:
    transcript = place(tmp_path, "overlap")

    assert count(transcript).returncode == 0

    rows = pq.read_table(transcript.with_name("overlap_speaker_stats.parquet")).to_pylist()
    made = {row["speaker_id_in_transcript"]: row["interruptions_made"] for row in rows}
    assert made == {"SPEAKER_00": 0, "SPEAKER_01": 1}


def test_stats_refuses_an_unknown_major_version(tmp_path: Path) -> None:
    transcript = place(tmp_path, UNKNOWN)

    sentence = complaint(count(transcript), exit_code=65)

    assert transcript.name in sentence
    assert tree(transcript.parent) == {transcript.name}


@readable
def test_the_webapp_registers(example: str, tmp_path: Path) -> None:
    transcript = place(tmp_path, example)

    result = register(tmp_path, transcript)

    assert result.returncode == 0, result.stderr
    assert register(tmp_path, transcript).returncode == 0  # known already: no fault


def test_the_webapp_refuses_an_unknown_major_version(tmp_path: Path) -> None:
    transcript = place(tmp_path, UNKNOWN)

    sentence = complaint(register(tmp_path, transcript), exit_code=65)

    assert transcript.name in sentence


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A recording in which nobody speaks, named as the example of media.json has it."""
    target = tmp_path / "jobs" / "golden" / read_json(NAMED)["video"]["path"]
    target.parent.mkdir(parents=True)
    return silence(target)


def transcribe(folder: Path) -> subprocess.CompletedProcess[str]:
    return run(
        TRANSCRIBE, LOG_FORMAT="json", VIDEO_S3_PREFIX=folder / "videos", OUTPUT_S3_PREFIX=folder
    )


def test_the_transcriber_passes_on_what_media_json_says(video: Path) -> None:
    folder = video.parents[1]
    shutil.copy(NAMED, folder / "media.json")

    result = transcribe(folder)

    assert result.returncode == 0, result.stderr
    transcript = read_json(folder / "transcripts" / f"{video.stem}_transcription.json")
    assert not faults("transcript/schema.json", transcript)
    assert transcript["media"]["source"] == read_json(NAMED)["source"]
    assert transcript["transcription"] == transcript["speech"] == []


def test_the_transcriber_needs_no_media_json(video: Path) -> None:
    result = transcribe(video.parents[1])

    assert result.returncode == 0, result.stderr
    transcripts = video.parents[1] / "transcripts"
    assert (transcripts / f"{video.stem}_transcription.json").is_file()


def test_the_transcriber_refuses_an_unknown_major_version(video: Path) -> None:
    folder = video.parents[1]
    (folder / "media.json").write_text(json.dumps(read_json(NAMED) | {"schema_version": "2.0"}))

    sentence = complaint(transcribe(folder), exit_code=65)

    assert "2.0" in sentence
    assert not (folder / "transcripts").exists()


@pytest.mark.parametrize("media", sorted(MEDIA.iterdir()), ids=lambda path: path.stem)
def test_the_webapp_takes_the_recording_from_media_json(media: Path, tmp_path: Path) -> None:
    transcript = place(tmp_path, "two-speakers")
    shutil.copy(media, transcript.parents[1] / "media.json")

    assert register(tmp_path, transcript).returncode == 0


def keep(store: Path, **changes: str) -> str:
    """Lay the golden job into the store; its id."""
    record = read_json(CONTRACTS / "job" / "examples" / "interrupted.json") | changes
    folder = store / "jobs" / record["job_id"]
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(json.dumps(record))
    return folder.name


def test_the_front_door_lists_the_golden_job(tmp_path: Path) -> None:
    job = keep(tmp_path)

    listing = run(DEBATE, "status", STORAGE_ROOT=tmp_path)

    assert listing.returncode == 0, listing.stderr
    assert job in listing.stdout
    assert "interrupted" in listing.stdout


def test_the_front_door_refuses_a_job_of_an_unknown_major_version(tmp_path: Path) -> None:
    job = keep(tmp_path, schema_version="2.0")

    result = run(DEBATE, "status", job, STORAGE_ROOT=tmp_path)

    assert result.returncode == 65
    assert "2.0" in result.stderr
    assert "Traceback" not in result.stderr
