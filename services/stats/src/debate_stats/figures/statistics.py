"""All figures of a debate in one call."""

from collections.abc import Mapping

from debate_stats.figures.records import FloorTime, Statistics, Totals
from debate_stats.figures.speakers import compute_speakers
from debate_stats.timeline.debate import Debate, prepare_debate
from debate_stats.timeline.interactions import compute_interactions
from debate_stats.timeline.intervals import SECOND_US
from debate_stats.timeline.speaking_time import (
    FLOOR_TIME_STEP_US,
    compute_floor_time,
    compute_together,
)
from debate_stats.transcript.parsing import Transcript


def compute_statistics(
    transcript: Transcript, people: Mapping[str, str | None] | None = None
) -> Statistics:
    """Every figure of the debate, per label or, where `people` maps a label, per person.

    All labels of one person become one row; in overlap with oneself the time counts once.
    """
    return summarise(prepare_debate(transcript, people or {}), reviewed=bool(people))


def summarise(debate: Debate, *, reviewed: bool) -> Statistics:
    """Every figure of a prepared debate; `reviewed` says whether labels were mapped to people."""
    return Statistics(
        speakers=compute_speakers(debate),
        interactions=compute_interactions(
            debate.events, debate.cast.names, overlaps_known=debate.overlaps_known
        ),
        totals=_totals(debate, reviewed=reviewed),
        floor_time=_floor_time(debate),
    )


def _totals(debate: Debate, *, reviewed: bool) -> Totals:
    transcript, words, taking = debate.transcript, debate.words, debate.taking
    together = compute_together(debate.speech, debate.unknown)
    strangers = int((debate.word_speaker < 0).sum())
    heard = together.speech_us + together.unattributed_us
    overlap = together.overlap_us / SECOND_US
    return Totals(
        duration=transcript.duration,
        total_seconds=int(debate.speech.length_us.sum()) / SECOND_US,
        total_words=len(words),
        segment_count=len(transcript.segments.label),
        speaker_count=len(debate.cast),
        speech_seconds=together.speech_us / SECOND_US,
        overlap_seconds=overlap if debate.overlaps_known else None,
        unattributed_seconds=together.unattributed_us / SECOND_US,
        unattributed_words=strangers,
        share_unattributed_speech=together.unattributed_us / heard if heard else None,
        share_unattributed_words=strangers / len(words) if len(words) else None,
        words_uncertain=None if words.uncertain is None else int(words.uncertain.sum()),
        turn_count=len(taking.turns),
        transitions=len(debate.events.transitions),
        interruptions=len(debate.events.interruptions) if debate.overlaps_known else None,
        backchannels=int(taking.is_backchannel.sum()),
        questions=None if words.questions is None else len(words.questions),
        language=transcript.language,
        word_unit=words.unit,
        quality=transcript.quality,
        speech_source=transcript.speech_source,
        speakers_reviewed=reviewed,
    )


def _floor_time(debate: Debate) -> FloorTime:
    table = compute_floor_time(debate.speech, len(debate.cast))
    rows = (tuple((row / SECOND_US).tolist()) for row in table)
    return FloorTime(
        bin_seconds=FLOOR_TIME_STEP_US // SECOND_US,
        seconds=dict(zip(debate.cast.names, rows, strict=True)),
    )
