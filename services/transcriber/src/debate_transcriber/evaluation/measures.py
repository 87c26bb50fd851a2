"""The error rates, counted by jiwer and pyannote.metrics."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import jiwer
import numpy as np
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate
from scipy.optimize import linear_sum_assignment

from debate_transcriber.evaluation.references import Passage

Figures = dict[str, float | int]
Words = Sequence[str]


def word_error_rate(reference: Words, hypothesis: Words) -> Figures:
    """Substitutions, deletions and insertions, and their share of the reference's words."""
    substitutions, deletions, insertions = _count(reference, hypothesis)
    errors = substitutions + deletions + insertions
    return {
        "rate": _share(errors, len(reference)),
        "words": len(reference),
        "substitutions": substitutions,
        "deletions": deletions,
        "insertions": insertions,
    }


def _count(reference: Words, hypothesis: Words) -> tuple[int, int, int]:
    if not reference or not hypothesis:
        return 0, len(reference), len(hypothesis)
    found = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
    return found.substitutions, found.deletions, found.insertions


def attributed_word_error_rate(
    reference: Sequence[Passage], hypothesis: Sequence[Passage]
) -> Figures:
    """cpWER: each speaker's words in one row, under the pairing of speakers with fewest errors.

    Watanabe et al., CHiME-6 (2020), section 4: a word said by another speaker counts as an error.
    """
    said, found = _by_speaker(reference), _by_speaker(hypothesis)
    rows = max(len(said), len(found))
    said += [()] * (rows - len(said))
    found += [()] * (rows - len(found))
    errors = np.array([[sum(_count(r, h)) for h in found] for r in said]).reshape(rows, rows)
    best = int(errors[linear_sum_assignment(errors)].sum())
    words = sum(map(len, said))
    return {"rate": _share(best, words), "words": words, "errors": best}


def _by_speaker(passages: Sequence[Passage]) -> list[Words]:
    rows: dict[str, list[str]] = defaultdict(list)
    for passage in sorted(passages, key=lambda p: p.start):
        rows[passage.speaker] += passage.words
    return list(rows.values())


def diarization_error_rate(
    reference: Sequence[Passage],
    hypothesis: Sequence[Passage],
    duration: float,
    collar: float = 0.0,
    *,
    skip_overlap: bool = False,
) -> Figures:
    """Missed speech, false alarm and confusion in seconds, and their share of the speech.

    `collar` is the whole width in seconds around each boundary of the reference that is not scored.
    """
    metric = DiarizationErrorRate(collar=collar, skip_overlap=skip_overlap)
    scored = Timeline([Segment(0, max([duration, *(turn.end for turn in reference)]))])
    found = metric(_annotate(reference), _annotate(hypothesis), uem=scored, detailed=True)
    return {
        "rate": float(found["diarization error rate"]),
        "speech": float(found["total"]),
        "missed": float(found["missed detection"]),
        "false_alarm": float(found["false alarm"]),
        "confusion": float(found["confusion"]),
        "speakers": len({turn.speaker for turn in reference}),
        "speakers_found": len({turn.speaker for turn in hypothesis}),
    }


def speaking_time_error(reference: Sequence[Passage], hypothesis: Sequence[Passage]) -> Figures:
    """Seconds by which the speakers' times are wrong, summed, and their share of all speech.

    Speakers are paired as for the diarization error rate; one without a partner is all error.
    """
    said, found = _annotate(reference), _annotate(hypothesis)
    pairs = DiarizationErrorRate().optimal_mapping(said, found)
    times = _seconds(found.rename_labels(mapping=pairs))
    true = _seconds(said)
    wrong = sum(abs(times.get(name, 0) - true.get(name, 0)) for name in {*times, *true})
    return {"rate": _share(wrong, sum(true.values())), "seconds": wrong}


def _seconds(annotation: Any) -> dict[str, float]:
    """Length of the union of each speaker's turns."""
    return {
        label: float(annotation.label_timeline(label).support().duration())
        for label in annotation.labels()
    }


def _annotate(turns: Sequence[Passage]) -> Any:
    annotation = Annotation()
    for number, turn in enumerate(turns):
        if turn.end > turn.start:
            annotation[Segment(turn.start, turn.end), number] = turn.speaker
    return annotation


def _share(part: float, whole: float) -> float:
    if whole:
        return part / whole
    return 1.0 if part else 0.0
