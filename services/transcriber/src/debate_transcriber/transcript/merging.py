"""Words and turns to segments; what was heard of each speaker alone becomes one transcript."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from debate_transcriber.engines.speech import Diarization, Recognition, Turn
from debate_transcriber.transcript.assignment import UNKNOWN, LabelledWord, assign_words
from debate_transcriber.transcript.segments import Segment, cut_segments

Part = tuple[Recognition, Diarization]


def merge(parts: Sequence[Part]) -> tuple[Recognition, Diarization, list[Segment]]:
    """Cut one part into segments; of several each is one speaker's, and overlaps are kept."""
    if len(parts) == 1:
        recognition, diarization = parts[0]
        words = assign_words(recognition.words, diarization.exclusive)
        return recognition, diarization, cut_segments(words, diarization.speech)
    labels = _labels(parts)
    own = [_relabelled(part[1], label) for part, label in zip(parts, labels, strict=True)]
    diarization = _together(own)
    segments = [
        segment
        for (recognition, _), label, voices in zip(parts, labels, own, strict=True)
        for segment in cut_segments(_words_of(recognition, voices, label), diarization.speech)
    ]
    segments.sort(key=lambda segment: (segment.start, segment.end))
    return _recognition([part[0] for part in parts]), diarization, segments


def _labels(parts: Sequence[Part]) -> list[str]:
    """SPEAKER_00, SPEAKER_01, … in order of first appearance."""
    firsts = [_first_moment(part) for part in parts]
    order = sorted(range(len(parts)), key=lambda number: (firsts[number], number))
    return [f"SPEAKER_{order.index(number):02}" for number in range(len(parts))]


def _first_moment(part: Part) -> float:
    recognition, diarization = part
    starts = [word.start for word in recognition.words] + [t.start for t in diarization.speech]
    return min(starts, default=float("inf"))


def _relabelled(diarization: Diarization, label: str) -> Diarization:
    """One speaker's turns; what little an engine gave to a second voice is the first one's too."""
    named = partial(replace, label=label)
    longest = sorted(diarization.voices, key=lambda voice: -voice.seconds)[:1]
    return replace(
        diarization,
        speech=_joined([named(turn) for turn in diarization.speech]),
        exclusive=_joined([named(turn) for turn in diarization.exclusive]),
        voices=[named(voice) for voice in longest],
    )


def _joined(turns: Sequence[Turn]) -> list[Turn]:
    """Turns of one label, none of which touches another."""
    joined: list[Turn] = []
    for turn in sorted(turns, key=lambda turn: turn.start):
        if joined and turn.start <= joined[-1].end:
            joined[-1] = replace(joined[-1], end=max(turn.end, joined[-1].end))
        else:
            joined.append(turn)
    return joined


def _together(own: Sequence[Diarization]) -> Diarization:
    def in_order(turns: chain[Turn]) -> list[Turn]:
        return sorted(turns, key=lambda turn: (turn.start, turn.end, turn.label))

    voices = chain.from_iterable(one.voices for one in own)
    return replace(
        own[0],
        speech=in_order(chain.from_iterable(one.speech for one in own)),
        exclusive=in_order(chain.from_iterable(one.exclusive for one in own)),
        voices=sorted(voices, key=lambda voice: voice.label),
    )


def _words_of(recognition: Recognition, voices: Diarization, label: str) -> list[LabelledWord]:
    """All words are the one speaker's, those far from any turn too."""
    words = assign_words(recognition.words, voices.exclusive)
    return [replace(word, label=label) if word.label == UNKNOWN else word for word in words]


def _recognition(parts: Sequence[Recognition]) -> Recognition:
    """All words in order; the language is that of the part with the most words."""
    words = sorted(chain.from_iterable(p.words for p in parts), key=lambda w: (w.start, w.end))
    unheard = sorted(chain.from_iterable(p.unheard for p in parts), key=lambda u: u.start)
    main = max(parts, key=lambda part: len(part.words))
    return replace(main, words=words, unheard=unheard)
