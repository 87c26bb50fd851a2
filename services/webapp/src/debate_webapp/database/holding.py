"""A transcript that is held: until the transaction ends nobody else changes it or its rows.

Whoever reads to change holds first, so what is read then is as it will be when the change is
written, and is read once.
"""

from typing import Any

from sqlalchemy import Select, event
from sqlalchemy.orm import Session, SessionTransaction

from debate_webapp.database.engine import begin_writing
from debate_webapp.database.models import Segment, Speaker, Transcript

_HELD = "held"
# Of the transcript alone, and not its key: on PostgreSQL a row of another table that names it, such
# as figures that a reader keeps, would wait for an editor.
_LOCK: dict[str, Any] = {"of": Transcript, "key_share": True}


def find_and_hold(
    session: Session, query: Select[Transcript], transcript_id: int
) -> Transcript | None:
    """The transcript that a query with the parameter `transcript` finds, held from now on."""
    begin_writing(session)
    _forget_rows(session)
    locking = query.with_for_update(**_LOCK)
    parameters, anew = {"transcript": transcript_id}, {"populate_existing": True}
    transcript = session.scalar(locking, parameters, execution_options=anew)
    session.info[_HELD] = transcript and transcript.id
    return transcript


def hold(session: Session, transcript: Transcript) -> None:
    """Hold one that was read before; it and its rows are read anew, unless it is held already."""
    if session.info.get(_HELD) == transcript.id:
        return
    begin_writing(session)
    _forget_rows(session)
    session.refresh(transcript, with_for_update=_LOCK)
    session.info[_HELD] = transcript.id


def _forget_rows(session: Session) -> None:
    """What was read of any transcript before may be old; a change under way stays one."""
    changed = session.dirty
    for row in session.identity_map.values():
        if isinstance(row, Speaker | Segment) and row not in changed:
            session.expire(row)


@event.listens_for(Session, "after_transaction_end")
def _let_go(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_HELD, None)
