"""How alike the same voice is in two recordings, and how alike two voices are.

    services/transcriber/.venv/bin/python bench/accuracy/known_voices.py RECORDING...

The reference lies beside each recording; a name in two of them is one person. Each recording is
diarized as a job does, each label is the person of whom it has most, and the vectors of all labels
with enough speech are compared: cosines of pairs from different recordings.
"""

import argparse
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from references import turns_of
from voices import loaded

LEAST_SECONDS = 5.0
STEPS = np.arange(0.3, 0.85, 0.05)


class Heard(NamedTuple):
    """A label of a recording: whose voice it is, how much of it there is, and how it sounds."""

    recording: str
    person: str
    seconds: float
    vector: np.ndarray[Any, np.dtype[np.float32]]


def main() -> None:
    """Print every pair of the same person, and how many pairs of either kind each bar lets in."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recordings", nargs="+", type=Path)
    parser.add_argument("--models", type=Path, help="folder of weights; left out: the cache")
    given = parser.parse_args()
    diarizer = loaded(given.models)
    heard = [one for path in given.recordings for one in voices_of(diarizer, path)]
    same, different = pairs_of(heard)
    print(f"{len(heard)} voices of {len({one.person for one in heard})} people")
    print("\n| the same person | in | and in | cosine |\n|---|---|---|---|")
    for cosine, one, other in sorted(same, key=lambda pair: -pair[0]):
        print(f"| {one.person} | {one.recording} | {other.recording} | {cosine:.2f} |")
    print("\n| from | same, of all | different, of all |\n|---|---|---|")
    for bar in STEPS:
        counts = [sum(pair[0] >= bar for pair in pairs) for pairs in (same, different)]
        print(f"| {bar:.2f} | {counts[0]} of {len(same)} | {counts[1]} of {len(different)} |")
    print("\n| most alike of different people | | | cosine |\n|---|---|---|---|")
    for cosine, one, other in sorted(different, key=lambda pair: -pair[0])[:5]:
        rows = (f"{heard.person} in {heard.recording}" for heard in (one, other))
        print(f"| {' | '.join(rows)} | | {cosine:.2f} |")


def voices_of(diarizer: Any, path: Path) -> Iterator[Heard]:
    """The labels of a recording that the reference knows, with enough speech."""
    from debate_transcriber import audio
    from debate_transcriber.engines.speech import SAMPLE_RATE, Interval, SpeakerCount

    waveform = audio.decode(path, None, lambda *_: None)
    whole = [Interval(0.0, len(waveform) / SAMPLE_RATE)]
    found = diarizer.diarize(waveform, whole, SpeakerCount(), lambda *_: None)
    truth = turns_of(path)
    for voice in found.voices:
        mine = [turn for turn in found.exclusive if turn.label == voice.label]
        shares = {turn.speaker: 0.0 for turn in truth}
        for turn in truth:
            shares[turn.speaker] += sum(
                max(0.0, min(turn.end, own.end) - max(turn.start, own.start)) for own in mine
            )
        if voice.seconds >= LEAST_SECONDS and shares:
            person = max(shares, key=lambda name: shares[name])
            yield Heard(path.stem, person, voice.seconds, voice.vector)


def pairs_of(heard: list[Heard]) -> tuple[list[Any], list[Any]]:
    """Pairs from different recordings, each with its cosine: of one person, and of two."""
    same, different = [], []
    for one, other in combinations(heard, 2):
        if one.recording == other.recording:
            continue
        pair = (float(one.vector @ other.vector), one, other)
        (same if one.person == other.person else different).append(pair)
    return same, different


if __name__ == "__main__":
    main()
