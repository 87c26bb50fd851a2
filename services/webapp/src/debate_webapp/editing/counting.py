"""Making a version of a debate the one that counts."""

from sqlalchemy.orm import Session

from debate_webapp.database.models import Transcript
from debate_webapp.editing.edits import change_standing
from debate_webapp.editing.log import Author, record
from debate_webapp.reading.versions import counting_of, versions_of


def count_version(session: Session, transcript: Transcript, author: Author) -> None:
    """Make a version the one that counts, as it is, and commit; whoever does so twice does it once.

    The one that counted stays with all that was corrected in it, and the same brings it back.
    """

    def change() -> None:
        if not transcript.counts:
            before = counting_of(versions_of(session, transcript.key))
            hand_over(session, before, transcript)
            log_count(session, before, transcript, author)

    change_standing(session, transcript, change, author)


def hand_over(session: Session, before: Transcript, now: Transcript) -> None:
    """Let `now` count instead of `before`.

    The revision makes an edit of `before` that is under way fail: it would be lost.
    """
    if now.media_key is None:  # as when the one before was given a recording since
        now.media_key, now.has_picture = before.media_key, before.has_picture
    before.counts = False
    before.revision += 1
    session.flush()
    now.counts = True


def log_count(
    session: Session, before: Transcript, now: Transcript, author: Author, **more: int
) -> None:
    """Write into the log of `now` whose place it took, and what else there is to say."""
    arguments, inverse = {"instead_of": before.id, **more}, {"version": before.id}
    record(session, now, "count", arguments, inverse, author)
