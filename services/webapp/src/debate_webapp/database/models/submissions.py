"""The tables of what people submit, of who works the queue just now, and of jobs that failed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from debate_webapp.database.base import Base, Json, now

_EMPTY: dict[str, Any] = {"default": "", "server_default": text("''")}


class Submission(Base):
    """A recording that somebody wants to become a debate. `state` is a `submitting.queue.State`.

    `source` is an address, or the path of a file: of an upload relative to the store, of the inbox
    absolute. `handle` names its folder on this machine. `message` is the front door's last word,
    `page` the debate that it became. `queued_at` is its place in the queue. `report` is what was
    last said of a job elsewhere (`submitting.away`); its failure was told at `told_at` (`telling`).
    """

    __tablename__ = "submission"
    __table_args__ = (Index("ix_submission_state", "state", "queued_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(String(32), unique=True)
    source: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(300))
    wishes: Mapped[dict[str, Any]]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    username: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    queued_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    job_id: Mapped[str] = mapped_column(String(120), **_EMPTY)
    message: Mapped[str] = mapped_column(Text, **_EMPTY)
    page: Mapped[str] = mapped_column(String(80), **_EMPTY)
    report: Mapped[dict[str, Any] | None] = mapped_column(Json)
    told_at: Mapped[datetime | None]


class QueueRevision(Base):
    """One row, whose number is raised with every change of a submission."""

    __tablename__ = "queue_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


class QueueLease(Base):
    """Who works the queue, and until when nobody else may: one row, renewed while it works."""

    __tablename__ = "queue_lease"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    until: Mapped[datetime]


class FailedJob(Base):
    """A job on AWS, or a list of them, that failed; a debate at `transcripts` makes it good."""

    __tablename__ = "failed_job"

    job_id: Mapped[str] = mapped_column(String(500), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    transcripts: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)
    told_at: Mapped[datetime | None]
