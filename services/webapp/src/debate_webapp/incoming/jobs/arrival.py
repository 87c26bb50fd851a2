"""What the site does when a job says that it ended: what an editor would do by hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from debate_webapp.database.models import FailedJob
from debate_webapp.incoming.imports import Registration, register
from debate_webapp.incoming.jobs.event import JobEvent
from debate_webapp.incoming.jobs.sentences import Sentences
from debate_webapp.incoming.storage import Store, is_transcript

# A failure that nobody looked at for so long is no news any more.
KEPT = timedelta(days=14)
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of an event: how many transcripts are new, the first one's page, why it failed."""

    new: int = 0
    page: str = ""
    sentence: str = ""


def arrive(session: Session, store: Store, event: JobEvent, sentences: Sentences) -> Arrived:
    """Register the transcripts of a job that succeeded, keep why another failed, and commit.

    The same event again changes nothing. Raises what `register` raises.
    """
    if not event.succeeded:
        return Arrived(sentence=_keep_failure(session, event, sentences))
    made = _register_all(session, store, store.key_of(event.transcripts))
    session.execute(delete(FailedJob).where(FailedJob.transcripts == event.transcripts))
    session.commit()
    return Arrived(sum(one.created for one in made), _page(made))


def register_job(session: Session, store: Store, folder: str) -> str:
    """Register what lies in a job's transcripts/, and commit; the first one's page, if any."""
    made = _register_all(session, store, folder)
    session.commit()
    return _page(made)


def _register_all(session: Session, store: Store, folder: str) -> list[Registration]:
    keys = [key for key in store.keys(f"{folder}/") if is_transcript(key)]
    return [register(session, store, store.uri_of(key)) for key in keys]


def _page(made: list[Registration]) -> str:
    return f"/debates/{made[0].transcript.id}" if made else ""


def _keep_failure(session: Session, event: JobEvent, sentences: Sentences) -> str:
    session.execute(delete(FailedJob).where(FailedJob.at < event.at - KEPT))
    kept = session.get(FailedJob, event.job_id)
    if kept is None:
        said = sentences.last(event.log_stream) if event.log_stream else ""
        kept = FailedJob(
            job_id=event.job_id,
            name=event.name,
            transcripts=event.transcripts,
            sentence=said or event.reason,
            at=event.at,
        )
        session.add(kept)
    session.commit()
    return kept.sentence


def failed_lately(session: Session, now: datetime) -> list[FailedJob]:
    """Jobs that failed and were not made good since, the newest first."""
    lately = FailedJob.at >= now - KEPT
    query = select(FailedJob).where(lately).order_by(FailedJob.at.desc()).limit(SHOWN)
    return list(session.scalars(query))
