"""What failed lately and was not told yet: submissions, and jobs on AWS that are of none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate_webapp.database.base import now
from debate_webapp.database.models import FailedJob, Submission
from debate_webapp.submitting.queue import State

# What nobody could be told for so long is no news any more.
NEWS_FOR = timedelta(days=1)
# Those that fail within the first are told at once: of a list, not of each recording. Where there
# is no end of them, the second is waited for.
GATHERED_FOR, GATHERED_AT_MOST = timedelta(minutes=1), timedelta(minutes=10)
MOST_TOLD = 50
MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed, and why, as it is told; `key` is its row."""

    key: tuple[str, int | str]
    title: str
    sentence: str
    at: str


def list_untold(session: Session) -> list[Failure]:
    """Those that are not entered as told."""
    return [*map(_of_submission, _submissions(session)), *map(_of_job, _jobs(session))]


def gather(failures: Sequence[Failure]) -> list[Failure]:
    """Those to tell now: none as long as others may follow that failed together with them."""
    if not failures:
        return []
    times = [datetime.fromisoformat(one.at) for one in failures]
    is_over = max(times) <= now() - GATHERED_FOR or min(times) <= now() - GATHERED_AT_MOST
    return [*failures[:MOST_TOLD]] if is_over else []


def _submissions(session: Session) -> Sequence[Submission]:
    untold = select(Submission).where(
        Submission.state == State.FAILED,
        Submission.told_at.is_(None),
        Submission.finished_at > now() - NEWS_FOR,
    )
    return session.scalars(untold.order_by(Submission.finished_at).limit(MOST_LISTED)).all()


def _of_submission(row: Submission) -> Failure:
    at = row.finished_at.isoformat(timespec="seconds") if row.finished_at else ""
    return Failure(("submission", row.id), row.title, row.message, at)


def _jobs(session: Session) -> list[FailedJob]:
    """Jobs that nobody submitted here: those of a terminal."""
    untold = select(FailedJob).where(FailedJob.told_at.is_(None), FailedJob.at > now() - NEWS_FOR)
    rows = session.scalars(untold.order_by(FailedJob.at).limit(MOST_LISTED)).all()
    folders = [_folder(row) for row in rows]
    own = {*session.scalars(select(Submission.job_id).where(Submission.job_id.in_(folders)))}
    return [row for row in rows if _folder(row) not in own]


def _folder(row: FailedJob) -> str:
    return row.transcripts.removesuffix("/transcripts").rpartition("/")[2]


def _of_job(row: FailedJob) -> Failure:
    at = row.at.isoformat(timespec="seconds")
    return Failure(("job", row.job_id), row.name, row.sentence, at)


def note_told(session: Session, failures: Iterable[Failure]) -> None:
    """Enter that these were told, and commit; what failed again since is not among them."""
    told = {*failures}
    for kind, key in (failure.key for failure in told):
        if kind == "job":
            job = session.get(FailedJob, key)
            if job:
                job.told_at = now()
        else:
            row = session.get(Submission, key, populate_existing=True)
            if row and _of_submission(row) in told:
                row.told_at = now()
    session.commit()
