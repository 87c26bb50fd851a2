"""What the site does when a job says that it ended: what an editor would do by hand."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate_webapp.database.models import FailedJob, Transcript
from debate_webapp.incoming.imports import Registration, register
from debate_webapp.incoming.jobs.event import JobEvent
from debate_webapp.incoming.jobs.sentences import Sentences
from debate_webapp.incoming.storage import OutsideStore, Store, is_transcript

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

    The same event again changes nothing, nor does that of a job that was ended on purpose. Raises
    what `register` raises.
    """
    if event.on_purpose:
        return Arrived(sentence=event.reason)
    if not event.succeeded:
        return Arrived(sentence=_keep_failure(session, store, event, sentences))
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


def _was_made_good(session: Session, store: Store, event: JobEvent) -> bool:
    """Whether a debate came of it after the failure: events come late and twice."""
    with suppress(OutsideStore):
        below = Transcript.key.startswith(f"{store.key_of(event.transcripts)}/", autoescape=True)
        later = select(Transcript.id).where(below, Transcript.registered_at >= event.at)
        return session.scalar(later.limit(1)) is not None
    return False


def _is_told_of_its_list(session: Session, event: JobEvent) -> bool:
    """Whether an earlier stage of a list had as many failures: they fail at those after it, too.

    Batch says so of each stage's array.
    """
    same = (FailedJob.transcripts == event.transcripts, FailedJob.sentence == event.reason)
    earlier = select(FailedJob.job_id).where(*same).limit(1)
    return event.listed and session.scalar(earlier) is not None


def _keep_failure(session: Session, store: Store, event: JobEvent, sentences: Sentences) -> str:
    """The sentence that is kept of it; nothing where it was made good since."""
    if kept := session.get(FailedJob, event.job_id):
        return kept.sentence
    if _is_told_of_its_list(session, event) or _was_made_good(session, store, event):
        return ""
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
    return said or event.reason


def forget_failures(session: Session, job_id: str) -> None:
    """Forget that this job failed, if it did: it is done anew, or nobody wants it; no commit."""
    of_it = FailedJob.transcripts.endswith(f"/jobs/{job_id}/transcripts", autoescape=True)
    session.execute(delete(FailedJob).where(of_it))


def failed_lately(session: Session, now: datetime) -> list[FailedJob]:
    """Jobs that failed and were not made good since, the newest first."""
    lately = FailedJob.at >= now - KEPT
    query = select(FailedJob).where(lately).order_by(FailedJob.at.desc()).limit(SHOWN)
    return list(session.scalars(query))
