"""Are the words right that Whisper is sure of? Fits the curve that makes it so, and draws both.

    services/transcriber/.venv/bin/python bench/calibration.py <folder> --held-out sample azure

The folder is as for words.py. Each recording is read as it is, by telephone, in noise, and with
others talking: recordings read well have too few errors to learn from. Words of a recording that
is held out are never fitted to. The curve goes to the service with --write, the picture to --picture.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SERVICE = HERE.parent / "services" / "transcriber" / "src"
sys.path[:0] = [str(SERVICE), str(HERE)]

import jiwer
import numpy as np
from debate_transcriber.measured.calibration import Curve
from debate_transcriber.speech import SAMPLE_RATE, Waveform, Word
from references import Reference, read_references
from scipy.optimize import isotonic_regression
from scipy.signal import butter, sosfilt
from words import normalised, recognise_with

TABLE = SERVICE / "debate_transcriber" / "measured" / "calibration.json"
BINS = 10
# A curve says of no word that it is surely right or wrong, whatever the few words here were.
FLOOR, CEILING = 0.02, 0.99


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Words of one recording in one condition: what the decoder gave each, and which are right."""

    name: str
    probability: np.ndarray
    right: np.ndarray


def main() -> None:
    """Read everything, fit, test on what was held out, write what was asked for."""
    given = _arguments()
    references = [one for one in read_references(given.folder) if one.text]
    judged = list(judge_all(references, given))
    import pickle; pickle.dump([(j.name,j.probability,j.right) for j in judged],open("/tmp/judged.pkl","wb"))
    aside = [one for one in judged if any(name in one.name for name in given.held_out)]
    used = [one for one in judged if one not in aside]
    curve = fit(used)
    figures = describe(curve, used, aside)
    print(json.dumps(figures, indent=1))
    if given.write:
        _write(given.model, curve)
    if given.picture:
        from pictures import draw_calibration

        draw_calibration(curve, _pooled(aside), given.picture)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--held-out", nargs="+", default=["sample", "azure"], help="parts of names")
    parser.add_argument("--model", default="base")
    parser.add_argument("--models", type=Path, help="folder of weights; left out: the cache")
    parser.add_argument("--write", action="store_true", help="put the curve into the service")
    parser.add_argument("--picture", type=Path, help="an SVG of reliability and of what is found")
    return parser.parse_args()


def judge_all(references: Sequence[Reference], given: argparse.Namespace) -> Iterator[Judged]:
    """Every recording in every condition, the same each time."""
    recognise = recognise_with(given, calibrated=False)
    chance = np.random.default_rng(28)
    waveforms = [reference.waveform() for reference in references]
    for at, reference in enumerate(references):
        others = np.concatenate(waveforms[:at] + waveforms[at + 1 :])
        for condition, waveform in conditions(waveforms[at], others, chance):
            words = recognise(waveform).words
            judged = judge(reference, words)
            print(f"{reference.name}, {condition}: {judged.right.sum()} of {len(words)} words right")
            yield judged


def conditions(
    clean: Waveform, others: Waveform, chance: np.random.Generator
) -> Iterator[tuple[str, Waveform]]:
    """The recording as it is and made worse; levels are signal to noise in dB."""
    band = butter(4, (300, 3400), "bandpass", fs=SAMPLE_RATE, output="sos")
    telephone = sosfilt(band, clean).astype(np.float32)
    noise = chance.standard_normal(len(clean)).astype(np.float32)
    start = int(chance.integers(0, max(1, len(others) - len(clean))))
    talk = np.resize(others[start:], len(clean))
    yield "as it is", clean
    yield "by telephone", telephone
    yield "in noise, 10 dB", _mix(clean, noise, 10)
    yield "in noise, 3 dB", _mix(clean, noise, 3)
    yield "by telephone in noise, 6 dB", _mix(telephone, noise, 6)
    yield "others talking, 10 dB", _mix(clean, talk, 10)
    yield "others talking, 5 dB", _mix(clean, talk, 5)


