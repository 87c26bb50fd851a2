"""The same for programs: /api/v1/submissions."""

from collections.abc import Sequence
from typing import Any

from debate_contract.errors import BadInput
from flask import Blueprint, Response, abort, jsonify, url_for
from flask.typing import ResponseReturnValue

from debate_webapp.accounts.roles import Permission
from debate_webapp.database.engine import session
from debate_webapp.database.models import Submission
from debate_webapp.site.api.bodies import read_body
from debate_webapp.site.auth.guard import needs
from debate_webapp.site.caching import conditional
from debate_webapp.site.submissions.current import (
    Watched,
    forget,
    read_tag,
    submit_recordings,
    watch,
    watch_queue,
)
from debate_webapp.submitting import queue
from debate_webapp.submitting.progress import Progress
from debate_webapp.submitting.wishes import MOST_LINES

Json = dict[str, Any]

blueprint = Blueprint("submissions_api", __name__, url_prefix="/api/v1/submissions")


@blueprint.post("")
@needs(Permission.SUBMIT)
def submit() -> ResponseReturnValue:
    """Queue addresses: 201."""
    body = read_body()
    sources, uploads = _texts(body, "sources"), _texts(body, "uploads")
    if not sources and not uploads:
        abort(400, 'Send {"sources": ["https://…"]}, or {"uploads": ["<id>"]}.')
    rows = submit_recordings(session(), "\n".join(sources), uploads, body)
    answer = jsonify({"submissions": _json(rows)})
    answer.status_code = 201
    return answer


def _texts(body: Json, name: str) -> list[str]:
    given = body.get(name, [])
    is_list = isinstance(given, list) and len(given) <= MOST_LINES
    if not is_list or not all(isinstance(one, str) for one in given):
        abort(400, f"`{name}` is a list of {MOST_LINES} texts at most.")
    return list(given)


@blueprint.get("")
@needs(Permission.SUBMIT)
def submissions() -> ResponseReturnValue:
    """What is under way and waits in the order of turns, then what is over."""
    return conditional(read_tag(session()), _all)


def _all() -> Response:
    shown = watch_queue(session())
    rows = [submission_json(one) for one in (*shown.live, *shown.at_rest)]
    return jsonify({"submissions": rows})


@blueprint.get("/<int:submission_id>")
@needs(Permission.SUBMIT)
def submission(submission_id: int) -> ResponseReturnValue:
    """One of them."""
    (found,) = _json([queue.find(session(), submission_id)])
    return conditional(found, lambda: jsonify(found))


@blueprint.delete("/<int:submission_id>")
@needs(Permission.SUBMIT)
def cancel(submission_id: int) -> ResponseReturnValue:
    """Cancel it; one that is over is taken off the list: 204."""
    row = queue.find(session(), submission_id)
    if row.state in queue.LIVE:
        return _changed(row, queue.cancel)
    forget(session(), row)
    return Response(status=204, mimetype="application/json")


@blueprint.post("/<int:submission_id>/retry")
@needs(Permission.SUBMIT)
def try_again(submission_id: int) -> ResponseReturnValue:
    """Put it at the end of the queue."""
    return _changed(queue.find(session(), submission_id), queue.try_again)


def _changed(row: Submission, act: Any) -> Response:
    try:
        act(session(), row)
    except BadInput as error:
        abort(409, f"{error}.")
    session().commit()
    return jsonify(_json([row])[0])


def _json(rows: Sequence[Submission]) -> list[Json]:
    return [submission_json(one) for one in watch(session(), rows)]


def submission_json(one: Watched) -> Json:
    """A submission as the API gives it."""
    return {
        "id": one.id,
        "source": one.source,
        "title": one.title,
        "by": one.username,
        "state": one.state,
        "place": one.place or None,
        "queued_at": one.queued_at,
        "finished_at": one.finished_at or None,
        "speakers": one.wishes["speakers"],
        "language": one.wishes["language"],
        "names": one.wishes["names"].splitlines(),
        "model": one.wishes["model"],
        "job": one.job_id or None,
        "message": one.message,
        "page": one.page or None,
        "cost": one.cost or None,
        "self": url_for("submissions_api.submission", submission_id=one.id),
        "progress": _progress_json(one.progress) if one.progress else None,
    }


def _progress_json(how_far: Progress) -> Json:
    return {
        "stage": how_far.stage,
        "step": how_far.step,
        "share": how_far.share,
        "rate": how_far.rate,
        "seconds_left": how_far.seconds_left,
        "lines": list(how_far.lines),
    }
