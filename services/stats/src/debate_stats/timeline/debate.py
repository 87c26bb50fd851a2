"""A transcript with numbers for speakers: what every figure is computed from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from debate_stats.timeline.cast import Cast, find_cast
from debate_stats.timeline.interactions import Interactions, find_interactions
from debate_stats.timeline.intervals import Ints, Spans, bridge, to_us
from debate_stats.timeline.speaking_time import find_runs
from debate_stats.timeline.turns import TurnTaking, compute_turn_taking
from debate_stats.transcript.parsing import Timed, Transcript
from debate_stats.transcript.timed_text import Texts
from debate_stats.transcript.words import Words, find_words


@dataclass(frozen=True, slots=True)
class Debate:
    """One debate: `speech` is the union per speaker, `unknown` speech of nobody known, `runs` words
    without a pause between, `defects` where nobody can tell whether anyone speaks.
    """

    transcript: Transcript
    cast: Cast
    speech: Spans
    unknown: Spans
    segment_speaker: Ints
    words: Words
    word_speaker: Ints
    runs: Spans
    taking: TurnTaking
    events: Interactions
    defects: Spans

    @property
    def overlaps_known(self) -> bool:
        """Whether there would be any if two had spoken at once; what is there was heard."""
        return self.transcript.overlaps_heard or len(self.events.overlaps) > 0

    def count(self, speaker: Ints) -> Ints:
        """How often each speaker occurs; -1, nobody known, is left out."""
        return np.bincount(speaker[speaker >= 0], minlength=len(self.cast))


def prepare_debate(transcript: Transcript, people: Mapping[str, str | None]) -> Debate:
    """Number the speakers, join labels of one person, find words, turns and what passes between."""
    cast = find_cast(transcript, people)
    everyone = _spans(transcript.speech, cast)
    speech = bridge(everyone[everyone.speaker >= 0])
    segment_speaker = cast.speakers_of(transcript.segments.label)
    words = find_words(transcript.texts, transcript.language)
    word_speaker = segment_speaker[words.segment]
    taking = compute_turn_taking(speech, words.at_us, word_speaker)
    defects = _defects(transcript.defects)
    return Debate(
        transcript=transcript,
        cast=cast,
        speech=speech,
        unknown=_unknown(transcript, everyone, segment_speaker),
        segment_speaker=segment_speaker,
        words=words,
        word_speaker=word_speaker,
        runs=find_runs(_word_spans(transcript.texts, segment_speaker)),
        taking=taking,
        events=find_interactions(speech, taking, defects),
        defects=defects,
    )


def _spans(timed: Timed, cast: Cast) -> Spans:
    start, end = to_us(timed.start), to_us(timed.end)
    return Spans(start, end, cast.speakers_of(timed.label))[start < end]


def _defects(timed: Timed) -> Spans:
    start, end = to_us(timed.start), to_us(timed.end)
    return bridge(Spans(start, end, np.zeros_like(start))[start < end])


def _word_spans(texts: Texts, segment_speaker: Ints) -> Spans:
    start, end = to_us(texts.start), to_us(texts.end)
    speaker = segment_speaker[texts.segment]
    return Spans(start, end, speaker)[texts.is_word & (speaker >= 0) & (start < end)]


def _unknown(transcript: Transcript, everyone: Spans, segment_speaker: Ints) -> Spans:
    """Speech of nobody known: by the diarization, and the words that no speaker was found for."""
    texts = transcript.texts
    start, end = to_us(texts.start), to_us(texts.end)
    lost = (segment_speaker[texts.segment] < 0) & (start < end)
    nobody = everyone.speaker < 0
    start = np.concatenate((everyone.start_us[nobody], start[lost]))
    end = np.concatenate((everyone.end_us[nobody], end[lost]))
    return bridge(Spans(start, end, np.zeros_like(start)))