def _mix(signal: Waveform, noise: Waveform, level: float) -> Waveform:
    power = np.mean(signal**2) / max(np.mean(noise**2), 1e-12)
    return np.clip(signal + noise * np.sqrt(power / 10 ** (level / 10)), -1, 1).astype(np.float32)


def judge(reference: Reference, words: Sequence[Word]) -> Judged:
    """Which words stand in the reference at their place; spelling is normalised word by word."""
    true = [_plain(word) for word in reference.text.split()]
    found = [_plain(word.text) for word in words]
    right = np.zeros(len(words), bool)
    if found:
        alignment = jiwer.process_words(" ".join(true), " ".join(found)).alignments[0]
        for chunk in alignment:
            if chunk.type == "equal":
                right[chunk.hyp_start_idx : chunk.hyp_end_idx] = True
    return Judged(reference.name, np.array([word.probability for word in words]), right)


def _plain(word: str) -> str:
    return normalised(word, "any").replace(" ", "") or "-"


def _pooled(judged: Sequence[Judged]) -> Judged:
    """All words as if of one recording."""
    probability = np.concatenate([one.probability for one in judged])
    return Judged("", probability, np.concatenate([one.right for one in judged]))


def fit(judged: Sequence[Judged]) -> Curve:
    """The rising curve nearest to right and wrong (isotonic regression), as few knots.

    A knot stands in the middle of each level, so that the curve rises between levels.
    """
    words = _pooled(judged)
    order = np.argsort(words.probability)
    levels = isotonic_regression(words.right[order].astype(float))
    edges = np.flatnonzero(np.diff(levels.x)) + 1
    groups = np.split(words.probability[order], edges)
    heights = np.clip(levels.x[np.concatenate([[0], edges])], FLOOR, CEILING)
    # Levels of a handful of words say nothing by themselves.
    kept = [(g, h) for g, h in zip(groups, heights, strict=True) if len(g) >= 20]
    decoder = tuple(round(float(np.median(group)), 4) for group, _ in kept)
    return Curve(decoder, tuple(round(float(height), 4) for _, height in kept))


def calibration_error(probability: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error over ten bins of equally many words (Guo et al., 2017, eq. 3)."""
    order = np.argsort(probability)
    bins = np.array_split(order, BINS)
    gaps = [abs(probability[b].mean() - right[b].mean()) * len(b) for b in bins if len(b)]
    return float(sum(gaps) / len(order))


def on_curve(curve: Curve, probability: np.ndarray) -> np.ndarray:
    """The decoder's probabilities as shares of right words."""
    return np.interp(probability, curve.decoder, curve.right)


def best_threshold(probability: np.ndarray, right: np.ndarray) -> dict[str, float]:
    """Where looking at the words below finds most errors for the words looked at.

    The largest difference of the two shares (Youden, 1950), over thresholds of whole hundredths.
    """
    grid = np.arange(0.2, 0.99, 0.01)
    looked = np.array([(probability < at).mean() for at in grid])
    errors = max(1, (~right).sum())
    found = np.array([((probability < at) & ~right).sum() / errors for at in grid])
    best = int(np.argmax(found - looked))
    shares = {"below": grid[best], "errors_found": found[best], "words_looked_at": looked[best]}
    return {name: round(float(value), 3) for name, value in shares.items()}


def describe(curve: Curve, used: Sequence[Judged], aside: Sequence[Judged]) -> dict[str, Any]:
    """Before and after, on what the curve was fitted to and on what it was not."""
    figures: dict[str, Any] = {"knots": list(zip(curve.decoder, curve.right, strict=True))}
    for name, judged in (("fitted", used), ("held_out", aside)):
        words = _pooled(judged)
        after = on_curve(curve, words.probability)
        figures[name] = {
            "words": len(words.right),
            "wrong": int((~words.right).sum()),
            "error_before": round(calibration_error(words.probability, words.right), 3),
            "error_after": round(calibration_error(after, words.right), 3),
            "uncertain": best_threshold(after, words.right),
        }
    return figures


def _write(model: str, curve: Curve) -> None:
    table = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    table[model] = {"decoder": curve.decoder, "right": curve.right}
    TABLE.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
