"""An editor's command as it comes in: checked, and given to the function that carries it out."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from flask import abort
from sqlalchemy.orm import Session

from debate_webapp.database.models import Person, Segment, Speaker, Transcript
from debate_webapp.editing import edits, reshaping
from debate_webapp.editing.log import FRESH, Author, State
from debate_webapp.incoming.artefact import MAX_TEXT
from debate_webapp.reading import people

Json = dict[str, Any]
# Seconds; no recording is as long.
LONGEST = 1_000_000


def apply_command(
    session: Session, transcript: Transcript, body: Json, author: Author
) -> list[Segment]:
    """Carry out one command and commit; the segments it was about as they are now.

    The same request again changes nothing. Raises StaleVersion, NothingToUndo, NothingToRedo,
    ClientIdReused and BadInput; aborts with 400, 404, 413, 422 or 428.
    """
    command, arguments, versions = body.get("command"), _arguments(body), _versions(body)
    if command == "undo":
        return edits.undo(session, transcript, versions, author)
    if command == "redo":
        return edits.redo(session, transcript, versions, author)
    if not isinstance(command, str) or command not in FRESH:
        abort(400, f"`command` is one of {', '.join(FRESH)}, undo, redo.")
    segment = _segment(session, transcript, arguments, versions)
    if command == "split":
        where = _where(arguments)
        return reshaping.split_segment(session, segment, where, versions[segment.id], author)
    if command == "merge":
        other = _segment(session, transcript, arguments, versions, "other")
        return reshaping.merge_segments(session, segment, other, versions, author)

    def find_state() -> State:
        return _STATES[command](session, transcript, arguments)

    return edits.change_segment(session, segment, command, find_state, versions[segment.id], author)


def named_person(session: Session, arguments: Json) -> Person | None:
    """Whom arguments mean by `person` (a slug, null for nobody) or by `name`, known or new.

    Raises BadInput for no name; aborts with 422 when there is no such person.
    """
    name = arguments.get("name")
    if isinstance(name, str):
        return people.find_or_add(session, people.clean_name(name))
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


def _segment(
    session: Session,
    transcript: Transcript,
    arguments: Json,
    versions: dict[int, int],
    name: str = "segment",
) -> Segment:
    wanted = arguments.get(name)
    if type(wanted) is not int:
        abort(400, f"`arguments` names the `{name}` by its id.")
    segment = session.get(Segment, wanted) if 0 < wanted < 2**31 else None
    if segment is None or segment.transcript_id != transcript.id:
        abort(404, "There is no such segment in this transcript.")
    if segment.id not in versions:
        abort(428, "Send the segment's `version` under its id in `versions`.")
    return segment


def _where(arguments: Json) -> reshaping.Where:
    """At a time, or as two texts."""
    time, texts = arguments.get("time"), arguments.get("texts")
    # Whole numbers may be too long for a float, and NaN is no time.
    if isinstance(time, int | float) and 0 <= time < LONGEST:
        return float(time)
    if isinstance(texts, list) and len(texts) == 2:
        before, after = map(_kept, texts)
        return before, after
    return abort(400, "`arguments` has the `time` at which to split, or two `texts`.")


def _kept(text: object) -> str:
    """One line, composed characters; empty where nobody said anything."""
    if not isinstance(text, str):
        abort(400, "`arguments` has the segment's new `text`.")
    if len(text) > MAX_TEXT:
        abort(413, f"A segment has at most {MAX_TEXT} characters.")
    kept = (" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _text(_session: Session, _transcript: Transcript, arguments: Json) -> State:
    return {"text": _kept(arguments.get("text"))}


def _speaker(session: Session, transcript: Transcript, arguments: Json) -> State:
    """A person of its own, nobody for whom its label says; or another label, whoever that is."""
    label = arguments.get("label")
    if label is None:
        person = named_person(session, arguments)
        return {"person": person.slug if person else None}
    usable = isinstance(label, str) and label.isprintable()
    if not usable or session.get(Speaker, (transcript.id, label)) is None:
        abort(422, "No such label in this transcript.")
    return {"label": label, "person": None}


def _reviewed(_session: Session, _transcript: Transcript, arguments: Json) -> State:
    reviewed = arguments.get("reviewed")
    known = isinstance(reviewed, bool)
    return {"reviewed": reviewed} if known else abort(400, "`reviewed` is true or false.")


_STATES: dict[str, Callable[[Session, Transcript, Json], State]] = {
    "edit_text": _text,
    "assign_segment": _speaker,
    "mark_reviewed": _reviewed,
}
