"""All that is kept beside the rows, made anew from them: `debate-webapp figures`."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate_webapp.database.models import DebateFigures, Transcript
from debate_webapp.reading.figures import bring_up_to_date
from debate_webapp.reading.kept import is_current
from debate_webapp.reading.queries import recount


def rebuild(session: Session, everything: bool = False) -> int:
    """Compute the figures that are out of date, or all; count the segments. How many it computed.

    It may be stopped and started again, and run beside the site.
    """
    wanted = list(session.scalars(select(Transcript.id))) if everything else outdated(session)
    for number in session.scalars(select(Transcript.id).order_by(Transcript.id)).all():
        # Locked where rows can be, so that no edit falls between counting and writing.
        transcript = session.get_one(Transcript, number, with_for_update={"of": Transcript})
        recount(session, transcript)
        session.commit()
    for number in wanted:
        bring_up_to_date(session.get_bind().engine, number)
    return len(wanted)


def outdated(session: Session) -> list[int]:
    """Ids of the transcripts without current figures."""
    rows = session.execute(
        select(Transcript, DebateFigures)
        .outerjoin(DebateFigures, DebateFigures.transcript_id == Transcript.id)
        .order_by(Transcript.id)
    )
    return [one.id for one, figures in rows if not is_current(figures, one)]
