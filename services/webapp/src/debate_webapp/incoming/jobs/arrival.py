"""What the site does when a job says that it ended: what an editor would do by hand."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate_webapp.database.models import FailedJob, Transcript
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.jobs.event import JobEvent
from debate_webapp.incoming.jobs.sentences import Sentences
from debate_webapp.incoming.storage import OutsideStore, Store, is_transcript

# A failure that nobody looked at for so long is no news any more.
KEPT = timedelta(days=14)
SHOWN = 20


def arrive(session: Session, store: Store, event: JobEvent, sentences: Sentences) -> int:
    """Register the transcripts of a job that succeeded, keep why another failed, and commit.

    Returns how many transcripts are new. The same event again changes nothing. Raises what
    `register` raises.
    """
    if not event.succeeded:
        if not _is_known(session, store, event):
            _keep_failure(session, event, sentences)
        return 0
    folder = store.key_of(event.transcripts)
    keys = [key for key in store.keys(f"{folder}/") if is_transcript(key)]
    made = [register(session, store, store.uri_of(key)).created for key in keys]
    session.execute(delete(FailedJob).where(FailedJob.transcripts == event.transcripts))
    session.commit()
    return sum(made)


def _is_known(session: Session, store: Store, event: JobEvent) -> bool:
    """Whether a failure is kept already, or was made good after it: events come late and twice."""
    if session.get(FailedJob, event.job_id) is not None:
        return True
    with suppress(OutsideStore):
        below = Transcript.key.startswith(f"{store.key_of(event.transcripts)}/", autoescape=True)
        later = select(Transcript.id).where(below, Transcript.registered_at >= event.at)
        return session.scalar(later.limit(1)) is not None
    return False


def _keep_failure(session: Session, event: JobEvent, sentences: Sentences) -> None:
    # Asked before anything is written: nobody waits for the database because of AWS.
    said = sentences.last(event.log_stream) if event.log_stream else ""
    session.execute(delete(FailedJob).where(FailedJob.at < event.at - KEPT))
    session.add(
        FailedJob(
            job_id=event.job_id,
            name=event.name,
            transcripts=event.transcripts,
            sentence=said or event.reason,
            at=event.at,
        )
    )
    try:
        session.commit()
    except IntegrityError:  # the same event, at the same time
        session.rollback()


def failed_lately(session: Session, now: datetime) -> list[FailedJob]:
    """Jobs that failed and were not made good since, the newest first."""
    lately = FailedJob.at >= now - KEPT
    query = select(FailedJob).where(lately).order_by(FailedJob.at.desc()).limit(SHOWN)
    return list(session.scalars(query))
