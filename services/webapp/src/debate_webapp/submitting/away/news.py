"""What AWS tells of a job that ended, entered for the submission that it is of."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate_webapp.database.base import now
from debate_webapp.database.models import Submission
from debate_webapp.incoming.jobs.arrival import Arrived
from debate_webapp.incoming.jobs.event import JobEvent
from debate_webapp.submitting import queue
from debate_webapp.submitting.queue import State


def hear(session: Session, event: JobEvent, arrived: Arrived) -> None:
    """End the submission whose job's folder the event names, if there is one elsewhere; commits.

    A failure from before it was tried again is none of this attempt, whose folder is the same. If
    the clocks differ and it was one, the next look says so.
    """
    job_id = event.transcripts.removesuffix("/transcripts").rpartition("/")[2]
    of_it = select(Submission).where(Submission.job_id == job_id)
    rows = session.scalars(of_it.where(Submission.state.in_(queue.ELSEWHERE))).all()
    for row in rows:
        ended = {"finished_at": now(), "page": arrived.page, "message": ""}
        if event.succeeded:
            queue.move(session, row, queue.ELSEWHERE, State.DONE, **ended)
        elif not row.started_at or event.at >= row.started_at:
            said = ended | {"message": arrived.sentence}
            queue.move(session, row, [State.RECALLED], State.CANCELLED, **ended)
            state = State.CANCELLED if event.on_purpose else State.FAILED
            queue.move(session, row, [State.AWAY], state, **said)
    session.commit()
