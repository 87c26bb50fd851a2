"""The moderator's view: who had the floor after each question, and how evenly it was shared out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from debate_stats.timeline.debate import Debate, prepare_debate
from debate_stats.timeline.intervals import (
    SECOND_US,
    Bools,
    Ints,
    Spans,
    covered_within,
    locate,
    to_us,
)
from debate_stats.timeline.turns import floor_holders
from debate_stats.transcript.parsing import Transcript


@dataclass(frozen=True, slots=True)
class FloorShare:
    """What one debater got of the floor. `fairness` is 1 at an equal share, 2 at twice that.

    `overrun_seconds` is the time beyond the limit of each answer, None without a limit.
    Interruptions are None where the diarizer could not hear any.
    """

    speaker: str
    floor_seconds: float
    share: float | None
    fairness: float | None
    overrun_seconds: float | None
    interruptions_made: int | None
    interruptions_received: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """From a moderator's question to the next, in seconds; every debater has a row.

    `fairness_index` is Jain's: 1 when all had the floor equally long, 1/n when only one had it.
    """

    moderator: str
    start: float
    end: float
    fairness_index: float | None
    speakers: tuple[FloorShare, ...]


@dataclass(frozen=True, slots=True)
class Moderation:
    """The questions of a debate in order, and the sums over all of them."""

    questions: tuple[Question, ...]
    fairness_index: float | None
    speakers: tuple[FloorShare, ...]


@dataclass(frozen=True, slots=True)
class _Counts:
    """Additive components: a row per debater, a column per question.

    Without `overlaps_known`, `made` and `received` say nothing.
    """

    names: list[str]
    floor_us: Ints
    made: Ints
    received: Ints
    overlaps_known: bool


def compute_moderation(
    transcript: Transcript,
    moderators: Collection[str],
    people: Mapping[str, str | None] | None = None,
    *,
    limit: float | None = None,
) -> Moderation:
    """Floor time, overrun and interruptions of every debater, per question and in all.

    `moderators` are labels, or people where `people` maps labels to them; `limit` is the time a
    debater may speak on one question, in seconds. Raises ValueError for a moderator who is nobody
    in this debate.
    """
    debate = prepare_debate(transcript, people or {})
    unknown = sorted(set(moderators) - set(debate.cast.names))
    if unknown:
        raise ValueError(f"{unknown[0]} is neither a label nor a person of this debate")
    presiding = np.array([name in moderators for name in debate.cast.names], dtype=np.bool_)
    questions = _find_questions(debate, presiding)
    counts = _count(debate, np.flatnonzero(~presiding), questions)
    everything = _shares(counts, np.arange(len(questions)), limit)
    return Moderation(
        questions=tuple(
            _question(debate, questions, n, counts, limit) for n in range(len(questions))
        ),
        fairness_index=_jain([share.floor_seconds for share in everything]),
        speakers=everything,
    )


def _find_questions(debate: Debate, presiding: Bools) -> Spans:
    """A span per question: from the start of the moderators' words to the next question.

    Moderators' turns without a debater's between them are one question, if they ask anything at
    all; in a text without punctuation all of them do.
    """
    turns = debate.taking.turns
    holders = floor_holders(turns)
    own = presiding[turns.speaker[holders]]
    block = np.cumsum(own & ~np.concatenate(([False], own[:-1]))[: len(own)])
    asking = np.unique(block[own & _asks(debate)[holders]])
    first = holders[np.searchsorted(block, asking)]
    start = turns.start_us[first]
    end = np.append(start[1:], max(debate.speech.end_us.max(initial=0), 0))[: len(start)]
    return Spans(start, end, turns.speaker[first])


def _asks(debate: Debate) -> Bools:
    """For each turn whether a question is asked in it."""
    turns, segments = debate.taking.turns, debate.transcript.segments
    if debate.words.questions is None:
        return np.ones(len(turns), dtype=np.bool_)
    middle = to_us((segments.start + segments.end) / 2)[debate.words.questions]
    turn = locate(turns, middle, debate.segment_speaker[debate.words.questions])
    return np.isin(np.arange(len(turns)), turn)


def _count(debate: Debate, debaters: Ints, questions: Spans) -> _Counts:
    speech, cuts = debate.speech, debate.events.interruptions
    question = np.searchsorted(questions.start_us, cuts.at_us, side="right") - 1

    def cut(speaker: Ints) -> Ints:
        pairs = [question[(speaker == one) & (question >= 0)] for one in debaters]
        return np.array([np.bincount(one, minlength=len(questions)) for one in pairs], np.int64)

    floor = [covered_within(speech[speech.speaker == one], questions) for one in debaters]
    return _Counts(
        names=[debate.cast.names[one] for one in debaters],
        floor_us=np.array(floor, np.int64).reshape(len(debaters), len(questions)),
        made=cut(cuts.after).reshape(len(debaters), len(questions)),
        received=cut(cuts.before).reshape(len(debaters), len(questions)),
        overlaps_known=debate.overlaps_known,
    )


def _question(
    debate: Debate, questions: Spans, number: int, counts: _Counts, limit: float | None
) -> Question:
    shares = _shares(counts, np.array([number]), limit)
    return Question(
        moderator=debate.cast.names[questions.speaker[number]],
        start=int(questions.start_us[number]) / SECOND_US,
        end=int(questions.end_us[number]) / SECOND_US,
        fairness_index=_jain([share.floor_seconds for share in shares]),
        speakers=shares,
    )


def _shares(counts: _Counts, questions: Ints, limit: float | None) -> tuple[FloorShare, ...]:
    """The sums of every debater over some questions."""
    floor = counts.floor_us[:, questions]
    own, total = floor.sum(axis=1), int(floor.sum())
    beyond = np.maximum(floor - int((limit or 0) * SECOND_US), 0).sum(axis=1)
    made, received = (table[:, questions].sum(axis=1) for table in (counts.made, counts.received))
    return tuple(
        FloorShare(
            speaker=name,
            floor_seconds=int(own[n]) / SECOND_US,
            share=int(own[n]) / total if total else None,
            fairness=int(own[n]) * len(own) / total if total else None,
            overrun_seconds=None if limit is None else int(beyond[n]) / SECOND_US,
            interruptions_made=int(made[n]) if counts.overlaps_known else None,
            interruptions_received=int(received[n]) if counts.overlaps_known else None,
        )
        for n, name in enumerate(counts.names)
    )


def _jain(floor: list[float]) -> float | None:
    """Jain, Chiu & Hawe 1984: the square of the sum by n times the sum of the squares."""
    squares = sum(seconds**2 for seconds in floor)
    return sum(floor) ** 2 / (len(floor) * squares) if squares else None
