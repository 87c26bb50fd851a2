"""What is only read, in the audit."""

from flask import g
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.database.engine import session
from debate_webapp.site.auth.current import current_user


def record_now(action: str, *, detail: str = "", transcript_id: int | None = None) -> None:
    """Enter and commit what somebody with an account took along, before it is sent.

    In a transaction of its own, since one that reads has a snapshot. What strangers take is public,
    and in no record.
    """
    if current_user() is None:
        return
    with Session(session().get_bind()) as writing:
        audit.act_as(writing, g.actor)
        audit.record(writing, action, detail=detail, transcript_id=transcript_id)
        writing.commit()
