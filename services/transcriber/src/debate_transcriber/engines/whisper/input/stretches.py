"""Where the language changes inside a chunk, which then is cut: Whisper writes one language only.

The encoder has heard the whole chunk. Asking the decoder for the language of some of its frames
costs one token, a hundredth of what the chunk costs; so every stretch between two pauses is asked
about, and the likeliest row of languages under which there are few changes is taken.

stretches   ━━━━━━━ ━━━━━   ━━━━━━━━━━━ ━━━━
likeliest   en 0.9  en 0.6  de 0.9      la 0.4
chunks      ┝━━━━━━━━━━━━┥  ┝━━━━━━━━━━━━━━━━┥
"""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from debate_transcriber.engines.speech import Interval
from debate_transcriber.engines.whisper.decoding.passes import EncodedAudio
from debate_transcriber.engines.whisper.input.chunks import Chunk
from debate_transcriber.engines.whisper.input.language import Probabilities, detect_languages

FRAMES_PER_SECOND = 50  # of the encoder
SHORTEST_PAUSE = 0.3  # s; over a shorter one nobody hands over to an interpreter
LIKELY = 0.5  # a language comes into question if it is as probable as this in a stretch
LEAST = 0.01  # no language is less probable than this
UNIT = 3.0  # s of speech that weigh as much as a detection by itself
HEAVIEST = 3.0  # such units
CHANGE = 3.0  # what a change costs, as the logarithm of a likelihood


def cut_by_language(
    model: Any, audio: EncodedAudio, chunk: Chunk, speech: Sequence[Interval]
) -> list[Chunk]:
    """The chunk, or its parts where the language changes in it; `audio` is its one window."""
    stretches = stretches_of(chunk, speech)
    if len(stretches) < 2 or not model.is_multilingual:
        return [chunk]
    found = [_detect(model, audio, chunk, stretch) for stretch in stretches]
    seconds = [stretch.speech_seconds for stretch in stretches]
    rows = zip(stretches, likeliest_languages(found, seconds), strict=True)
    parts = [[s for s, _ in group] for _, group in groupby(rows, lambda row: row[1])]
    return [chunk] if len(parts) == 1 else [_join(part) for part in parts]


def stretches_of(chunk: Chunk, speech: Sequence[Interval]) -> list[Chunk]:
    """The speech of a chunk, cut at its pauses."""
    inside = [Interval(max(chunk.start, s.start), min(chunk.end, s.end)) for s in speech]
    found: list[Chunk] = []
    for piece in inside:
        if piece.end <= piece.start:
            continue
        alone = Chunk(piece.start, piece.end, piece.end - piece.start)
        if found and piece.start - found[-1].end < SHORTEST_PAUSE:
            alone = _join([found.pop(), alone])
        found.append(alone)
    return found


def _join(parts: Sequence[Chunk]) -> Chunk:
    return Chunk(parts[0].start, parts[-1].end, sum(part.speech_seconds for part in parts))


def _detect(model: Any, audio: EncodedAudio, chunk: Chunk, stretch: Chunk) -> Probabilities:
    first, last = (
        round((time - chunk.start) * FRAMES_PER_SECOND) for time in (stretch.start, stretch.end)
    )
    (found,) = detect_languages(model, audio.between(first, max(last, first + 1)))
    return found


def likeliest_languages(stretches: Sequence[Probabilities], seconds: Sequence[float]) -> list[str]:
    """The language of each stretch, by the likeliest row of languages (Viterbi's algorithm)."""
    candidates = sorted({code for found in stretches for code in found if found[code] >= LIKELY})
    if len(candidates) < 2:
        return (candidates or [""]) * len(stretches)
    best = {code: (0.0, [code]) for code in candidates}  # cost and row that end in a language
    for number, found in enumerate(stretches):
        weight = min(seconds[number] / UNIT, HEAVIEST)
        step = {}
        for code in candidates:
            cost, row = min(
                (before + CHANGE * (row[-1] != code), row) for before, row in best.values()
            )
            cost -= weight * math.log(max(found.get(code, 0.0), LEAST))
            step[code] = (cost, [*row, code])
        best = step
    return min(best.values())[1][1:]
