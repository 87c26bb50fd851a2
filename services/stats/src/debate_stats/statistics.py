"""All figures of a debate: additive components first, then the values made from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from debate_stats.cast import Cast, find_cast
from debate_stats.figures import FloorTime, SpeakerStatistics, Statistics, Totals
from debate_stats.interactions import Interactions, compute_interactions, find_interactions
from debate_stats.intervals import SECOND_US, Ints, Spans, assign, bridge, locate, to_us
from debate_stats.speaking_time import (
    FLOOR_TIME_STEP_US,
    compute_floor_time,
    compute_overlap,
    compute_pauses,
    compute_together,
    find_runs,
    sum_by_speaker,
)
from debate_stats.transcript import Texts, Timed, Transcript
from debate_stats.turns import TurnTaking, compute_turn_taking
from debate_stats.uncertainty import Bootstrap, Interval, find_blocks
from debate_stats.words import Words, find_words

MINUTE_US = 60 * SECOND_US


@dataclass(frozen=True, slots=True)
class _Debate:
    """A transcript with numbers for speakers: what every figure is computed from."""

    transcript: Transcript
    cast: Cast
    speech: Spans
    unknown: Spans
    segment_speaker: Ints
    words: Words
    runs: Spans
    taking: TurnTaking
    events: Interactions

    @property
    def word_speaker(self) -> Ints:
        return self.segment_speaker[self.words.segment]

    def count(self, speaker: Ints) -> Ints:
        """How often each speaker occurs; -1, nobody known, is left out."""
        return np.bincount(speaker[speaker >= 0], minlength=len(self.cast))


def compute_statistics(
    transcript: Transcript, people: Mapping[str, str | None] | None = None
) -> Statistics:
    """Every figure of the debate, per label or, where `people` maps a label, per person.

    All labels of one person become one row; in overlap with oneself the time counts once.
    """
    debate = _prepare(transcript, people or {})
    return Statistics(
        speakers=_speakers(debate),
        interactions=compute_interactions(debate.events, debate.cast.names),
        totals=_totals(debate, reviewed=bool(people)),
        floor_time=_floor_time(debate),
    )


def _prepare(transcript: Transcript, people: Mapping[str, str | None]) -> _Debate:
    cast = find_cast(transcript, people)
    everyone = _spans(transcript.speech, cast)
    speech = bridge(everyone[everyone.speaker >= 0])
    segment_speaker = cast.speakers_of(transcript.segments.label)
    words = find_words(transcript.texts)
    taking = compute_turn_taking(speech, words.at_us, segment_speaker[words.segment])
    return _Debate(
        transcript,
        cast,
        speech,
        _unknown(transcript, everyone, segment_speaker),
        segment_speaker,
        words,
        find_runs(_word_spans(transcript.texts, segment_speaker)),
        taking,
        find_interactions(speech, taking),
    )


def _spans(timed: Timed, cast: Cast) -> Spans:
    start, end = to_us(timed.start), to_us(timed.end)
    return Spans(start, end, cast.speakers_of(timed.label))[start < end]


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


def _speakers(debate: _Debate) -> tuple[SpeakerStatistics, ...]:
    columns: dict[str, Sequence[Any]] = {
        "speaker_id_in_transcript": debate.cast.names,
        "labels": debate.cast.labels,
        **_time_columns(debate),
        **_segment_columns(debate),
        **_turn_columns(debate),
        **_word_columns(debate),
        **_interaction_columns(debate),
        **_interval_columns(debate),
    }
    rows = zip(*columns.values(), strict=True)
    return tuple(SpeakerStatistics(**dict(zip(columns, row, strict=True))) for row in rows)


def _time_columns(debate: _Debate) -> dict[str, Sequence[Any]]:
    speech, speakers = debate.speech, len(debate.cast)
    total = sum_by_speaker(speech.length_us, speech.speaker, speakers)
    last = np.full(speakers, -1, dtype=np.int64)
    np.maximum.at(last, speech.speaker, speech.end_us)
    first = np.full(speakers, np.iinfo(np.int64).max)
    np.minimum.at(first, speech.speaker, speech.start_us)
    order = np.arange(speakers)
    return {
        "total_seconds": _seconds(total),
        "share_speaking_time": _ratio(total, total.sum()),
        "overlap_seconds": _seconds(compute_overlap(speech, speakers)),
        "is_first_speaker": (order == _best(-first, len(speech))).tolist(),
        "is_last_speaker": (order == _best(last, len(speech))).tolist(),
    }


def _segment_columns(debate: _Debate) -> dict[str, Sequence[Any]]:
    timed, speaker = debate.transcript.segments, debate.segment_speaker
    start, end = to_us(timed.start), to_us(timed.end)
    count = debate.count(speaker)
    total = sum_by_speaker((end - start)[speaker >= 0], speaker[speaker >= 0], len(count))
    groups = [np.sort((end - start)[speaker == n]) for n in range(len(count))]
    turn = locate(debate.taking.turns, (start + end) // 2, speaker)
    turn_segments = debate.count(speaker[turn >= 0])
    return {
        "segment_count": count.tolist(),
        "segment_seconds": _seconds(total),
        "avg_segment_duration_sec": _ratio(total, count * SECOND_US),
        "median_segment_duration_sec": [_median(group) for group in groups],
        "shortest_talk_sec": [_at(group, 0) for group in groups],
        "longest_talk_sec": [_at(group, -1) for group in groups],
        "turn_segments": turn_segments.tolist(),
        "avg_turn_length_segments": _ratio(
            turn_segments, debate.count(debate.taking.turns.speaker)
        ),
    }


def _turn_columns(debate: _Debate) -> dict[str, Sequence[Any]]:
    turns = debate.taking.turns
    count = debate.count(turns.speaker)
    total = sum_by_speaker(turns.length_us, turns.speaker, len(count))
    quiet = debate.taking.units[debate.taking.is_backchannel]
    return {
        "turn_count": count.tolist(),
        "turn_seconds": _seconds(total),
        "avg_turn_length_sec": _ratio(total, count * SECOND_US),
        "backchannels": debate.count(quiet.speaker).tolist(),
    }


def _word_columns(debate: _Debate) -> dict[str, Sequence[Any]]:
    speech, speaker = debate.speech, debate.word_speaker
    count = debate.count(speaker)
    total = sum_by_speaker(speech.length_us, speech.speaker, len(count))
    return {
        "word_count": count.tolist(),
        "share_words": _ratio(count, count.sum()),
        "wpm": _ratio(count * MINUTE_US, total),
        "words_uncertain": _uncertain(debate),
        "questions": _questions(debate),
        **_articulation_columns(debate),
    }


def _articulation_columns(debate: _Debate) -> dict[str, Sequence[Any]]:
    runs, speakers = debate.runs, len(debate.cast)
    spoken = sum_by_speaker(runs.length_us, runs.speaker, speakers)
    pauses = compute_pauses(runs, debate.taking.turns, speakers)
    words = debate.count(debate.word_speaker[debate.words.is_timed])
    known = (spoken > 0).tolist()
    return {
        "articulation_seconds": _where(known, _seconds(spoken)),
        "articulation_words": _where(known, words.tolist()),
        "articulation_rate": _ratio(words * MINUTE_US, spoken),
        "pause_seconds": _where(known, _seconds(pauses)),
    }


def _interval_columns(debate: _Debate) -> dict[str, Sequence[Any]]:
    units, words = debate.taking.units, debate.words
    bootstrap = Bootstrap(find_blocks(debate.taking), len(debate.cast))
    sums = bootstrap.blocks.sums
    one, word_unit = np.ones(len(words)), assign(units, words.at_us, debate.word_speaker)
    spoken, said = (
        sums(s.length_us, assign(units, s.start_us, s.speaker))
        for s in (debate.speech, debate.runs)
    )
    counted, timed = sums(one, word_unit), sums(one * words.is_timed, word_unit)
    return {
        **_bounds("share_speaking_time", bootstrap.share_intervals(spoken)),
        **_bounds("share_words", bootstrap.share_intervals(counted)),
        **_bounds("wpm", bootstrap.ratio_intervals(counted, spoken, MINUTE_US)),
        **_bounds("articulation_rate", bootstrap.ratio_intervals(timed, said, MINUTE_US)),
    }


def _bounds(name: str, intervals: list[Interval]) -> dict[str, Sequence[Any]]:
    return {
        f"{name}_low": [interval and interval[0] for interval in intervals],
        f"{name}_high": [interval and interval[1] for interval in intervals],
    }


def _uncertain(debate: _Debate) -> list[int | None]:
    if debate.words.uncertain is None:
        return [None] * len(debate.cast)
    count: list[int | None] = debate.count(debate.word_speaker[debate.words.uncertain]).tolist()
    return count


def _questions(debate: _Debate) -> list[int | None]:
    if debate.words.questions is None:
        return [None] * len(debate.cast)
    count: list[int | None] = debate.count(debate.segment_speaker[debate.words.questions]).tolist()
    return count


def _interaction_columns(debate: _Debate) -> dict[str, Sequence[Any]]:
    cuts, passes = debate.events.interruptions, debate.events.transitions
    waits = [passes.value_us[passes.after == n] for n in range(len(debate.cast))]
    return {
        "interruptions_made": debate.count(cuts.after).tolist(),
        "interruptions_received": debate.count(cuts.before).tolist(),
        "response_latency_median_sec": [_median(wait) for wait in waits],
        "response_latencies_sec": [tuple(_seconds(wait)) for wait in waits],
    }


def _totals(debate: _Debate, *, reviewed: bool) -> Totals:
    transcript, words, taking = debate.transcript, debate.words, debate.taking
    together = compute_together(debate.speech, debate.unknown)
    strangers = int((debate.word_speaker < 0).sum())
    heard = together.speech_us + together.unattributed_us
    return Totals(
        duration=transcript.duration,
        total_seconds=int(debate.speech.length_us.sum()) / SECOND_US,
        total_words=len(words),
        segment_count=len(transcript.segments.label),
        speaker_count=len(debate.cast),
        speech_seconds=together.speech_us / SECOND_US,
        overlap_seconds=together.overlap_us / SECOND_US,
        unattributed_seconds=together.unattributed_us / SECOND_US,
        unattributed_words=strangers,
        share_unattributed_speech=together.unattributed_us / heard if heard else None,
        share_unattributed_words=strangers / len(words) if len(words) else None,
        words_uncertain=None if words.uncertain is None else int(words.uncertain.sum()),
        turn_count=len(taking.turns),
        transitions=len(debate.events.transitions),
        interruptions=len(debate.events.interruptions),
        backchannels=int(taking.is_backchannel.sum()),
        questions=None if words.questions is None else len(words.questions),
        language=transcript.language,
        word_unit=words.unit,
        quality=transcript.quality,
        speech_source=transcript.speech_source,
        speakers_reviewed=reviewed,
    )


def _floor_time(debate: _Debate) -> FloorTime:
    table = compute_floor_time(debate.speech, len(debate.cast))
    rows = (tuple(_seconds(row)) for row in table)
    return FloorTime(
        bin_seconds=FLOOR_TIME_STEP_US // SECOND_US,
        seconds=dict(zip(debate.cast.names, rows, strict=True)),
    )


def _seconds(values_us: Ints) -> list[float]:
    seconds: list[float] = (values_us / SECOND_US).tolist()
    return seconds


def _ratio(part: Ints, whole: Ints | np.int64) -> list[float | None]:
    """Elementwise quotient, None where it is undefined."""
    wholes = np.broadcast_to(whole, part.shape)
    return [p / w if w else None for p, w in zip(part.tolist(), wholes.tolist(), strict=True)]


def _where(known: list[bool], values: Sequence[Any]) -> list[Any]:
    return [value if is_known else None for is_known, value in zip(known, values, strict=True)]


def _median(values_us: Ints) -> float | None:
    return float(np.median(values_us)) / SECOND_US if len(values_us) else None


def _at(sorted_us: Ints, place: int) -> float | None:
    return int(sorted_us[place]) / SECOND_US if len(sorted_us) else None


def _best(values: Ints, spans: int) -> int:
    """Row of the greatest value, the first in a tie; -1 when nobody speaks."""
    return int(np.argmax(values)) if spans else -1
