"""The tables of debates.

Two layers: `Artefact` keeps the registered bytes for good, everything else is what people make of
them. Figures and pages are computed from both; nothing here ever writes into an artefact.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from debate_webapp.database.base import Base, Json, now
from debate_webapp.database.models.accounts import User
from debate_webapp.search.words import fold

# Below these a segment calls for a look: its words as docs/accuracy.md says, its speaker where half
# the words are outside the speaker's turns.
UNCERTAIN_WORDS = 0.75
UNCERTAIN_SPEAKER = 0.5

# Few segments have a person of their own; whose they are is asked for every page.
_OWN_PERSON = text("person_id IS NOT NULL")


def is_uncertain(confidence: float | None, speaker_confidence: float | None) -> bool:
    """Whether the words or whose they are, as far as that is known, call for a look."""
    words = confidence is not None and confidence < UNCERTAIN_WORDS
    return words or (speaker_confidence is not None and speaker_confidence < UNCERTAIN_SPEAKER)


class Artefact(Base):
    """The bytes of a transcript file as they were registered, compressed with zlib."""

    __tablename__ = "artefact"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    # Megabytes that most pages do not need: read only when asked for.
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Transcript(Base):
    """One version of one debate's transcript; `revision` counts the edits made on top of it.

    `content_revision` is the last of them that changed what was said or by whom: the one figures
    belong to. `segment_count` and `reviewed_count` are of the segments shown; edits keep them.
    Keys are paths inside the store, so the store may move without a change here. Of the versions of
    a key exactly one `counts`: it is the debate of lists, people and dataset, and can be edited.
    """

    __tablename__ = "transcript"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        Index("ix_transcript_listing", "counts", "published", "id"),
        Index(
            "uq_transcript_counts",
            "key",
            unique=True,
            sqlite_where=text("counts"),
            postgresql_where=text("counts"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    counts: Mapped[bool] = mapped_column(default=True, server_default=true())
    artefact_id: Mapped[int] = mapped_column(ForeignKey("artefact.id"))
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("transcript.id"))
    revision: Mapped[int] = mapped_column(default=0)
    content_revision: Mapped[int] = mapped_column(default=0, server_default="0")
    segment_count: Mapped[int] = mapped_column(default=0, server_default="0")
    reviewed_count: Mapped[int] = mapped_column(default=0, server_default="0")
    published: Mapped[bool] = mapped_column(default=False, server_default=false())
    job_id: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(Text)
    title_words: Mapped[str] = mapped_column(
        Text, default="", server_default=text("''"), deferred=True
    )
    source_url: Mapped[str | None] = mapped_column(Text)
    recorded_on: Mapped[str | None] = mapped_column(String(10))
    media_key: Mapped[str | None] = mapped_column(Text)
    has_picture: Mapped[bool] = mapped_column(default=True)
    duration: Mapped[float]
    language: Mapped[str | None] = mapped_column(String(20))
    quality: Mapped[str | None] = mapped_column(String(20))
    engines: Mapped[str] = mapped_column(Text, default="")
    # As `incoming.doubts` has read them; None where the file is of before.
    expected: Mapped[dict[str, Any] | None] = mapped_column(
        Json, deferred=True, deferred_group="doubts"
    )
    unheard: Mapped[list[dict[str, Any]] | None] = mapped_column(
        Json, deferred=True, deferred_group="doubts"
    )
    defects: Mapped[list[dict[str, Any]] | None] = mapped_column(
        Json, deferred=True, deferred_group="doubts"
    )
    registered_at: Mapped[datetime] = mapped_column(default=now)

    artefact: Mapped[Artefact] = relationship()
    previous: Mapped["Transcript | None"] = relationship(remote_side="Transcript.id")
    speakers: Mapped[list["Speaker"]] = relationship(order_by="Speaker.colour")

    __mapper_args__ = {"version_id_col": revision, "version_id_generator": False}  # noqa: RUF012

    @validates("title")
    def _fold_title(self, _name: str, title: str) -> str:
        self.title_words = fold(title)
        return title

    @property
    def reviewed_share(self) -> float | None:
        """The share of segments that an editor has marked as reviewed; None without segments."""
        return self.reviewed_count / self.segment_count if self.segment_count else None


class Person(Base):
    """A speaker by name; every label of every debate may point here.

    `known_again` says whether they are proposed where a voice sounds like theirs.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    name_words: Mapped[str] = mapped_column(
        Text, default="", server_default=text("''"), deferred=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    known_again: Mapped[bool] = mapped_column(default=True, server_default=true())

    @validates("name")
    def _fold_name(self, _name: str, name: str) -> str:
        self.name_words = fold(name)
        return name


class Speaker(Base):
    """A label of one transcript, the colour it keeps, and who it is once someone has said so."""

    __tablename__ = "speaker"

    transcript_id: Mapped[int] = mapped_column(ForeignKey("transcript.id"), primary_key=True)
    label: Mapped[str] = mapped_column(String(64), primary_key=True)
    colour: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)

    person: Mapped[Person | None] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - guards check and write


