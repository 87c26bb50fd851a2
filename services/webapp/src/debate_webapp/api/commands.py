"""An editor's command as it comes in: checked, and given to the function that carries it out."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from flask import abort
from sqlalchemy.orm import Session

from debate_webapp import edits, people
from debate_webapp.artefact import MAX_TEXT
from debate_webapp.edits import SEGMENT_COMMANDS, Author, Value
from debate_webapp.models import Person, Segment, Transcript

Json = dict[str, Any]


def apply_command(session: Session, transcript: Transcript, body: Json, author: Author) -> Segment:
    """Carry out one command and commit; the segment as it is now.

    The same client id again changes nothing. Raises StaleVersion and NothingToUndo; aborts with
    400, 404, 413, 422 or 428.
    """
    command, arguments, versions = body.get("command"), _arguments(body), _versions(body)
    before = edits.find_edit(session, transcript, author.client_id)
    if before is not None and before.command != command:
        abort(400, "This `client_id` was used for another command; make a new one.")
    if command == "undo":
        return edits.undo(session, transcript, versions, author)
    if not isinstance(command, str) or command not in SEGMENT_COMMANDS:
        abort(400, f"`command` is one of {', '.join(SEGMENT_COMMANDS)}, undo.")
    segment = _segment(session, transcript, arguments)
    if segment.id not in versions:
        abort(428, "Send the segment's `version` under its id in `versions`.")
    value = _VALUES[command](session, arguments)
    edits.change_segment(session, segment, command, value, versions[segment.id], author)
    return segment


def named_person(session: Session, arguments: Json) -> Person | None:
    """The person of a mapping, None for nobody; aborts with 422 when there is none."""
    slug = arguments.get("person", "")
    if slug is None:
        return None
    usable = isinstance(slug, str) and slug.isprintable()
    person = people.person_by_slug(session, slug) if usable else None
    return person or abort(422, "No such person; add them with POST /api/v1/people first.")


def _arguments(body: Json) -> Json:
    arguments = body.get("arguments", {})
    return arguments if isinstance(arguments, dict) else abort(400, "`arguments` is an object.")


def _versions(body: Json) -> dict[int, int]:
    versions = body.get("versions")
    if versions is None:
        abort(428, "Send `versions`: the version of the segment you saw, under its id.")
    if not isinstance(versions, dict) or not all(
        re.fullmatch(r"\d{1,10}", key) and type(version) is int for key, version in versions.items()
    ):
        abort(400, "`versions` has segments' ids as keys and whole numbers as values.")
    return {int(key): version for key, version in versions.items()}


def _segment(session: Session, transcript: Transcript, arguments: Json) -> Segment:
    wanted = arguments.get("segment")
    if type(wanted) is not int:
        abort(400, "`arguments` names the `segment` by its id.")
    segment = session.get(Segment, wanted) if 0 < wanted < 2**31 else None
    if segment is None or segment.transcript_id != transcript.id:
        abort(404, "There is no such segment in this transcript.")
    return segment


def _text(_session: Session, arguments: Json) -> str:
    """One line, composed characters; empty where nobody said anything."""
    text = arguments.get("text")
    if not isinstance(text, str):
        abort(400, "`arguments` has the segment's new `text`.")
    if len(text) > MAX_TEXT:
        abort(413, f"A segment has at most {MAX_TEXT} characters.")
    kept = (" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _reviewed(_session: Session, arguments: Json) -> bool:
    reviewed = arguments.get("reviewed")
    return reviewed if isinstance(reviewed, bool) else abort(400, "`reviewed` is true or false.")


_VALUES: dict[str, Callable[[Session, Json], Value]] = {
    "edit_text": _text,
    "assign_segment": named_person,
    "mark_reviewed": _reviewed,
}
