"""Generated transcripts, written as debate-transcriber writes them.

Three hours, 3,000 segments and 30,000 words each, by default.
"""

import json
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

SPEAKERS = 6
SECONDS = 3 * 3600
SEGMENTS = 3000
WORDS_PER_SEGMENT = 10
# So many in a row say the same under titles of their own: it takes long to make up a debate.
ALIKE = 20

_SYLLABLES = ("bu", "do", "ka", "le", "mi", "no", "pra", "ro", "sta", "te", "ve", "zi", "ša", "če")
_MARKS = (".", ".", ".", "?", ",", "!")


def write_debates(folder: Path, numbers: Sequence[int], segments: int = SEGMENTS) -> list[Path]:
    """Write the debates of those numbers, in two processes."""
    write = partial(write_debate, folder, segments=segments)
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(write, numbers, chunksize=ALIKE))


def write_debate(folder: Path, number: int, segments: int = SEGMENTS) -> Path:
    """Write the debate of that number as a job's transcript; the same on every machine."""
    path = folder / f"job-{number:06d}" / "transcripts" / f"debate-{number}_transcription.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = _dump(
        {
            "schema_version": "1.0",
            "producer": {"name": "bench", "version": "0"},
            "created_at": "2026-01-01T00:00:00Z",
            "media": {"source": {"title": f"Debate {number}", "upload_date": "2026-01-01"}},
        }
    )
    path.write_text(f"{head[:-1]},{_body(number // ALIKE, segments)[1:]}")
    return path


@lru_cache(maxsize=1)
def _body(number: int, segments: int) -> str:
    return _dump(make_debate(number, segments))


def _dump(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def make_debate(number: int, segments: int = SEGMENTS) -> dict[str, Any]:
    """What is said in it: speakers take turns of some segments, now and then into each other's."""
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
