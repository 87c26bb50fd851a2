"""Errors as a reader meets them: a page in the site's look, or a problem document for the API."""

from debate_contract.errors import BadInput, DiskFull, InputNotFound, StageError, TemporaryFault
from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from debate_webapp.database.engine import give_up
from debate_webapp.database.faults import passing_fault
from debate_webapp.errors import NothingToRedo, NothingToUndo, StaleVersion, is_disk_full
from debate_webapp.incoming.found import Found
from debate_webapp.incoming.storage import OutsideStore, Store
from debate_webapp.reading.versions import DoesNotCount
from debate_webapp.site.auth import SIGNING_IN
from debate_webapp.site.auth.current import current_user, forget

TITLES = {
    400: "That request did not make sense",
    401: "Please sign in",
    403: "You may not do that",
    404: "There is no such page",
    405: "That cannot be done here",
    409: "Someone else was faster",
    410: "That was too long ago",
    413: "That is too large",
    428: "Say which version you saw",
    500: "Something went wrong on our side",
    503: "Just now that does not work",
    507: "There is no room left",
}
# Seconds: a writer before us, or a restart of the database, is over by then.
RETRY_AFTER = "5"


def current_store() -> Store:
    """The store of this application."""
    store: Store = current_app.extensions["debate_store"]
    return store


def current_found() -> Found:
    """What lies in it and is not registered."""
    found: Found = current_app.extensions["debate_found"]
    return found


def status_of(error: StageError) -> int:
    """The HTTP status that says what the exit code says."""
    if isinstance(error, OutsideStore):
        return 403
    if isinstance(error, InputNotFound):
        return 404
    if isinstance(error, TemporaryFault):
        return 507 if isinstance(error, DiskFull) else 503
    return 422 if isinstance(error, BadInput) else 500


def sentence(error: StageError) -> str:
    """The error as a page shows it."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def problem(status: int, title: str, detail: str, **members: object) -> Response:
    """An RFC 9457 problem document."""
    response = jsonify(type="about:blank", title=title, status=status, detail=detail, **members)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def init_error_pages(app: Flask) -> None:
    """One handler for HTTP errors, one for ours."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(StageError, _stage_error)
    app.register_error_handler(DoesNotCount, _does_not_count)
    app.register_error_handler(SQLAlchemyError, _database_error)
    app.register_error_handler(OSError, _system_error)
    for conflict in (StaleVersion, NothingToUndo, NothingToRedo):
        app.register_error_handler(conflict, lambda error: _answer(409, f"{error}."))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    detail = error.description or ""
    if isinstance(error, CSRFError) and _is_signed_out():
        return _answer(401, "You are signed out: sign in in another window, then send it again.")
    if isinstance(error, CSRFError):
        detail = "The form is too old or came from elsewhere. Go back, reload the page, try again."
    if isinstance(error, InternalServerError):
        detail = "The error is in the server's log."
        # The page is drawn with the database, where something may be half done.
        give_up()
        g.pop("asking", None)
    response = _answer(error.code, detail)
    for name in ("Content-Range", "Allow", "Retry-After", "WWW-Authenticate"):
        value = dict(error.get_headers()).get(name)
        if value:
            response.headers[name] = value
    return response


def _is_signed_out() -> bool:
    """Whether a page's token is wrong for that reason; on the sign-in page it is not."""
    token = request.headers.get("X-CSRFToken") or request.form.get("csrf_token")
    return bool(token) and current_user() is None and request.blueprint not in SIGNING_IN


def _stage_error(error: StageError) -> ResponseReturnValue:
    current_app.logger.warning("%s: %s", type(error).__name__, error)
    return _answer(status_of(error), sentence(error))


def _does_not_count(error: DoesNotCount) -> ResponseReturnValue:
    title, sentence = "Another version counts", str(error)
    detail = f"{sentence[:1].upper()}{sentence[1:]}."
    page = f"/debates/{error.instead}"
    if not request.path.startswith("/api/"):
        link = {"href": page, "text": f"Version {error.instead_version}"}
        html = render_template("error.html", title=title, detail=detail, link=link)
        return Response(html, status=409, mimetype="text/html")
    instead = {"id": error.instead, "version": error.instead_version, "page": page}
    return problem(409, title, detail, superseded=instead if error.replaced else None)


def _database_error(error: SQLAlchemyError) -> ResponseReturnValue:
    """Whether a fault of the database passes; the page that says so must do without it."""
    fault = passing_fault(error)
    if fault is None:
        raise error
    give_up()
    forget()
    current_app.logger.warning("%s: %s", fault, error)
    return _answer(status_of(fault), sentence(fault))


def _system_error(error: OSError) -> ResponseReturnValue:
    if not is_disk_full(error):
        raise error
    current_app.logger.warning("the disk is full: %s", error)
    return _answer(507, "The server's disk is full. Make room there, then try again.")


def _answer(status: int, detail: str) -> Response:
    title = TITLES.get(status, "That did not work")
    if request.path.startswith("/api/"):
        response = problem(status, title, detail)
    else:
        page = render_template("error.html", title=title, detail=detail)
        response = Response(page, status=status, mimetype="text/html")
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    return response
