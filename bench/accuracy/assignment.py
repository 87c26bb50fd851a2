"""How many words get the right speaker, by three rules, on a call of Earnings-21.

    services/transcriber/.venv/bin/python bench/accuracy/assignment.py --reference 4387332.ref.nlp \
        --rttm 4387332.rttm --recognised 4387332.google.nlp --recognised 4387332.amazon.nlp

The files are those of https://github.com/revdotcom/speech-datasets (earnings21, CC BY-SA 4.0):
words of a person with their speakers, turns of a person, and what two services made of the audio,
with times. The words of each service are given to the turns of the person, and to the same with the
faults of a machine: edges that are off, short turns of somebody who was silent; once more without
punctuation. A word's true speaker is the one of the reference's word that it is aligned with.
"""

import argparse
import csv
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import jiwer
import numpy as np
from debate_transcriber.engines.speech import Turn, Word
from debate_transcriber.evaluation.references import read_rttm, split_words
from debate_transcriber.transcript.assignment import assign_words
from debate_transcriber.transcript.sentences import split_sentences
from scipy.optimize import linear_sum_assignment


@dataclass(frozen=True)
class Said:
    """A word and the one who said it."""

    word: Word
    speaker: str


def main() -> None:
    """Print right and wrong words by rule, for each pair of words and turns."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--rttm", type=Path, required=True)
    parser.add_argument("--recognised", type=Path, action="append", required=True)
    options = parser.parse_args()
    reference = read_nlp(options.reference)
    services = {file.name.split(".")[1]: read_nlp(file) for file in options.recognised}
    services |= {f"{name}, no marks": without_marks(said) for name, said in services.items()}
    person = exclusive([Turn(p.start, p.end, p.speaker) for p in read_rttm(options.rttm)])
    cases = {
        "a person's": person,
        "edges off by 0.2 s": unsteady(person, 0.2),
        "edges off by 0.4 s": unsteady(person, 0.4),
        "100 false turns of 0.3 s": interrupted(person, 100, 0.3),
        "100 false turns of 0.6 s": interrupted(person, 100, 0.6),
    }
    print(f"{'words':<18}{'turns':<26}{'words compared':>15}" + "".join(f"{r:>22}" for r in RULES))
    for name, said in services.items():
        truth = true_speakers(reference, said)
        for source, turns in cases.items():
            words = [item.word for item in said]
            errors = [wrong_words(rule(words, turns), truth) for rule in RULES.values()]
            shares = "".join(f"{n:>12} ({n / len(truth):6.2%})" for n in errors)
            print(f"{name:<18}{source:<26}{len(truth):>15}{shares}")


def read_nlp(file: Path) -> list[Said]:
    """Read token, speaker, times and punctuation; the reference has no times."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="|", quoting=csv.QUOTE_NONE))
    return [
        Said(
            Word(r["token"] + r["punctuation"], float(r["ts"] or 0), float(r["endTs"] or 0), 1.0),
            r["speaker"],
        )
        for r in rows
    ]


def without_marks(said: Sequence[Said]) -> list[Said]:
    """Take the punctuation away, so that only pauses end a sentence."""
    return [replace(s, word=replace(s.word, text=s.word.text.rstrip(",.?!"))) for s in said]


def true_speakers(reference: Sequence[Said], said: Sequence[Said]) -> dict[int, str]:
    """Return the speaker of each recognised word that a word of the reference is aligned with."""
    texts = [" ".join(comparable(item) for item in items) for items in (reference, said)]
    (chunks,) = jiwer.process_words(*texts).alignments
    return {
        chunk.hyp_start_idx + i: reference[chunk.ref_start_idx + i].speaker
        for chunk in chunks
        if chunk.type in {"equal", "substitute"}
        for i in range(chunk.hyp_end_idx - chunk.hyp_start_idx)
    }


def comparable(item: Said) -> str:
    """One word for each item, so that positions stay."""
    return "".join(split_words(item.word.text)) or "-"


def exclusive(turns: Sequence[Turn]) -> list[Turn]:
    """Give every moment to the one who began to speak last."""
    edges = sorted({edge for turn in turns for edge in (turn.start, turn.end)})
    cut = []
    for start, end in pairwise(edges):
        speaking = [turn for turn in turns if turn.start <= start and turn.end >= end]
        if speaking:
            cut.append(Turn(start, end, max(speaking, key=lambda turn: turn.start).label))
    return cut


def interrupted(turns: Sequence[Turn], count: int, seconds: float) -> list[Turn]:
    """Put short turns of others at random moments into long ones."""
    rng = random.Random(0)
    labels = sorted({turn.label for turn in turns})
    long = [i for i, turn in enumerate(turns) if turn.end - turn.start > 3 * seconds]
    chosen = set(rng.sample(long, min(count, len(long))))
    return [
        part
        for i, turn in enumerate(turns)
        for part in (broken(turn, labels, seconds, rng) if i in chosen else [turn])
    ]


def broken(turn: Turn, labels: Sequence[str], seconds: float, rng: random.Random) -> list[Turn]:
    """Cut a turn in three, the middle one somebody else's."""
    start = rng.uniform(turn.start + seconds, turn.end - 2 * seconds)
    other = rng.choice([label for label in labels if label != turn.label])
    return [
        Turn(turn.start, start, turn.label),
        Turn(start, start + seconds, other),
        Turn(start + seconds, turn.end, turn.label),
    ]


def unsteady(turns: Sequence[Turn], seconds: float) -> list[Turn]:
    """Move every edge between two speakers by a normal deviate of so many seconds."""
    rng = random.Random(0)
    moved = [turns[0]]
    for before, turn in pairwise(turns):
        shift = rng.gauss(0, seconds) if before.label != turn.label else 0.0
        last = moved.pop()
        shift = min(max(shift, last.start - last.end), turn.end - turn.start)
        moved.append(replace(last, end=last.end + shift))
        moved.append(replace(turn, start=turn.start + shift))
    return [turn for turn in moved if turn.end > turn.start]


def blind(words: Sequence[Word], turns: Sequence[Turn]) -> list[str]:
    """Each word by itself: split wherever a turn ends."""
    return [assign_words([word], turns)[0].label for word in words]


def by_sentence(words: Sequence[Word], turns: Sequence[Turn]) -> list[str]:
    """Each sentence to the one who says most of it: never split."""
    pairs = list(zip(words, blind(words, turns), strict=True))
    return [
        label
        for sentence in split_sentences(pairs, lambda pair: pair[0])
        for label in [loudest(sentence)] * len(sentence)
    ]


def loudest(sentence: Sequence[tuple[Word, str]]) -> str:
    """Return the label with most seconds."""
    seconds: Counter[str] = Counter()
    for word, label in sentence:
        seconds[label] += word.end - word.start
    return seconds.most_common(1)[0][0]


def guarded(words: Sequence[Word], turns: Sequence[Turn]) -> list[str]:
    """The transcriber's rule: split where there is evidence."""
    return [item.label for item in assign_words(words, turns)]


RULES = {"blind split": blind, "no split": by_sentence, "guarded split": guarded}


def wrong_words(labels: Sequence[str], truth: dict[int, str]) -> int:
    """Count the words with the wrong speaker under the best pairing of labels and speakers."""
    common = Counter((labels[i], speaker) for i, speaker in truth.items())
    rows, columns = (sorted(set(side)) for side in zip(*common, strict=True))
    table = np.array([[common[row, column] for column in columns] for row in rows])
    return len(truth) - int(table[linear_sum_assignment(table, maximize=True)].sum())


if __name__ == "__main__":
    main()
