"""What one person did in several debates: sums of components, and ratios of these sums."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from debate_webapp.reading.rows import DebateRow

MINUTE = 60.0


class Totals(NamedTuple):
    """What a person's figures are a part of: columns of `models.DebateFigures`."""

    total_seconds: float
    voices: int
    overlaps_known: bool


class OwnFigures(NamedTuple):
    """A person's part: columns of `models.PersonFigures`; `body` empty unless asked for."""

    starts_at: float
    total_seconds: float
    word_count: int
    turn_count: int
    turn_seconds: float
    interruptions_made: int | None
    interruptions_received: int | None
    share_speaking_time: float | None
    wpm: float | None
    avg_turn_length_sec: float | None
    body: bytes


class Appearance(NamedTuple):
    """One debate, its figures and the person's own."""

    transcript: DebateRow
    figures: Totals
    own: OwnFigures

    @property
    def equal_share(self) -> float:
        """The share of each if all spoke equally long."""
        return 1 / self.figures.voices


@dataclass(frozen=True)
class Record:
    """All debates of a person that the reader may see, the latest first.

    Ratios are quotients of sums, never averages of ratios; None where the denominator is 0.
    Interruptions are those of the debates in which overlaps are known. `pending` debates are left
    out: their figures are not computed yet.
    """

    appearances: Sequence[Appearance]
    pending: int = 0

    @property
    def drafts(self) -> int:
        """In how many of the debates the words are those of a small model."""
        return sum(one.transcript.quality == "draft" for one in self.appearances)

    @property
    def reviewed(self) -> int:
        """How many of the debates an editor has reviewed to the last segment."""
        return sum(one.transcript.reviewed_share == 1 for one in self.appearances)

    @cached_property
    def total_seconds(self) -> float:
        """Speaking time over all debates."""
        return sum(one.own.total_seconds for one in self.appearances)

    @property
    def word_count(self) -> int:
        """Words over all debates."""
        return sum(one.own.word_count for one in self.appearances)

    @property
    def turn_count(self) -> int:
        """Turns over all debates."""
        return sum(one.own.turn_count for one in self.appearances)

    @property
    def share_speaking_time(self) -> float | None:
        """Of the speaking time of all speakers of these debates together."""
        everyone = sum(one.figures.total_seconds for one in self.appearances)
        return _ratio(self.total_seconds, everyone)

    @property
    def wpm(self) -> float | None:
        """Words for each minute of speaking time."""
        return _ratio(self.word_count * MINUTE, self.total_seconds)

    @property
    def avg_turn_length_sec(self) -> float | None:
        """Seconds of a turn, over all turns."""
        return _ratio(sum(one.own.turn_seconds for one in self.appearances), self.turn_count)

    @cached_property
    def with_overlaps(self) -> list[Appearance]:
        """The debates in which interruptions can be known."""
        return [one for one in self.appearances if one.figures.overlaps_known]

    @property
    def interruptions_made(self) -> int | None:
        """How often the person interrupts; None where it cannot be known."""
        return self._interruptions(lambda own: own.interruptions_made)

    @property
    def interruptions_received(self) -> int | None:
        """How often the person is interrupted; None where it cannot be known."""
        return self._interruptions(lambda own: own.interruptions_received)

    def _interruptions(self, count: Callable[[OwnFigures], int | None]) -> int | None:
        known = [times for one in self.appearances if (times := count(one.own)) is not None]
        return sum(known) if known else None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
