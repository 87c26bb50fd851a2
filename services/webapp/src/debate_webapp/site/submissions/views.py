"""The page: what to submit, and how far each submission is.

It is asked for again every two seconds while something is under way. Short polling, not events
sent by the server: an open event stream would hold one of a process's eight threads for as long as
a page is open, while an unchanged page is a 304 that costs a few milliseconds.
"""

from collections.abc import Mapping
from typing import Any

from debate_contract.errors import StageError
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from debate_webapp.accounts.roles import Permission
from debate_webapp.database.engine import begin_snapshot, session
from debate_webapp.site.auth.guard import needs
from debate_webapp.site.caching import conditional
from debate_webapp.site.filters import LANGUAGES
from debate_webapp.site.pages import sentence, status_of
from debate_webapp.site.submissions.current import (
    MISSING,
    current_front_door,
    forget,
    read_tag,
    submit_recordings,
    watch_queue,
)
from debate_webapp.submitting import queue
from debate_webapp.submitting.wishes import MOST_LINES

blueprint = Blueprint("submissions", __name__, url_prefix="/submissions")

_SAID = {
    "cancel": (queue.cancel, "Cancelled: {}."),
    "retry": (queue.try_again, "Tried again when its turn comes: {}."),
    "remove": (forget, "Removed from the list: {}."),
}


@blueprint.get("")
@needs(Permission.SUBMIT)
def index() -> ResponseReturnValue:
    """The form, and the queue."""
    return conditional(read_tag(session()), _page)


@blueprint.post("")
@needs(Permission.SUBMIT)
def submit() -> ResponseReturnValue:
    """Put what was typed into the queue."""
    try:
        uploads = request.form.getlist("uploads")[:MOST_LINES]
        addresses = request.form.get("addresses", "")
        rows = submit_recordings(session(), addresses, uploads, request.form)
    except StageError as error:
        return _again(sentence(error), request.form), status_of(error)
    what = "One recording is" if len(rows) == 1 else f"{len(rows)} recordings are"
    flash(f"{what} in the queue.")
    return redirect(url_for("submissions.index"), code=303)


@blueprint.post("/<int:submission_id>/<any(cancel,retry,remove):action>")
@needs(Permission.SUBMIT)
def change(submission_id: int, action: str) -> ResponseReturnValue:
    """Cancel it, try it again, or take it off the list."""
    row = queue.find(session(), submission_id)
    title, (act, said) = row.title, _SAID[action]
    try:
        act(session(), row)
    except StageError as error:
        return _again(sentence(error), {}), status_of(error)
    session().commit()
    flash(said.format(title))
    return redirect(url_for("submissions.index"), code=303)


def _again(problem: str, typed: Mapping[str, Any]) -> str:
    session().rollback()
    begin_snapshot(session())
    return _page(problem, typed)


def _page(problem: str | None = None, typed: Mapping[str, Any] | None = None) -> str:
    missing = current_front_door().command is None
    return render_template(
        "submissions/index.html",
        queue=watch_queue(session()),
        missing=f"{MISSING[:1].upper()}{MISSING[1:]}." if missing else None,
        problem=problem,
        typed=typed or {},
        languages=sorted(LANGUAGES.items(), key=lambda pair: pair[1]),
    )
