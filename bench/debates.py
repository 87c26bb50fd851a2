"""Generated transcripts, written as debate-transcriber writes them.

Three hours, 3,000 segments and 30,000 words each, by default.
"""

import json
import random
from pathlib import Path
from typing import Any

SPEAKERS = 6
SECONDS = 3 * 3600
SEGMENTS = 3000
WORDS_PER_SEGMENT = 10

_SYLLABLES = ("bu", "do", "ka", "le", "mi", "no", "pra", "ro", "sta", "te", "ve", "zi", "ša", "če")
_MARKS = (".", ".", ".", "?", ",", "!")


def write_debate(folder: Path, number: int, segments: int = SEGMENTS) -> Path:
    """Write the debate of that number as a job's transcript; the same on every machine."""
    path = folder / f"job-{number:06d}" / "transcripts" / f"debate-{number}_transcription.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    debate = make_debate(number, segments)
    path.write_text(json.dumps(debate, ensure_ascii=False, separators=(",", ":")))
    return path


def make_debate(number: int, segments: int = SEGMENTS) -> dict[str, Any]:
    """One debate: speakers take turns of some segments, now and then into each other's words."""
    chance = random.Random(number)
    vocabulary = [_spell(chance) for _ in range(2000)]
    step = SECONDS / SEGMENTS
    rows, speaker = [], 0
    for n in range(segments):
        if chance.random() < 0.3:
            speaker = (speaker + chance.randrange(1, SPEAKERS)) % SPEAKERS
        start = max(0.0, n * step + chance.uniform(-0.4, 0.4))
        rows.append(_segment(chance, n, start, start + step * chance.uniform(0.7, 1.1), speaker))
        _speak(rows[-1], chance, vocabulary)
    rows.sort(key=lambda row: row["start"])
    return {
        "schema_version": "1.0",
        "producer": {"name": "bench", "version": "0"},
        "created_at": "2026-01-01T00:00:00Z",
        "duration": segments * step + 5,
        "language": "cs",
        "quality": "standard",
        "speakers_count": SPEAKERS,
        "transcription": rows,
        "speech": [{key: row[key] for key in ("start", "end", "speaker")} for row in rows],
    }


def _segment(
    chance: random.Random, number: int, start: float, end: float, speaker: int
) -> dict[str, Any]:
    return {
        "id": number,
        "start": round(start, 3),
        "end": round(end, 3),
        "speaker": f"SPEAKER_{speaker:02d}",
        "confidence": round(chance.uniform(0.6, 1), 4),
        "speaker_confidence": round(chance.uniform(0.6, 1), 4),
        "overlap": False,
    }


def _speak(row: dict[str, Any], chance: random.Random, vocabulary: list[str]) -> None:
    """Give a segment its words, spread over its time as a recogniser would have them."""
    said = chance.choices(vocabulary, k=WORDS_PER_SEGMENT)
    said[-1] += chance.choice(_MARKS)
    each = (row["end"] - row["start"]) / len(said)
    row["text"] = " ".join(said)
    row["words"] = [
        {
            "word": text,
            "start": round(row["start"] + n * each, 3),
            "end": round(row["start"] + (n + chance.uniform(0.6, 1)) * each, 3),
            "probability": round(chance.uniform(0.3, 1), 4),
            "speaker": row["speaker"],
        }
        for n, text in enumerate(said)
    ]


def _spell(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.randrange(1, 5)))
