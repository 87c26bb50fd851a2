"""What the stages write is what the contracts say."""

import hashlib
import json
import math
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from artefacts import COLUMNS, broken_files, column_faults, read_json
from checkout import CONTRACTS
from jobs import DOWNLOAD, STATS, TRANSCRIBE, Job, events, tree
from running import run, succeed

STAGE_OF = {DOWNLOAD: "download", TRANSCRIBE: "transcribe", STATS: "stats"}
EVENTS = {"started", "progress", "note", "finished", "failed"}
each_stage = pytest.mark.parametrize("program", STAGE_OF, ids=lambda path: path.name)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_job_has_the_files_of_the_tree_and_no_others(job: Job) -> None:
    stem = job.the("videos/*.mp4").stem

    assert tree(job.folder) == {
        "media.json",
        f"videos/{stem}.mp4",
        f"subtitles/{stem}.en.vtt",
        f"transcripts/{stem}_transcription.json",
        f"transcripts/{stem}_peaks.json",
        f"transcripts/{stem}_speaker_embeddings.parquet",
        f"transcripts/{stem}_speaker_stats.parquet",
        f"transcripts/{stem}_interactions.parquet",
        f"transcripts/{stem}_transcript_stats.json",
    }


def test_the_stem_is_a_safe_name_made_from_the_title(job: Job) -> None:
    stem = job.the("videos/*.mp4").stem

    assert re.fullmatch(r"[\w.-]+", stem, re.ASCII)
    assert len(stem.encode()) <= 120
    assert "town" in stem.lower()


def test_every_file_of_a_job_is_as_its_contract_says(job: Job) -> None:
    assert not broken_files(job.folder)
    for end in COLUMNS:
        assert pq.read_metadata(job.the(f"transcripts/*{end}")).num_rows > 0


