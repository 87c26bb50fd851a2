"""What the site does when a job says that it ended: what an editor would do by hand."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from debate_webapp.database.models import FailedJob
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.jobs.event import JobEvent
from debate_webapp.incoming.jobs.sentences import Sentences
from debate_webapp.incoming.storage import Store, is_transcript

# A failure that nobody looked at for so long is no news any more.
KEPT = timedelta(days=14)
SHOWN = 20


def arrive(session: Session, store: Store, event: JobEvent, sentences: Sentences) -> int:
    """Register the transcripts of a job that succeeded, keep why another failed, and commit.

    Returns how many transcripts are new. The same event again changes nothing. Raises what
    `register` raises.
    """
    if not event.succeeded:
        _keep_failure(session, event, sentences)
        return 0
    folder = store.key_of(event.transcripts)
    keys = [key for key in store.keys(f"{folder}/") if is_transcript(key)]
    made = [register(session, store, store.uri_of(key)).created for key in keys]
    session.execute(delete(FailedJob).where(FailedJob.transcripts == event.transcripts))
    session.commit()
    return sum(made)


def _keep_failure(session: Session, event: JobEvent, sentences: Sentences) -> None:
    session.execute(delete(FailedJob).where(FailedJob.at < event.at - KEPT))
    if session.get(FailedJob, event.job_id) is None:
        said = sentences.last(event.log_stream) if event.log_stream else ""
        session.add(
            FailedJob(
                job_id=event.job_id,
                name=event.name,
                transcripts=event.transcripts,
                sentence=said or event.reason,
                at=event.at,
            )
        )
    session.commit()


def failed_lately(session: Session, now: datetime) -> list[FailedJob]:
    """Jobs that failed and were not made good since, the newest first."""
    lately = FailedJob.at >= now - KEPT
    query = select(FailedJob).where(lately).order_by(FailedJob.at.desc()).limit(SHOWN)
    return list(session.scalars(query))
