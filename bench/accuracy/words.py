"""How right the words are, and what they cost: recordings with references, alone and joined.

    services/transcriber/.venv/bin/python bench/accuracy/words.py <folder> --sides ours stock

The folder holds sound files with their references beside them (references.py). Each is read
alone, without a language given; then all of them as one recording with pauses of 1.5 s, languages
mixed. Weights come from --models or this user's cache.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
from debate_transcriber.audio.voice_activity import find_speech
from debate_transcriber.engines.speech import SAMPLE_RATE, Interval, Waveform, Word
from references import Reference, read_references
from whisper.normalizers import BasicTextNormalizer, EnglishTextNormalizer

PAUSE = 1.5  # s between the recordings that are joined
LOST = 3.0  # s of voice activity without a word that count as lost


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recogniser made of a recording."""

    words: list[Word]
    speech: list[Interval]
    language: str | None = None
    unheard: list[Any] = field(default_factory=list)


Recognise = Callable[[Waveform], Heard]


@dataclass(slots=True)
class Score:
    """Errors of one recording alone and in the joined one; `lost` in seconds."""

    name: str
    language: str
    words: int
    alone: int
    joined: int = 0
    lost: float = 0.0


def main() -> None:
    """Measure each side, print its table, write the figures."""
    given = _arguments()
    references = read_references(given.folder)
    references = [r for r in references if not given.only or any(o in r.name for o in given.only)]
    figures = {}
    for side in given.sides:
        recognise = SIDES[side](given)
        figures[side] = measure(references, recognise, given.show)
        print(f"\n{side}, Whisper {given.model}\n{table(figures[side])}", flush=True)
    if given.output:
        given.output.write_text(json.dumps(figures, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=["ours"])
    parser.add_argument("--model", default="base")
    parser.add_argument("--models", type=Path, help="folder of weights; left out: the cache")
    parser.add_argument("--only", nargs="+", help="recordings with this in their name")
    parser.add_argument("--show", action="store_true", help="print what was heard")
    parser.add_argument("--output", type=Path, help="write the figures as JSON")
    return parser.parse_args()


def measure(references: Sequence[Reference], recognise: Recognise, show: bool) -> dict[str, Any]:
    """Errors per recording, alone and joined, seconds lost, CPU seconds per hour of audio."""
    waveforms = [reference.waveform() for reference in references]
    recognise(waveforms[0])  # what is compiled and allocated once is not counted
    alone, cost_alone = _timed(recognise, waveforms)
    joined, spans = join(waveforms)
    (together,), cost_joined = _timed(recognise, [joined])
    scores = []
    for reference, heard, span in zip(references, alone, spans, strict=True):
        inside = [w for w in together.words if span.start <= (w.start + w.end) / 2 <= span.end]
        scores.append(_score(reference, heard, inside))
        if show:
            print(reference.name, "|", _text(heard.words), "|", _text(inside))
    return {
        "scores": [asdict(score) for score in scores],
        "lost_joined": [asdict(i) for i in find_lost(together.words, together.speech)],
        "unheard": [asdict(u) for u in together.unheard],
        "word_times": word_times(references, alone),
        "long_words": sum(w.end - w.start > 1.0 for w in together.words),
        "cpu_s_per_hour": {"alone": cost_alone, "joined": cost_joined},
        "load": round(os.getloadavg()[0], 1),
    }


def _timed(recognise: Recognise, waveforms: Sequence[Waveform]) -> tuple[list[Heard], int]:
    """What is heard, and CPU seconds per hour."""
    begun = time.process_time()
    heard = [recognise(waveform) for waveform in waveforms]
    seconds = sum(map(len, waveforms)) / SAMPLE_RATE
    return heard, round((time.process_time() - begun) / seconds * 3600)


def _score(reference: Reference, heard: Heard, joined: Sequence[Word]) -> Score:
    lost = sum(i.end - i.start for i in find_lost(heard.words, heard.speech))
    count = len(normalised(reference.text, reference.language).split())
    wrong = (errors(reference, heard.words), errors(reference, joined))
    return Score(reference.name, reference.language, count, *wrong, lost)


def join(waveforms: Sequence[Waveform]) -> tuple[Waveform, list[Interval]]:
    """One recording of all, and where each of them lies in it."""
    silence = np.zeros(round(PAUSE * SAMPLE_RATE), np.float32)
    spans, start = [], 0.0
    for waveform in waveforms:
        spans.append(Interval(start, start + len(waveform) / SAMPLE_RATE))
        start = spans[-1].end + PAUSE
    return np.concatenate([part for waveform in waveforms for part in (waveform, silence)]), spans


def errors(reference: Reference, words: Sequence[Word]) -> int:
    """Words inserted, deleted and substituted; 0 where nobody knows the text."""
    true = normalised(reference.text, reference.language)
    if not true:
        return 0
    found = jiwer.process_words(true, normalised(_text(words), reference.language))
    return int(found.substitutions + found.deletions + found.insertions)


def _text(words: Sequence[Word]) -> str:
    return "".join(" " * word.space_before + word.text for word in words).strip()


def normalised(text: str, language: str) -> str:
    """The text as it is compared: Whisper's own normalisation, apostrophes straight first."""
    straight = text.replace("’", "'")  # noqa: RUF001
    return str(_normalizer(language)(straight))


@cache
def _normalizer(language: str) -> Any:
    return EnglishTextNormalizer() if language == "en" else BasicTextNormalizer()


def find_lost(words: Sequence[Word], speech: Sequence[Interval]) -> list[Interval]:
    """Where `LOST` seconds of voice activity and more pass between two words."""
    edges = [0.0, *(t for word in words for t in (word.start, word.end)), float("inf")]
    gaps = [Interval(*pair) for pair in zip(edges[::2], edges[1::2], strict=True)]
    found = []
    for gap in gaps:
        inside = [Interval(max(gap.start, s.start), min(gap.end, s.end)) for s in speech]
        inside = [i for i in inside if i.end > i.start]
        if sum(i.end - i.start for i in inside) >= LOST:
            found.append(Interval(inside[0].start, inside[-1].end))
    return found


def word_times(references: Sequence[Reference], heard: Sequence[Heard]) -> dict[str, float]:
    """How far starts and ends are from the reference's, in s: mean, median of the distance."""
    pairs = [
        (true, word)
        for reference, result in zip(references, heard, strict=True)
        for true, word in _same_words(reference, result.words)
    ]
    if not pairs:
        return {}
    starts = np.array([word.start - true.start for true, word in pairs])
    ends = np.array([word.end - true.end for true, word in pairs])
    return {
        "words": len(pairs),
        "start": round(float(starts.mean()), 3),
        "start_off": round(float(np.median(abs(starts))), 3),
        "start_off_90": round(float(np.quantile(abs(starts), 0.9)), 3),
        "end": round(float(ends.mean()), 3),
        "end_off": round(float(np.median(abs(ends))), 3),
        "end_off_90": round(float(np.quantile(abs(ends), 0.9)), 3),
    }


def _same_words(reference: Reference, words: Sequence[Word]) -> list[tuple[Any, Word]]:
    if not reference.words or not words:
        return []
    true = [normalised(w.text, "xx").replace(" ", "") or "-" for w in reference.words]
    found = [normalised(w.text, "xx").replace(" ", "") or "-" for w in words]
    chunks = jiwer.process_words(" ".join(true), " ".join(found)).alignments[0]
    return [
        (reference.words[chunk.ref_start_idx + i], words[chunk.hyp_start_idx + i])
        for chunk in chunks
        if chunk.type == "equal"
        for i in range(chunk.ref_end_idx - chunk.ref_start_idx)
    ]


def table(figures: dict[str, Any]) -> str:
    """The figures for people: word error rates, then what else was found."""
    rows = [Score(**row) for row in figures["scores"]]
    sums = [
        _sum("English", [r for r in rows if r.language == "en" and not is_by_telephone(r.name)]),
        _sum("other languages", [r for r in rows if r.language != "en"]),
    ]
    lines = ["| recording | words | alone | joined | lost, s |", "|---|---|---|---|---|"]
    for row in [*rows, *sums]:
        rates = [f"{n / row.words:.3f}" if row.words else "" for n in (row.alone, row.joined)]
        lines.append(f"| {row.name} | {row.words} | {' | '.join(rates)} | {row.lost:.1f} |")
    rest = {key: value for key, value in figures.items() if key != "scores"}
    return "\n".join([*lines, "", *(f"{key}: {value}" for key, value in rest.items())])


def is_by_telephone(name: str) -> bool:
    """Whether a recording is left out of the English that is easy to hear."""
    return name.endswith("sample")


def _sum(name: str, rows: Sequence[Score]) -> Score:
    total = Score(name, "", 0, 0)
    for row in rows:
        total = replace(
            total,
            words=total.words + row.words,
            alone=total.alone + row.alone,
            joined=total.joined + row.joined,
            lost=total.lost + row.lost,
        )
    return total


def recognise_with(
    given: argparse.Namespace, beam_size: int | None = None, *, calibrated: bool = True
) -> Recognise:
    """Our recogniser with voice activity before it; its probabilities as they are or on a curve."""
    from debate_transcriber.engines import EngineSettings, whisper
    from debate_transcriber.engines.speech import Hints

    settings = EngineSettings("cpu", given.model, given.models, beam_size=beam_size)
    recogniser = whisper.load(settings)
    recogniser.calibrated = calibrated

    def recognise(waveform: Waveform) -> Heard:
        speech = find_speech(waveform, lambda *_: None)
        found = recogniser.recognise(waveform, speech, Hints(), lambda *_: None)
        return Heard(found.words, speech, found.language, found.unheard)

    return recognise


def _stock(given: argparse.Namespace) -> Recognise:
    from debate_transcriber.engines.whisper.model import load_model

    model = load_model(given.model, given.models, "cpu").model

    def recognise(waveform: Waveform) -> Heard:
        found = model.transcribe(waveform, word_timestamps=True, fp16=False)
        words = [
            Word(w["word"].strip(), w["start"], w["end"], w["probability"])
            for segment in found["segments"]
            for w in segment["words"]
        ]
        return Heard(words, find_speech(waveform, lambda *_: None), found["language"])

    return recognise


SIDES: dict[str, Callable[[argparse.Namespace], Recognise]] = {
    "ours": recognise_with,
    "greedy": partial(recognise_with, beam_size=1),
    "beam": partial(recognise_with, beam_size=5),
    "stock": _stock,
}


if __name__ == "__main__":
    main()