@pytest.fixture(scope="module")
def dataset(job: Job, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    succeed(STATS, "corpus", "--root", job.folder.parents[1], "--out", folder)
    return folder


@pytest.mark.parametrize("table", ["debates", "speakers", "turns", "words", "interactions"])
def test_a_table_of_the_dataset_has_the_columns_of_the_contract_in_their_order(
    dataset: Path, table: str
) -> None:
    (part,) = dataset.glob(f"{table}/year=[0-9][0-9][0-9][0-9]/[0-9][0-9][0-9].parquet")
    columns = f"dataset/{table}.columns.json"

    assert pq.read_metadata(part).num_rows > 0
    assert not column_faults(columns, part)
    assert pq.read_schema(part).names == [*read_json(CONTRACTS / columns)]


def test_media_json_names_the_bytes_of_the_recording(job: Job) -> None:
    media, recording = read_json(job.folder / "media.json"), job.the("videos/*.mp4")

    assert job.folder / media["video"]["path"] == recording
    assert media["video"]["bytes"] == recording.stat().st_size
    assert media["video"]["sha256"] == sha256(recording)
    assert media["video"]["duration"] == pytest.approx(26, abs=0.5)
    assert (media["video"]["width"], media["video"]["height"]) == (640, 360)


def test_media_json_describes_a_file_of_the_users_own(job: Job) -> None:
    media = read_json(job.folder / "media.json")

    assert media["source"]["extractor"] == "file"
    assert re.fullmatch(r"file:///.*/town-hall\.mp4", media["source"]["url"])
    assert [(track["language"], track["kind"]) for track in media["subtitles"]] == [
        ("en", "manual")
    ]
    assert all((job.folder / track["path"]).is_file() for track in media["subtitles"])


def test_the_transcript_carries_the_recording_it_was_made_from(job: Job) -> None:
    media = read_json(job.folder / "media.json")
    transcript = read_json(job.the("transcripts/*_transcription.json"))

    assert transcript["media"]["path"] == media["video"]["path"]
    assert transcript["media"]["sha256"] == media["video"]["sha256"]
    assert transcript["media"]["source"] == media["source"]
    assert transcript["quality"] == "draft"
    assert transcript["duration"] == pytest.approx(media["video"]["duration"], abs=0.5)


def test_segments_are_in_order_with_one_speaker_each(job: Job) -> None:
    transcript = read_json(job.the("transcripts/*_transcription.json"))
    segments = transcript["transcription"]

    assert [s["start"] for s in segments] == sorted(s["start"] for s in segments)
    assert len({s["id"] for s in segments}) == len(segments)
    for segment in segments:
        assert {word["speaker"] for word in segment["words"]} == {segment["speaker"]}
        assert " ".join(word["word"].strip() for word in segment["words"]) == segment["text"]
        times = [t for word in segment["words"] for t in (word["start"], word["end"])]
        assert times == sorted(times)
        assert segment["start"] <= times[0]
        assert times[-1] <= segment["end"] + 1e-6


def test_labels_are_numbered_by_first_appearance(job: Job) -> None:
    transcript = read_json(job.the("transcripts/*_transcription.json"))
    labels = list(dict.fromkeys(turn["speaker"] for turn in transcript["speech"]))

    assert labels == [f"SPEAKER_{number:02}" for number in range(transcript["speakers_count"])]


def test_voice_vectors_have_unit_length_one_per_label(job: Job) -> None:
    rows = pq.read_table(job.the("transcripts/*_speaker_embeddings.parquet")).to_pylist()

    assert sorted(row["speaker"] for row in rows) == ["SPEAKER_00", "SPEAKER_01"]
    assert all(math.hypot(*row["embedding"]) == pytest.approx(1, abs=1e-4) for row in rows)


def test_peaks_cover_the_recording(job: Job) -> None:
    peaks = read_json(job.the("transcripts/*_peaks.json"))

    assert len(peaks["data"]) == 2 * peaks["length"]
    seconds = peaks["length"] * peaks["samples_per_pixel"] / peaks["sample_rate"]
    assert seconds == pytest.approx(26, abs=0.5)
    assert max(peaks["data"]) > 50  # somebody speaks


def test_statistics_name_the_transcript_they_were_made_from(job: Job) -> None:
    digest = sha256(job.the("transcripts/*_transcription.json"))

    totals = read_json(job.the("transcripts/*_transcript_stats.json"))
    tables = [
        *job.folder.glob("transcripts/*_s*_stats.parquet"),
        job.the("transcripts/*ns.parquet"),
    ]

    assert totals["transcript_sha256"] == digest
    for table in tables:
        metadata = pq.read_schema(table).metadata
        assert metadata[b"transcript_sha256"] == digest.encode()
        assert metadata[b"schema_version"].startswith(b"1.")
        assert json.loads(metadata[b"producer"])["name"] == "debate-stats"


def test_speaking_time_is_that_of_the_transcript(job: Job) -> None:
    speech = read_json(job.the("transcripts/*_transcription.json"))["speech"]
    rows = pq.read_table(job.the("transcripts/*_speaker_stats.parquet")).to_pylist()

    for row in rows:
        own = [t for t in speech if t["speaker"] == row["speaker_id_in_transcript"]]
        assert row["total_seconds"] == pytest.approx(sum(t["end"] - t["start"] for t in own))
    assert sum(row["share_speaking_time"] for row in rows) == pytest.approx(1)
    assert sum(row["share_words"] for row in rows) == pytest.approx(1)


@each_stage
def test_log_lines_have_the_fields_of_the_contract(job: Job, program: Path) -> None:
    lines = job.logs[program.name].splitlines()

    logged = events(job.logs[program.name])

    assert len(logged) == len(lines)
    for event in logged:
        assert {"time", "level", "stage", "event", "message"} <= event.keys()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"])
        assert event["stage"] == STAGE_OF[program]
        assert event["event"] in EVENTS
        if event["event"] == "progress":
            assert {"step", "done", "total", "unit"} <= event.keys()


@each_stage
def test_a_stage_starts_once_and_ends_with_what_it_wrote(job: Job, program: Path) -> None:
    logged = events(job.logs[program.name])

    kinds = [event["event"] for event in logged]
    assert (kinds[0], kinds.count("started")) == ("started", 1)
    assert (kinds[-1], kinds.count("finished")) == ("finished", 1)
    assert logged[-1]["skipped"] is False
    assert logged[-1]["outputs"]


@each_stage
def test_a_stage_that_has_nothing_to_do_changes_nothing_and_says_so(
    job: Job, program: Path
) -> None:
    before = {path: (job.folder / path).stat().st_mtime_ns for path in tree(job.folder)}

    result = run(
        program,
        LOG_FORMAT="json",
        NUM_SPEAKERS="2",
        VIDEO_URL=read_json(job.folder / "media.json")["source"]["url"],
        VIDEO_S3_PREFIX=job.folder / "videos",
        OUTPUT_S3_PREFIX=job.folder,
        TRANSCRIPTS_PREFIX=job.folder / "transcripts",
    )

    assert result.returncode == 0, result.stderr
    assert events(result.stderr)[-1]["skipped"] is True
    assert before == {path: (job.folder / path).stat().st_mtime_ns for path in tree(job.folder)}


@pytest.mark.parametrize("program", [DOWNLOAD, TRANSCRIBE, STATS], ids=lambda path: path.name)
def test_a_program_says_its_version_and_teaches_its_options(program: Path) -> None:
    version, page = run(program, "--version"), run(program, "--help")

    assert (version.returncode, page.returncode) == (0, 0)
    assert re.search(r"\b\d+\.\d+\.\d+$", version.stdout.strip())
    assert "PREFIX" in page.stdout
    assert f"{program.name} --" in page.stdout  # an example
