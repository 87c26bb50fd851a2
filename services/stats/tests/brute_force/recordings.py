"""Recordings with reference annotation: RTTM for the speech, .nlp (Rev's) for the words.

One is generated, with as many speakers, stretches and words a minute as an earnings call; more are
read where the environment names a folder with some, DEBATE_REFERENCE_DATA.
"""

import os
import random
from dataclasses import dataclass
from pathlib import Path

NOBODY = "SPEAKER_UNKNOWN"


@dataclass(frozen=True)
class Recording:
    """`speech` holds (speaker, start, end), `words` (speaker, start, end, text); milliseconds."""

    name: str
    speech: tuple[tuple[str, int, int], ...]
    words: tuple[tuple[str, int, int, str], ...]

    def transcript(self, since=0, until=10**9):
        """As a transcript's object, what lies beyond the window cut off; a segment per word."""
        speech = [
            {"start": max(start, since) / 1000, "end": min(end, until) / 1000, "speaker": who}
            for who, start, end in self.speech
            if start < until and end > since
        ]
        segments = [_segment(*word) for word in self.words if since <= word[1] and word[2] <= until]
        return {"schema_version": "1.0", "transcription": segments, "speech": speech}


def _segment(who, start, end, text):
    times = {"start": start / 1000, "end": end / 1000}
    word = times | {"word": text, "probability": 0.9, "speaker": who}
    return times | {"speaker": who, "text": text, "words": [word]}


def all_recordings():
    folder = os.environ.get("DEBATE_REFERENCE_DATA")
    rttms = sorted(Path(folder).rglob("*.rttm")) if folder else []
    return [generate(), *(one for path in rttms for one in read(path))]


def generate(minutes=10, speakers=6):
    """Long turns and short ones, overlaps, gaps around half a second, words that hyphens join."""
    chance, speech, words, at = random.Random(5), [], [], 2000
    while at < minutes * 60_000:
        who = str(chance.randrange(speakers))
        end = at + chance.choice([400, 900, 3000, 9000, 20_000]) + chance.randrange(500)
        speech.append((who, at, end))
        words += _speak(chance, who, at, end)
        at = max(0, end + chance.choice([-4000, -700, 0, 200, 499, 500, 501, 1500]))
    return Recording("generated", tuple(speech), tuple(sorted(words, key=lambda word: word[1])))


def _speak(chance, who, at, end):
    while at + 150 < end:
        length = min(chance.randrange(100, 600), end - at)
        yield who, at, at + length, chance.choice(["so", "can't", "year-end", "3.5,", "why?", "…"])
        at += length + chance.choice([0, 0, 30, 249, 250, 251])


def read(path):
    """The recordings of an RTTM file; words from an .nlp file beside it that has times."""
    rows = [line.split() for line in path.read_text().splitlines() if line.startswith("SPEAKER")]
    for name in sorted({row[1] for row in rows}):
        speech = tuple(
            (row[7], _ms(row[3]), _ms(row[3]) + _ms(row[4])) for row in rows if row[1] == name
        )
        timed = sorted(path.parent.glob(f"{name}.*.nlp"))
        words = next(filter(None, (read_words(found, speech) for found in timed)), ())
        yield Recording(f"{path.stem}-{name}", speech, words)


def read_words(path, speech):
    """Each word goes to whoever speaks in its middle by the RTTM."""
    rows = [line.split("|") for line in path.read_text().splitlines()[1:]]
    found = []
    for row in rows:
        if row[2] and row[3]:
            start, end = _ms(row[2]), _ms(row[3])
            heard = [who for who, begin, stop in speech if begin <= (start + end) / 2 < stop]
            found.append((heard[0] if heard else NOBODY, start, end, row[0] + row[4]))
    return tuple(found)


def _ms(seconds):
    return round(float(seconds) * 1000)
