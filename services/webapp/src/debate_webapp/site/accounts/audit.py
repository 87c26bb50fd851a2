"""For administrators: who did what and when, on a page and as a file."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from flask import Blueprint, Response, abort, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from debate_webapp.accounts import audit, audit_log
from debate_webapp.accounts.audit_log import Entry, Narrowed
from debate_webapp.accounts.roles import Permission
from debate_webapp.accounts.users import list_users
from debate_webapp.database.engine import session
from debate_webapp.exports.names import disposition
from debate_webapp.exports.tables import last_row, stream_table
from debate_webapp.site.auth.guard import needs
from debate_webapp.site.auth.recording import record_now
from debate_webapp.site.routing import asked_number

blueprint = Blueprint("audit", __name__)

COLUMNS = ("time", "what", "account", "token", "address", "debate", "title", "detail")


@blueprint.get("/audit")
@needs(Permission.ADMINISTER)
def index() -> ResponseReturnValue:
    """A page of it."""
    narrowed = _narrowed()
    return render_template(
        "accounts/audit.html",
        page=audit_log.read_page(session(), narrowed, asked_number("before")),
        narrowed=narrowed,
        asked=_address(narrowed),
        actions=audit.ACTIONS,
        usernames=[user.username for user in list_users(session())],
        most=audit_log.MOST,
    )


@blueprint.get("/audit.csv")
@needs(Permission.ADMINISTER)
def table() -> ResponseReturnValue:
    """The same for spreadsheets, written as it is read."""
    written = stream_table(COLUMNS, _rows(audit_log.read_all(session(), _narrowed())))
    record_now("exported", detail="the audit")
    response = Response(stream_with_context(written), mimetype="text/csv")
    response.headers["Content-Disposition"] = disposition("Audit.csv")
    return response


def _narrowed() -> Narrowed:
    """What the address asks for; aborts with 400 for what cannot be."""
    action = request.args.get("action") or None
    if action is not None and action not in audit.ACTIONS:
        abort(400, f"`action` is one of {', '.join(audit.ACTIONS)}.")
    debate = asked_number("debate") if request.args.get("debate") else None
    username = request.args.get("user") or None
    return Narrowed(action, username, debate, _day("from"), _day("to"))


def _day(name: str) -> date | None:
    given = request.args.get(name)
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        abort(400, f"`{name}` is a day, as 2026-11-28.")


def _address(narrowed: Narrowed) -> dict[str, object]:
    """What was asked, as the parts of an address."""
    asked = {
        "action": narrowed.action,
        "user": narrowed.username,
        "debate": narrowed.transcript_id,
        "from": narrowed.since,
        "to": narrowed.until,
    }
    return {name: value for name, value in asked.items() if value}


def _rows(entries: Iterator[Entry]) -> Iterator[Sequence[object]]:
    yield from map(_row, islice(entries, audit_log.MOST))
    if next(entries, None):
        cut = f"Only the newest {audit_log.MOST} are listed; ask for earlier days apart."
        yield last_row(COLUMNS, "detail", cut)


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        entry.at.isoformat(timespec="seconds"),
        audit.ACTIONS.get(entry.action, entry.action),
        entry.username,
        entry.token or "",
        entry.address,
        entry.transcript_id or "",
        entry.title or "",
        entry.detail,
    )
