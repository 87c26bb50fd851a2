"""What failed lately and was not told yet: submissions, and jobs on AWS that are of none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from debate_webapp.database.base import now
from debate_webapp.database.models import FailedJob
from debate_webapp.database.submissions import Submission
from debate_webapp.submitting.queue import State

# What nobody could be told for so long is no news any more.
NEWS_FOR = timedelta(days=1)
# Those that fail within it are told at once: of a list, not of each recording.
GATHERED_FOR = timedelta(minutes=1)
MOST_TOLD = 50


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed, and why, as it is told; `key` is its row."""

    key: tuple[str, int | str]
    title: str
    sentence: str
    at: str


def list_untold(session: Session) -> list[Failure]:
    """The oldest that are untold; none as long as the newest of them is younger than a minute."""
    rows = [*_submissions(session), *_jobs(session)]
    if any(at > now() - GATHERED_FOR for at, _ in rows):
        return []
    return [failure for _, failure in rows][:MOST_TOLD]


def _submissions(session: Session) -> list[tuple]:  # type: ignore[type-arg]
    untold = select(Submission).where(
        Submission.state == State.FAILED,
        Submission.told_at.is_(None),
        Submission.finished_at > now() - NEWS_FOR,
    )
    rows = session.scalars(untold.order_by(Submission.finished_at).limit(MOST_TOLD))
    return [(row.finished_at, _failure(row)) for row in rows]


def _failure(row: Submission) -> Failure:
    at = row.finished_at.isoformat(timespec="seconds") if row.finished_at else ""
    return Failure(("submission", row.id), row.title, row.message, at)


def _jobs(session: Session) -> list[tuple]:  # type: ignore[type-arg]
    """Jobs that nobody submitted here: those of a terminal."""
    untold = select(FailedJob).where(FailedJob.told_at.is_(None), FailedJob.at > now() - NEWS_FOR)
    found = []
    for row in session.scalars(untold.order_by(FailedJob.at).limit(MOST_TOLD)):
        folder = row.transcripts.removesuffix("/transcripts").rpartition("/")[2]
        own = select(Submission.id).where(Submission.job_id == folder)
        if session.scalar(own.limit(1)) is None:
            at = row.at.isoformat(timespec="seconds")
            found.append((row.at, Failure(("job", row.job_id), row.name, row.sentence, at)))
    return found


def note_told(session: Session, failures: Sequence[Failure]) -> None:
    """Enter that these were told, and commit."""
    for kind, key in (failure.key for failure in failures):
        is_submission = kind == "submission"
        table = Submission if is_submission else FailedJob
        column = Submission.id if is_submission else FailedJob.job_id
        session.execute(update(table).where(column == key).values(told_at=now()))
    session.commit()
