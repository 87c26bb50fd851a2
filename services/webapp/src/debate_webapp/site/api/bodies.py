"""What a request to the API sends: a JSON object, and the client's own id of the request."""

import re
from typing import Any

from flask import abort, request


def read_body() -> dict[str, Any]:
    """The object; aborts with 400 for anything else."""
    try:
        body = request.get_json()
    except RecursionError:
        abort(400, "The JSON is nested too deep.")
    return body if isinstance(body, dict) else abort(400, "Send a JSON object.")


def asked_of(body: dict[str, Any]) -> dict[str, Any]:
    """What it asks for, by which a repeated request is known."""
    return {name: value for name, value in body.items() if name != "client_id"}


def client_id_of(body: dict[str, Any]) -> str:
    """The id; aborts with 400 without one."""
    client_id = body.get("client_id")
    if not isinstance(client_id, str) or not re.fullmatch(r"[!-~]{1,64}", client_id):
        abort(400, "Send a `client_id` of your own making, so that a repeated request is harmless.")
    return client_id