class Segment(Base):
    """The editorial copy of one segment; `person_id` overrides what its label says.

    `parts` is what it has of the registered segments, as lists of `corrected.Part`; splitting and
    merging hand it on. A row that was merged away stays, `removed`, so that it can come back.
    """

    __tablename__ = "segment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["transcript_id", "label"], ["speaker.transcript_id", "speaker.label"]
        ),
        Index("ix_segment_transcript_start", "transcript_id", "start", "id"),
        Index("ix_segment_transcript_label", "transcript_id", "label"),
        Index(
            "ix_segment_own_person",
            "transcript_id",
            "person_id",
            "removed",
            postgresql_where=_OWN_PERSON,
            sqlite_where=_OWN_PERSON,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transcript_id: Mapped[int]
    source_id: Mapped[str] = mapped_column(String(64))
    start: Mapped[float]
    end: Mapped[float]
    label: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float | None]
    speaker_confidence: Mapped[float | None]
    overlap: Mapped[bool] = mapped_column(default=False)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    reviewed: Mapped[bool] = mapped_column(default=False, server_default=false())
    parts: Mapped[list[list[Any]]] = mapped_column(Json)
    removed: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1)

    person: Mapped[Person | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - guards check and write

    @property
    def uncertain(self) -> bool:
        """Whether the machine was unsure of the words or of the speaker, as far as it said."""
        return is_uncertain(self.confidence, self.speaker_confidence)


class Passage(Base):
    """The words of a segment that is shown, as `search.words.fold` has them to be searched.

    What finds them in it is each database's own, and stands in the migration.
    """

    __tablename__ = "passage"
    segment_id: Mapped[int] = mapped_column(
        ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True
    )
    transcript_id: Mapped[int] = mapped_column(index=True)
    words: Mapped[str] = mapped_column(Text)


class Edit(Base):
    """One command, who gave it and what would undo it. Rows are only ever added.

    `asked` is the digest of the request that gave it, None where none was kept.
    """

    __tablename__ = "edit"
    __table_args__ = (
        UniqueConstraint("transcript_id", "revision"),
        UniqueConstraint("transcript_id", "user_id", "client_id", name="uq_edit_client_id"),
        # A user's undos are few among thousands of edits; which are left is asked with each edit.
        Index("ix_edit_command", "transcript_id", "user_id", "command", "revision"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transcript_id: Mapped[int] = mapped_column(ForeignKey("transcript.id"))
    revision: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    client_id: Mapped[str] = mapped_column(String(64))
    asked: Mapped[str | None] = mapped_column(String(64))
    command: Mapped[str] = mapped_column(String(40))
    arguments: Mapped[dict[str, Any]]
    inverse: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)

    user: Mapped[User] = relationship()
