"""The tables of figures: computed from debates, kept so that pages need not compute them."""

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from debate_webapp.database.base import Base


class DebateFigures(Base):
    """All figures of a transcript as they were computed from its content at `revision`.

    `producer` names the code that made them; `body` is what `reading.kept` makes of them.
    """

    __tablename__ = "debate_figures"

    transcript_id: Mapped[int] = mapped_column(ForeignKey("transcript.id"), primary_key=True)
    revision: Mapped[int]
    producer: Mapped[str] = mapped_column(String(80))
    total_seconds: Mapped[float]
    voices: Mapped[int]
    overlaps_known: Mapped[bool]
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class PersonFigures(Base):
    """One person's part of a transcript's figures: what sums over debates are made of.

    The columns are those of `debate_stats.SpeakerStatistics`, which is whole in `body`, as JSON.
    `starts_at` is the second at which they begin to speak, 0 where only words are known.
    """

    __tablename__ = "person_figures"

    transcript_id: Mapped[int] = mapped_column(
        ForeignKey("debate_figures.transcript_id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    starts_at: Mapped[float]
    total_seconds: Mapped[float]
    word_count: Mapped[int]
    turn_count: Mapped[int]
    turn_seconds: Mapped[float]
    interruptions_made: Mapped[int | None]
    interruptions_received: Mapped[int | None]
    share_speaking_time: Mapped[float | None]
    wpm: Mapped[float | None]
    avg_turn_length_sec: Mapped[float | None]
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
