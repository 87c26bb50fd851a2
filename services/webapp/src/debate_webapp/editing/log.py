"""The log of edits: what each did to which rows, and what an undo or a redo would take back.

An entry names one row and its attributes, `{"segment": 7, "text": "…"}`, or several, as
`{"segment": 7, "other": 8, "rows": {"7": {…}, "8": {…}}}`; `arguments` say what the rows became,
`inverse` what they were. An undo is an edit with these two exchanged, and so is a redo.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from debate_webapp.database.models import Edit, Person, Segment, Transcript, User
from debate_webapp.errors import ClientIdReused

# What an edit does anew; `undo` and `redo` go back and forth among these.
FRESH = ("edit_text", "assign_segment", "mark_reviewed", "split", "merge")
# What corrects nothing of what was said or by whom.
NO_CORRECTION = ("publish", "unpublish", "count", "give_recording")

# Attributes of a segment by name, a person by slug.
State = dict[str, Any]
States = Mapping[int, State]


@dataclass(frozen=True, slots=True)
class Author:
    """Who gives a command; `client_id` makes a repeated request harmless.

    `asked` is all that the request said, as JSON: by it a repeated one is told from another one.
    """

    user: User
    client_id: str
    asked: Any = None

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of what was asked."""
        return hashlib.sha256(json.dumps(self.asked, sort_keys=True).encode()).hexdigest()


def state_of(segment: Segment, names: Mapping[str, Any]) -> State:
    """These attributes of a segment as the log keeps them."""
    values = {name: getattr(segment, name) for name in names}
    return {k: v.slug if isinstance(v, Person) else v for k, v in values.items()}


def write_states(states: States) -> dict[str, Any]:
    """Rows as an entry of the log; the first is the one the command was about."""
    first, *others = states
    if not others:
        return {"segment": first, **states[first]}
    rows = {str(segment): state for segment, state in states.items()}
    return {"segment": first, "other": others[0], "rows": rows}


def read_states(entry: Mapping[str, Any]) -> dict[int, State]:
    """The rows of an entry, by the segment's id; none where it is not about segments."""
    if "rows" in entry:
        return {int(segment): state for segment, state in entry["rows"].items()}
    if "segment" not in entry:
        return {}
    attributes = {k: v for k, v in entry.items() if k not in ("command", "segment", "edit")}
    return {entry["segment"]: attributes}


def record(
    session: Session,
    transcript: Transcript,
    command: str,
    arguments: dict[str, Any],
    inverse: dict[str, Any],
    author: Author,
) -> None:
    """Raise the transcript's revision and append the edit that made it."""
    transcript.revision += 1
    if _changes_content(command, arguments):
        transcript.content_revision = transcript.revision
    session.add(
        Edit(
            transcript_id=transcript.id,
            revision=transcript.revision,
            user_id=author.user.id,
            client_id=author.client_id,
            asked=author.digest,
            command=command,
            arguments=arguments,
            inverse={"command": command, **inverse},
        )
    )


def _changes_content(command: str, arguments: Mapping[str, Any]) -> bool:
    """Whether figures may be others after it: not where only the mark of a segment changed."""
    states = read_states(arguments).values()
    only_marks = bool(states) and all(state.keys() <= {"reviewed"} for state in states)
    return command not in NO_CORRECTION and not only_marks


def count(transcript: Transcript, segments: Iterable[Segment], sign: int) -> None:
    """Add rows as they are to the transcript's counts, or with -1 take them out."""
    shown = [segment for segment in segments if not segment.removed]
    transcript.segment_count += sign * len(shown)
    transcript.reviewed_count += sign * sum(segment.reviewed for segment in shown)


def next_undo(session: Session, transcript: Transcript, user: User) -> Edit | None:
    """The edit that an undo of this user would take back."""
    return session.scalars(_DONE, _ids(transcript, user)).first()


def next_redo(session: Session, transcript: Transcript, user: User) -> Edit | None:
    """The undo that a redo of this user would take back; an edit of theirs after it ends that."""
    edit = session.scalars(_UNDONE, _ids(transcript, user)).first()
    if edit is None:
        return None
    fresh = session.scalars(_FRESH, _ids(transcript, user)).first()
    return edit if fresh and edit.revision > fresh.revision else None


def next_steps(
    session: Session, transcript: Transcript, user: User
) -> tuple[Edit | None, Edit | None]:
    """What an undo and what a redo of this user would take back.

    Their newest edit is nearly always one of the two, and then says what the other is.
    """
    newest = session.scalars(_NEWEST, _ids(transcript, user)).first()
    if newest is None:
        return None, None
    if newest.command == "undo":
        return next_undo(session, transcript, user), newest
    return newest, next_redo(session, transcript, user) if newest.command == "redo" else None


def last_edit(session: Session, segment: Segment) -> Edit | None:
    """Who changed a segment last, and when."""
    transcript = session.get_one(Transcript, segment.transcript_id)
    named = [Edit.arguments[name].as_integer() == segment.id for name in ("segment", "other")]
    return session.scalars(_newest_first(transcript).where(or_(*named)).limit(1)).first()


def edits_since(session: Session, transcript: Transcript, revision: int) -> list[Edit]:
    """All edits after a revision, newest first."""
    return list(session.scalars(_newest_first(transcript).where(Edit.revision > revision)))


def find_edit(session: Session, transcript: Transcript, author: Author) -> Edit | None:
    """The edit that this request made before; raises ClientIdReused where it was another request.

    Client ids are each user's own.
    """
    ids = _ids(transcript, author.user)
    edit = session.scalars(_REPEATED, ids | {"client_id": author.client_id}).first()
    if edit is not None and edit.asked != author.digest:
        raise ClientIdReused(author.client_id)
    return edit


def _newest_first(transcript: Transcript) -> Select[Edit]:
    query = select(Edit).where(Edit.transcript_id == transcript.id)
    return query.order_by(Edit.revision.desc())


def _ids(transcript: Transcript, user: User) -> dict[str, Any]:
    return {"transcript_id": transcript.id, "user_id": user.id}


def _answered(command: str) -> Select[int]:
    """Ids of the edits that an undo, or a redo, took back."""
    query = _OWN.where(Edit.command == command).order_by(None)
    return query.with_only_columns(Edit.arguments["edit"].as_integer())


# Asked with every edit, and made once: what makes a statement costs more than what carries it out.
_OWN = (
    select(Edit)
    .where(Edit.transcript_id == bindparam("transcript_id"), Edit.user_id == bindparam("user_id"))
    .order_by(Edit.revision.desc())
)
_REPEATED = _OWN.where(Edit.client_id == bindparam("client_id"))
_NEWEST = _OWN.where(Edit.command.in_((*FRESH, "undo", "redo"))).limit(1)
_FRESH = _OWN.where(Edit.command.in_(FRESH)).limit(1)
_DONE = _OWN.where(Edit.command.in_((*FRESH, "redo")), Edit.id.not_in(_answered("undo"))).limit(1)
_UNDONE = _OWN.where(Edit.command == "undo", Edit.id.not_in(_answered("redo"))).limit(1)
