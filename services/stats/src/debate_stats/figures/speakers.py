"""The columns of the speakers' rows: additive components first, then the values made from them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from debate_stats.figures.records import SpeakerStatistics
from debate_stats.figures.uncertainty import Blocks, Bootstrap, Floats, Interval, find_blocks
from debate_stats.timeline.debate import Debate
from debate_stats.timeline.intervals import SECOND_US, Ints, assign, locate, to_us
from debate_stats.timeline.speaking_time import (
    compute_overlap,
    compute_pauses,
    compute_turn_time,
    sum_by_speaker,
)

MINUTE_US = 60 * SECOND_US


def compute_speakers(debate: Debate) -> tuple[SpeakerStatistics, ...]:
    """One row per speaker, in order of the first words."""
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


def _time_columns(debate: Debate) -> dict[str, Sequence[Any]]:
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
        "overlap_seconds": _heard(debate, _seconds(compute_overlap(speech, speakers))),
        "is_first_speaker": (order == _best(-first, len(speech))).tolist(),
        "is_last_speaker": (order == _best(last, len(speech))).tolist(),
    }


def _segment_columns(debate: Debate) -> dict[str, Sequence[Any]]:
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


def _turn_columns(debate: Debate) -> dict[str, Sequence[Any]]:
    turns = debate.taking.turns
    count = debate.count(turns.speaker)
    total = compute_turn_time(turns, debate.defects, len(count))
    quiet = debate.taking.units[debate.taking.is_backchannel]
    return {
        "turn_count": count.tolist(),
        "turn_seconds": _seconds(total),
        "avg_turn_length_sec": _ratio(total, count * SECOND_US),
        "backchannels": debate.count(quiet.speaker).tolist(),
    }


def _word_columns(debate: Debate) -> dict[str, Sequence[Any]]:
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


def _articulation_columns(debate: Debate) -> dict[str, Sequence[Any]]:
    runs, speakers = debate.runs, len(debate.cast)
    spoken = sum_by_speaker(runs.length_us, runs.speaker, speakers)
    pauses = compute_pauses(runs, debate.taking.turns, debate.defects, speakers)
    words = debate.count(debate.word_speaker[debate.words.is_timed])
    known = (spoken > 0).tolist()
    return {
        "articulation_seconds": _where(known, _seconds(spoken)),
        "articulation_words": _where(known, words.tolist()),
        "articulation_rate": _ratio(words * MINUTE_US, spoken),
        "pause_seconds": _where(known, _seconds(pauses)),
    }


def _interval_columns(debate: Debate) -> dict[str, Sequence[Any]]:
    blocks = find_blocks(debate.taking)
    drawn = Bootstrap(blocks, _components(debate, blocks), len(debate.cast))
    spoken, said, words, timed = range(4)
    return {
        **_bounds("share_speaking_time", drawn.share_intervals(spoken)),
        **_bounds("share_words", drawn.share_intervals(words)),
        **_bounds("wpm", drawn.ratio_intervals(words, spoken, MINUTE_US)),
        **_bounds("articulation_rate", drawn.ratio_intervals(timed, said, MINUTE_US)),
    }


def _components(debate: Debate, blocks: Blocks) -> Floats:
    """Per block: time of speech and of words without pauses, words, words with times."""
    units, words = debate.taking.units, debate.words
    columns = [
        blocks.sums(spans.length_us, assign(units, spans.start_us, spans.speaker))
        for spans in (debate.speech, debate.runs)
    ]
    unit = debate.taking.word_unit
    for counted in (np.ones(len(words), np.int64), words.is_timed.astype(np.int64)):
        columns.append(blocks.sums(counted, unit))
    return np.stack(columns, axis=1)


def _bounds(name: str, intervals: list[Interval]) -> dict[str, Sequence[Any]]:
    return {
        f"{name}_low": [interval and interval[0] for interval in intervals],
        f"{name}_high": [interval and interval[1] for interval in intervals],
    }


def _uncertain(debate: Debate) -> list[int | None]:
    if debate.words.uncertain is None:
        return [None] * len(debate.cast)
    count: list[int | None] = debate.count(debate.word_speaker[debate.words.uncertain]).tolist()
    return count


def _questions(debate: Debate) -> list[int | None]:
    if debate.words.questions is None:
        return [None] * len(debate.cast)
    count: list[int | None] = debate.count(debate.segment_speaker[debate.words.questions]).tolist()
    return count


def _interaction_columns(debate: Debate) -> dict[str, Sequence[Any]]:
    cuts, answers = debate.events.interruptions, debate.events.responses
    waits = [answers.value_us[answers.after == n] for n in range(len(debate.cast))]
    return {
        "interruptions_made": _heard(debate, debate.count(cuts.after).tolist()),
        "interruptions_received": _heard(debate, debate.count(cuts.before).tolist()),
        "response_latency_median_sec": [_median(wait) for wait in waits],
        "response_latencies_sec": [tuple(_seconds(wait)) for wait in waits],
    }


def _heard(debate: Debate, values: list[Any]) -> list[Any]:
    """What overlaps tell, None where nobody could hear them."""
    return values if debate.overlaps_known else [None] * len(values)


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
