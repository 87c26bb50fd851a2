"""Uploads in parts: POST begins one, GET says how far it is.

PUT with Content-Range adds to it where the store is a folder. Where it is a bucket the browser puts
the parts there itself, at addresses that are asked for here, and then asks for the file to be made.
"""

import re
from dataclasses import asdict
from typing import Any

from debate_contract.errors import BadInput
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
from debate_webapp.submitting.uploads.bucket import PART_BYTES as BUCKET_PART_BYTES
from debate_webapp.submitting.uploads.bucket import BucketUploads
from debate_webapp.submitting.uploads.folder import PART_BYTES, FolderUploads
from debate_webapp.submitting.uploads.upload import Upload, WrongOffset

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
    found, uploads = own_upload(upload_id), current_uploads()
    if not isinstance(uploads, FolderUploads):
        abort(409, "The parts go into the bucket: ask for their addresses at …/parts.")
    span = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if span is None or int(span[3]) != found.size:
        abort(400, f"Send `Content-Range: bytes first-last/{found.size}`.")
    body = request.get_data()
    if not body or int(span[1]) + len(body) != int(span[2]) + 1:
        abort(400, "The part is not as long as its Content-Range says.")
    try:
        return jsonify(upload_json(uploads.add(found, int(span[1]), body)))
    except WrongOffset as error:
        return _misplaced(error)
    except BadInput:
        if not found.offset:
            uploads.forget(upload_id)  # nothing of it is of use
        raise


@blueprint.post("/<upload_id>/parts")
@needs(Permission.SUBMIT)
def parts(upload_id: str) -> ResponseReturnValue:
    """Where the browser is to PUT the next parts, for a quarter of an hour."""
    found, uploads = own_upload(upload_id), _of_bucket()
    offset = read_body().get("offset")
    if type(offset) is not int:
        abort(400, 'Send {"offset": 0}, the byte with which the next part begins.')
    try:
        given = uploads.addresses(found, offset)
    except WrongOffset as error:
        return _misplaced(error)
    answer = jsonify(parts=[asdict(part) for part in given])
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<upload_id>/completion")
@needs(Permission.SUBMIT)
def complete(upload_id: str) -> ResponseReturnValue:
    """Make the file of the parts that are in the bucket."""
    own_upload(upload_id)
    try:
        return jsonify(upload_json(_of_bucket().complete(upload_id)))
    except WrongOffset as error:
        return _misplaced(error)


def _of_bucket() -> BucketUploads:
    uploads = current_uploads()
    if not isinstance(uploads, BucketUploads):
        abort(409, "The parts are sent here: PUT them with Content-Range.")
    return uploads


def _misplaced(error: WrongOffset) -> ResponseReturnValue:
    return problem(409, TITLES[409], sentence(error), offset=error.offset)


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
    """An upload as the API gives it; parts are `part_bytes` long, the last one what is left.

    `parts` and `completion` are there where the parts go into a bucket.
    """
    in_bucket = bool(made.multipart)
    return {
        "id": made.upload_id,
        "name": made.name,
        "size": made.size,
        "offset": made.offset,
        "complete": made.is_complete,
        "part_bytes": BUCKET_PART_BYTES if in_bucket else PART_BYTES,
        "self": _address(made, "upload"),
        "parts": _address(made, "parts") if in_bucket else None,
        "completion": _address(made, "complete") if in_bucket else None,
    }


def _address(made: Upload, view: str) -> str:
    return url_for(f"uploads.{view}", upload_id=made.upload_id)
