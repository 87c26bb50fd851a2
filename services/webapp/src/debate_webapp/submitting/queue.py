"""The queue: what waits, what is under way, what became of it. Whoever changes something commits.

A state is only ever changed from the one that it was seen in, so two who press at once, or one
while the queue moves on, cannot both have their way.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from debate_contract.errors import BadInput, InputNotFound
from sqlalchemy import case, delete, func, select, text, update
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.database.base import now
from debate_webapp.database.engine import begin_writing
from debate_webapp.database.models import QueueRevision, Submission
from debate_webapp.incoming.jobs.arrival import forget_failures
from debate_webapp.submitting.wishes import Wishes, title_of

MOST_WAITING = 200
MOST_LISTED = 50
# Beyond these the oldest that are at rest are forgotten.
MOST_KEPT = 1000
# So long a file that somebody uploaded waits for being tried again.
WANTED_FOR = timedelta(days=7)


class State(StrEnum):
    """How far a submission is.

    `AWAY`: handed in elsewhere (AWS Batch), which works on it; `RECALLED`: there, to be cancelled.
    """

    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    AWAY = "away"
    RECALLED = "recalled"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = (State.RUNNING, State.STOPPING)
ELSEWHERE = (State.AWAY, State.RECALLED)
LIVE = (State.WAITING, *UNDER_WAY, *ELSEWHERE)
CAN_BE_TRIED_AGAIN = (State.FAILED, State.CANCELLED)
AT_REST = (State.DONE, *CAN_BE_TRIED_AGAIN)


def submit(session: Session, sources: Sequence[str], wishes: Wishes) -> list[Submission]:
    """Put sources at the end of the queue; one that is there already stays where it is.

    Raises BadInput when the queue is full.
    """
    _lock(session)
    there = {row.source: row for row in list_live(session)}
    new = [source for source in dict.fromkeys(sources) if source not in there]
    if len(there) + len(new) > MOST_WAITING:
        raise BadInput(f"{MOST_WAITING} recordings wait already; send these when some are done")
    for source in new:
        there[source] = _row(session, source, wishes)
        session.add(there[source])
        audit.record(session, "submitted", detail=there[source].title)
    if new:
        note_change(session)
    session.flush()
    return [there[source] for source in sources]


def _lock(session: Session) -> None:
    """Let nobody else change the queue until the end of the transaction."""
    begin_writing(session)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE submission IN SHARE ROW EXCLUSIVE MODE"))


def _row(session: Session, source: str, wishes: Wishes) -> Submission:
    actor = audit.actor_of(session)
    return Submission(
        handle=secrets.token_hex(8),
        source=source,
        title=title_of(source),
        wishes=wishes.as_json(),
        user_id=actor.user_id,
        username=actor.username,
        state=State.WAITING,
    )


def find(session: Session, submission_id: int) -> Submission:
    """One of them, as it is now; raises InputNotFound."""
    row = session.get(Submission, submission_id, populate_existing=True)
    if row is None:
        raise InputNotFound("there is no such submission; it may have been removed")
    return row


def newest_of(session: Session, sources: Sequence[str]) -> dict[str, Submission]:
    """The newest submission of each source that was ever submitted."""
    of_them = select(Submission).where(Submission.source.in_(sources)).order_by(Submission.id)
    return {row.source: row for row in session.scalars(of_them)}


def is_full(session: Session) -> bool:
    """Whether nothing more is taken before something is done."""
    live = select(func.count()).select_from(Submission).where(Submission.state.in_(LIVE))
    return (session.scalar(live) or 0) >= MOST_WAITING


def list_live(session: Session) -> list[Submission]:
    """What is under way, then what waits, in the order of their turns."""
    waits = case((Submission.state == State.WAITING, 1), else_=0)
    order = (waits, Submission.queued_at, Submission.id)
    return list(
        session.scalars(select(Submission).where(Submission.state.in_(LIVE)).order_by(*order))
    )


def list_jobs_under_way(session: Session) -> list[str]:
    """The jobs that are worked on here."""
    under_way = select(Submission.job_id).where(Submission.state.in_(UNDER_WAY))
    return list(session.scalars(under_way.order_by(Submission.id)))


def list_at_rest(session: Session, most: int = MOST_LISTED) -> list[Submission]:
    """What is over, the newest first."""
    order = Submission.finished_at.desc(), Submission.id.desc()
    over = select(Submission).where(Submission.state.in_(AT_REST))
    return list(session.scalars(over.order_by(*order).limit(most)))


def read_places(session: Session) -> dict[int, int]:
    """The place of each that waits, from 1, by its id."""
    waiting = select(Submission.id).where(Submission.state == State.WAITING)
    ids = session.scalars(waiting.order_by(Submission.queued_at, Submission.id))
    return {row_id: place for place, row_id in enumerate(ids, 1)}


def note_change(session: Session) -> None:
    """Raise the number by which pages know that the queue is another one."""
    session.execute(update(QueueRevision).values(number=QueueRevision.number + 1))


def read_revision(session: Session) -> int:
    """The number of the queue as it is."""
    return session.scalars(select(QueueRevision.number)).one()


def is_wanted(session: Session, source: str) -> bool:
    """Whether a source may still be asked for."""
    wanted = Submission.state.in_((*LIVE, *CAN_BE_TRIED_AGAIN))
    of_it = select(Submission.id).where(Submission.source == source, wanted).limit(1)
    return session.scalar(of_it) is not None


def list_wanted(session: Session) -> list[Submission]:
    """What may still be asked for: all that is not done, of what is over that of the last week."""
    recent = Submission.finished_at > now() - WANTED_FOR
    wanted = Submission.state.in_(LIVE) | (Submission.state.in_(CAN_BE_TRIED_AGAIN) & recent)
    return list(session.scalars(select(Submission).where(wanted)))


def list_handles(session: Session) -> set[str]:
    """The names of all submissions' folders."""
    return set(session.scalars(select(Submission.handle)))


