"""The predecessor's sixteen columns, as one would write them in plain Python.

Its definitions, not ours: a segment is speech from start to end, words are what spaces separate, a
turn is a run of segments of one speaker. One process, one file after the other.
"""

import json
import statistics
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def write_statistics(path: Path, folder: Path) -> None:
    """Read one transcript and write the rows and the totals into the folder."""
    transcript = json.loads(path.read_bytes())
    rows = compute_rows(transcript["transcription"], transcript["duration"])
    stem = path.name.removesuffix("_transcription.json")
    pq.write_table(pa.Table.from_pylist(rows), folder / f"{stem}_speaker_stats.parquet")
    totals = {
        "total_seconds": sum(row["total_seconds"] for row in rows),
        "total_words": sum(row["word_count"] for row in rows),
        "segment_count": len(transcript["transcription"]),
        "speaker_count": len(rows),
    }
    (folder / f"{stem}_transcript_stats.json").write_text(json.dumps(totals))


def compute_rows(segments: list[dict[str, Any]], duration: float) -> list[dict[str, Any]]:
    """One row per speaker."""
    segments = sorted(segments, key=lambda segment: segment["start"])
    turns = _turns(segments)
    all_words = sum(len(segment["text"].split()) for segment in segments)
    speakers = {segment["speaker"]: None for segment in segments}
    return [_row(speaker, segments, turns, all_words, duration) for speaker in speakers]


def _row(
    speaker: str,
    segments: list[dict[str, Any]],
    turns: list[list[dict[str, Any]]],
    all_words: int,
    duration: float,
) -> dict[str, Any]:
    own = [segment for segment in segments if segment["speaker"] == speaker]
    lengths = [segment["end"] - segment["start"] for segment in own]
    words = sum(len(segment["text"].split()) for segment in own)
    own_turns = [turn for turn in turns if turn[0]["speaker"] == speaker]
    turn_lengths = [turn[-1]["end"] - turn[0]["start"] for turn in own_turns]
    total = sum(lengths)
    return {
        "speaker_id_in_transcript": speaker,
        "total_seconds": total,
        "segment_count": len(own),
        "word_count": words,
        "wpm": words / total * 60 if total else 0.0,
        "avg_segment_duration_sec": total / len(own),
        "shortest_talk_sec": min(lengths),
        "longest_talk_sec": max(lengths),
        "median_segment_duration_sec": statistics.median(lengths),
        "turn_count": len(own_turns),
        "avg_turn_length_sec": sum(turn_lengths) / len(own_turns),
        "avg_turn_length_segments": len(own) / len(own_turns),
        "is_first_speaker": segments[0]["speaker"] == speaker,
        "is_last_speaker": segments[-1]["speaker"] == speaker,
        "share_speaking_time": total / duration if duration else 0.0,
        "share_words": words / all_words if all_words else 0.0,
    }


def _turns(segments: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    turns: list[list[dict[str, Any]]] = []
    for segment in segments:
        if turns and turns[-1][0]["speaker"] == segment["speaker"]:
            turns[-1].append(segment)
        else:
            turns.append([segment])
    return turns
