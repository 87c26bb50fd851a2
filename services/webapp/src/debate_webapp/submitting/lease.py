"""One at a time works the queue, among all processes of all servers on one database."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate_webapp.database.base import now
from debate_webapp.database.models import QueueLease

# Who was killed has it for so long; renewed well before that.
LASTS = timedelta(seconds=10)
_RENEWED_AFTER = LASTS * 0.6
NAME = "queue"


def take(session: Session, holder: str) -> bool:
    """Take or renew the lease; False while another has it. Commits."""
    at = now()
    held = session.get(QueueLease, NAME)
    if held is None:
        return _begin(session, holder)
    if held.holder == holder and held.until > at + LASTS - _RENEWED_AFTER:
        return True
    if held.holder != holder and held.until > at:
        return False
    mine = (
        update(QueueLease)
        .where(QueueLease.name == NAME, QueueLease.until == held.until)
        .where(QueueLease.holder == held.holder)
        .values(holder=holder, until=at + LASTS)
        .execution_options(synchronize_session=False)
    )
    taken = bool(session.execute(mine).rowcount)  # type: ignore[attr-defined]
    session.commit()
    session.expire_all()
    return taken


def _begin(session: Session, holder: str) -> bool:
    session.add(QueueLease(name=NAME, holder=holder, until=now() + LASTS))
    try:
        session.commit()
    except IntegrityError:  # another was faster
        session.rollback()
        return False
    return True


def holder_of(session: Session) -> str:
    """Who has it, or had it last; empty for nobody."""
    return session.scalar(select(QueueLease.holder)) or ""


def give_up(session: Session, holder: str) -> None:
    """Let another have it at once. Commits."""
    session.execute(delete(QueueLease).where(QueueLease.holder == holder))
    session.commit()