def has_live(session: Session) -> bool:
    """Whether there is anything to do."""
    return (
        session.scalar(select(Submission.id).where(Submission.state.in_(LIVE)).limit(1)) is not None
    )


def move(
    session: Session, row: Submission, allowed: Sequence[State], state: State, **more: object
) -> bool:
    """Change its state if it is one of those allowed, and other columns with it; tell whether.

    Raises InputNotFound where another removed it.
    """
    return note(session, row, allowed, state=state, **more)


def note(session: Session, row: Submission, allowed: Sequence[State], **columns: object) -> bool:
    """Change columns while its state, whichever it is by now, is allowed; tell whether.

    Raises InputNotFound where another removed it.
    """
    changed = session.execute(
        update(Submission)
        .where(Submission.id == row.id, Submission.state.in_(allowed))
        .values(**columns)
        .execution_options(synchronize_session=False)
    )
    find(session, row.id)
    if not changed.rowcount:  # type: ignore[attr-defined] # of an UPDATE there is one
        return False
    note_change(session)
    return True


def cancel(session: Session, row: Submission) -> None:
    """Take it out of the queue, or ask for it to be stopped; raises BadInput where it is over."""
    if not (
        move(session, row, [State.WAITING], State.CANCELLED, finished_at=now(), message="")
        or move(session, row, UNDER_WAY, State.STOPPING)
        or move(session, row, [State.AWAY], State.RECALLED)
    ):
        raise BadInput(f"this is {row.state} already: there is nothing to cancel")
    audit.record(session, "cancelled", detail=row.title)


def try_again(session: Session, row: Submission) -> None:
    """Put it at the end of the queue; the front door goes on where it stopped.

    Raises BadInput where it did not fail, or was submitted again since.
    """
    _lock(session)
    if any(one.source == row.source for one in list_live(session) if one.id != row.id):
        raise BadInput("this was submitted again, and is in the queue again already")
    fresh = {"queued_at": now(), "message": "", "finished_at": None}
    fresh |= {"report": None, "told_at": None}
    if not move(session, row, CAN_BE_TRIED_AGAIN, State.WAITING, **fresh):
        raise BadInput(f"this is {row.state}: only what failed or was cancelled is tried again")
    _forget_failures(session, row)


def remove(session: Session, row: Submission) -> None:
    """Forget it; a debate that it became stays. Raises BadInput while it is in the queue."""
    gone = delete(Submission).where(Submission.id == row.id, Submission.state.in_(AT_REST))
    gone = gone.execution_options(synchronize_session=False)
    if not session.execute(gone).rowcount:  # type: ignore[attr-defined]
        find(session, row.id)
        raise BadInput(f"this is {row.state}: cancel it first")
    _forget_failures(session, row)
    note_change(session)


def _forget_failures(session: Session, row: Submission) -> None:
    """The front door may make another job of it, whose success would not say so."""
    if row.job_id:
        forget_failures(session, row.job_id)


def forget_oldest(session: Session) -> None:
    """Keep the list bounded."""
    kept = session.scalar(select(func.count()).select_from(Submission)) or 0
    if kept > MOST_KEPT:
        old = select(Submission.id).where(Submission.state.in_(AT_REST)).order_by(Submission.id)
        old = old.limit(kept - MOST_KEPT)
        session.execute(delete(Submission).where(Submission.id.in_(old.scalar_subquery())))
        note_change(session)
