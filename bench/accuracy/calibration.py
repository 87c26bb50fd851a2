"""Are the words right that Whisper is sure of? Fits the curve that makes it so, and draws both.

    services/transcriber/.venv/bin/python bench/accuracy/calibration.py <folder> --write

The folder is as for words.py. Each recording is read as it is, by telephone, in noise, and in a
crowd: recordings read well have too few errors to learn from. There is a curve for English
and one for the other languages. Every recording is tested with a curve that was fitted to all but
it; the curve fitted to all goes to the service with --write.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
from debate_transcriber.engines.speech import SAMPLE_RATE, Waveform, Word
from debate_transcriber.measured.calibration import NEAREST, Curve, group_of
from references import Reference, read_references
from scipy.optimize import minimize
from scipy.signal import butter, sosfilt
from words import normalised, recognise_with

SERVICE = Path(__file__).resolve().parents[2] / "services" / "transcriber" / "src"
TABLE = SERVICE / "debate_transcriber" / "measured" / "calibration.json"
BINS = 10
CROWD = 8


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Words of one recording in one condition: what the decoder gave each, and which are right."""

    name: str
    language: str
    probability: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """Words of a group; `after`: on a curve fitted without the word's recording."""

    before: np.ndarray
    after: np.ndarray
    right: np.ndarray


def main() -> None:
    """Read, test each recording on a curve of the others, fit, write what was asked for."""
    given = _arguments()
    references = [one for one in read_references(given.folder) if one.text]
    if given.model.endswith(".en"):
        references = [one for one in references if one.language == "en"]
    judged = list(judge_all(references, given))
    groups = {
        group: [one for one in judged if group_of(one.language) == group]
        for group in ("en", "other")
    }
    groups = {group: found for group, found in groups.items() if found}
    tested = {group: leave_one_out(found) for group, found in groups.items()}
    print(json.dumps({group: describe(one) for group, one in tested.items()}, indent=1))
    if given.write:
        _write(given.model, {group: fit(found) for group, found in groups.items()})
    if given.picture:
        from pictures import draw_calibration

        draw_calibration(tested, given.picture)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
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
            print(
                f"{reference.name}, {condition}: {judged.right.sum()} of {len(words)} words right"
            )
            yield judged


def conditions(
    clean: Waveform, others: Waveform, chance: np.random.Generator
) -> Iterator[tuple[str, Waveform]]:
    """The recording as it is and made worse; levels are signal to noise in dB."""
    band = butter(4, (300, 3400), "bandpass", fs=SAMPLE_RATE, output="sos")
    telephone = sosfilt(band, clean).astype(np.float32)
    noise = chance.standard_normal(len(clean)).astype(np.float32)
    # Of two who talk Whisper may well write down the other: a crowd, of whom nobody is heard.
    shifts = chance.integers(0, len(others), CROWD)
    crowd = np.sum([np.resize(np.roll(others, shift), len(clean)) for shift in shifts], axis=0)
    yield "as it is", clean
    yield "by telephone", telephone
    yield "in noise, 10 dB", _mix(clean, noise, 10)
    yield "in noise, 3 dB", _mix(clean, noise, 3)
    yield "by telephone in noise, 6 dB", _mix(telephone, noise, 6)
    yield "in a crowd, 10 dB", _mix(clean, crowd, 10)
    yield "in a crowd, 5 dB", _mix(clean, crowd, 5)


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
    return Judged(
        reference.name, reference.language, np.array([word.probability for word in words]), right
    )


def _plain(word: str) -> str:
    return normalised(word, "any").replace(" ", "") or "-"


def fit(judged: Sequence[Judged]) -> Curve:
    """The curve of the highest likelihood (Platt, 1999)."""
    probability = np.concatenate([one.probability for one in judged])
    signs = 2.0 * np.concatenate([one.right for one in judged]) - 1
    clipped = np.clip(probability, NEAREST, 1 - NEAREST)
    odds = np.log(clipped / (1 - clipped))

    def loss(curve: np.ndarray) -> float:
        return float(np.logaddexp(0, -signs * (curve[0] * odds + curve[1])).mean())

    slope, offset = minimize(loss, [1.0, 0.0]).x
    return Curve(round(float(slope), 4), round(float(offset), 4))


def leave_one_out(judged: Sequence[Judged]) -> Tested:
    """Every recording, in all its conditions, on the curve of the others."""
    after = []
    for one in judged:
        others = [other for other in judged if other.name != one.name]
        after.append(fit(others or judged).shares(one.probability))
    before = np.concatenate([one.probability for one in judged])
    return Tested(before, np.concatenate(after), np.concatenate([one.right for one in judged]))


def calibration_error(probability: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error over ten bins of equally many words (Guo et al., 2017, eq. 3)."""
    bins = np.array_split(np.argsort(probability), BINS)
    gaps = [abs(probability[b].mean() - right[b].mean()) * len(b) for b in bins if len(b)]
    return float(sum(gaps) / len(right))


def best_threshold(probability: np.ndarray, right: np.ndarray) -> dict[str, float]:
    """Below which words are worth a look: the largest F measure of errors found.

    It weighs the share of the errors that are found against the share of looks that find one.
    """
    grid = np.arange(0.3, 0.96, 0.05)
    looked = np.array([(probability < at).sum() for at in grid])
    found = np.array([((probability < at) & ~right).sum() for at in grid])
    best = int(np.argmax(2 * found / np.maximum(1, looked + (~right).sum())))
    return {
        "below": round(float(grid[best]), 2),
        "of_errors_found": round(float(found[best] / max(1, (~right).sum())), 3),
        "of_words_looked_at": round(float(looked[best] / len(right)), 3),
    }


def describe(tested: Tested) -> dict[str, Any]:
    """Before and after."""
    return {
        "words": len(tested.right),
        "wrong": int((~tested.right).sum()),
        "error_before": round(calibration_error(tested.before, tested.right), 3),
        "error_after": round(calibration_error(tested.after, tested.right), 3),
        "uncertain": best_threshold(tested.after, tested.right),
    }


def _write(model: str, curves: Mapping[str, Curve]) -> None:
    table = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    table[model] = {group: asdict(curve) for group, curve in curves.items()}
    TABLE.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
