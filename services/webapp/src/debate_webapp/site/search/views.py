"""Pages: what was found, and how often who said it; the hits as a file."""

from dataclasses import replace

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from debate_webapp.database.engine import session
from debate_webapp.exports.names import disposition
from debate_webapp.reading.people import person_by_slug
from debate_webapp.reading.queries import find_transcript, has_debates, list_languages
from debate_webapp.search.counts import MOST as MOST_COUNTED
from debate_webapp.search.find import MOST
from debate_webapp.search.headings import find_headings, speaks_to
from debate_webapp.site.auth.current import sees_unpublished
from debate_webapp.site.auth.guard import ANYONE, needs
from debate_webapp.site.auth.recording import record_now
from debate_webapp.site.search.asked import Asked, count_asked, find_asked, read_address
from debate_webapp.site.search.table import write_hits

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@needs(ANYONE)
def index() -> ResponseReturnValue:
    """The form, and what was found."""
    asked = read_address(request.args)
    found = find_asked(session(), asked, sees_unpublished())
    page = render_template(
        "search/index.html",
        is_empty=not found.total and not has_debates(session(), sees_unpublished()),
        **_form(asked),
        found=found,
        headings=find_headings(session(), asked.words, sees_unpublished()),
        pages=-(-found.total // asked.size),
        first=asked.size * (asked.page - 1) + 1,
        most=MOST,
    )
    return page, 422 if asked.problem else 200


@blueprint.get("/search/counts")
@needs(ANYONE)
def counts() -> ResponseReturnValue:
    """How often each says it, in each debate and over time."""
    asked = read_address(request.args)
    page = render_template(
        "search/counts.html",
        **_form(asked),
        counts=count_asked(session(), asked, sees_unpublished()),
        most=MOST_COUNTED,
    )
    return page, 422 if asked.problem else 200


@blueprint.get("/search.csv")
@needs(ANYONE)
def table() -> ResponseReturnValue:
    """The hits for a spreadsheet, as many as can be put in order."""
    asked = read_address(request.args)
    if asked.question is None:
        abort(422, asked.problem or "Say in `q` which words to find.")
    found = find_asked(session(), replace(asked, page=1, size=MOST), sees_unpublished())
    response = Response(write_hits(found), mimetype="text/csv")
    record_now("exported", detail=f"hits of a search: {asked.words}")
    response.headers["Content-Disposition"] = disposition(f"Search {asked.words[:60]}.csv")
    return response


def _form(asked: Asked) -> dict[str, object]:
    """What both pages show of what is asked, with the names that the reader may know."""
    filters = asked.filters
    sees = sees_unpublished()
    person = person_by_slug(session(), filters.person) if filters.person else None
    debate = find_transcript(session(), filters.debate, sees) if filters.debate else None
    return {
        "asked": asked,
        "languages": list_languages(session(), sees),
        "person": person if person and speaks_to(session(), person, sees) else None,
        "debate": debate,
    }
