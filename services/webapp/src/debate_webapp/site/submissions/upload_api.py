"""Uploads in parts: POST begins one, PUT with Content-Range adds to it, GET says how far it is."""

import re
from typing import Any

from debate_contract.errors import BadInput, DiskFull
from flask import Blueprint, Response, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from debate_webapp.accounts.roles import Permission
from debate_webapp.database.engine import session
from debate_webapp.site.api.bodies import read_body
from debate_webapp.site.auth.current import signed_in_user
from debate_webapp.site.auth.guard import needs
from debate_webapp.site.pages import TITLES, problem, sentence
from debate_webapp.site.submissions.current import current_uploads, own_upload
from debate_webapp.submitting import queue
from debate_webapp.submitting.uploads import PART_BYTES, Upload, WrongOffset

blueprint = Blueprint("uploads", __name__, url_prefix="/api/v1/uploads")

_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")


@blueprint.post("")
@needs(Permission.SUBMIT)
def begin() -> ResponseReturnValue:
    """Make room for a file: 201."""
    body = read_body()
    name, size = body.get("name"), body.get("size")
    if not isinstance(name, str) or type(size) is not int:
        abort(400, 'Send {"name": "council.mp4", "size": 123456}, the size in bytes.')
    made = current_uploads().begin(name, size, signed_in_user().username)
    answer = jsonify(upload_json(made))
    answer.status_code = 201
    return answer


@blueprint.get("/<upload_id>")
@needs(Permission.SUBMIT)
def upload(upload_id: str) -> ResponseReturnValue:
    """How far it is."""
    answer = jsonify(upload_json(own_upload(upload_id)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.put("/<upload_id>")
@needs(Permission.SUBMIT)
def add(upload_id: str) -> ResponseReturnValue:
    """Add a part: `Content-Range: bytes first-last/size`, 1 MB at most."""
    found = own_upload(upload_id)
    span = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if span is None or int(span[3]) != found.size:
        abort(400, f"Send `Content-Range: bytes first-last/{found.size}`.")
    body = request.get_data()
    if not body or int(span[1]) + len(body) != int(span[2]) + 1:
        abort(400, "The part is not as long as its Content-Range says.")
    try:
        return jsonify(upload_json(current_uploads().add(found, int(span[1]), body)))
    except WrongOffset as error:
        return problem(409, TITLES[409], sentence(error), offset=error.offset)
    except (BadInput, DiskFull):
        if not found.offset:
            current_uploads().forget(upload_id)  # nothing of it is of use
        raise


@blueprint.delete("/<upload_id>")
@needs(Permission.SUBMIT)
def remove(upload_id: str) -> ResponseReturnValue:
    """Give it up."""
    found, uploads = own_upload(upload_id), current_uploads()
    if queue.is_wanted(session(), uploads.source_of(found)):
        abort(409, f"{found.name} was submitted: cancel it there, then remove it.")
    uploads.forget(upload_id)
    return Response(status=204, mimetype="application/json")


def upload_json(made: Upload) -> dict[str, Any]:
    """An upload as the API gives it; parts are `part_bytes` at most."""
    return {
        "id": made.upload_id,
        "name": made.name,
        "size": made.size,
        "offset": made.offset,
        "complete": made.is_complete,
        "part_bytes": PART_BYTES,
        "self": url_for("uploads.upload", upload_id=made.upload_id),
    }
