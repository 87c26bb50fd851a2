"""The same for programs: GET /api/v1/search, GET /api/v1/search/counts."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from debate_webapp.database.engine import session
from debate_webapp.search.counts import Counts, Said
from debate_webapp.search.find import Found, Hit
from debate_webapp.site.auth.current import sees_unpublished
from debate_webapp.site.auth.guard import ANYONE, needs
from debate_webapp.site.filters import moment
from debate_webapp.site.search.asked import Asked, count_asked, find_asked, read_address

Json = dict[str, Any]

blueprint = Blueprint("search_api", __name__)


@blueprint.get("/api/v1/search")
@needs(ANYONE)
def hits() -> Response:
    """A page of passages that have the words."""
    asked = _asked()
    return jsonify(found_json(find_asked(session(), asked, sees_unpublished()), asked))


@blueprint.get("/api/v1/search/counts")
@needs(ANYONE)
def counts() -> Response:
    """How often each says them."""
    return jsonify(counts_json(count_asked(session(), _asked(), sees_unpublished())))


def _asked() -> Asked:
    asked = read_address(request.args)
    if asked.question is None:
        abort(422, asked.problem or "Say in `q` which words to find.")
    return asked


def found_json(found: Found, asked: Asked) -> Json:
    """Hits in their order; `next_page` is null on the last."""
    is_last = asked.size * asked.page >= found.total
    return {
        "total": found.total,
        "more": found.more,
        "next_page": None if is_last else asked.page + 1,
        "hits": [_hit_json(hit) for hit in found.hits],
    }


def _hit_json(hit: Hit) -> Json:
    segment, voice, debate = hit.segment, hit.voice, hit.debate
    return {
        "transcript": debate.id,
        "title": debate.title,
        "day": debate.day,
        "segment": segment.id,
        "start": segment.start,
        "end": segment.end,
        "name": voice.name,
        "person": voice.slug,
        "text": segment.text,
        "marks": [list(span) for span in hit.spans],
        "reviewed": segment.reviewed,
        "uncertain": segment.uncertain,
        "page": f"/debates/{debate.id}{moment(segment.start)}",
    }


def counts_json(counts: Counts | None) -> Json:
    """By person and by debate; `complete` is false where there was more than is counted at once."""
    if counts is None:
        raise AssertionError("a question was asked")
    people = [
        {"person": who.slug, "name": who.name, "times": who.times, "debates": who.debates}
        for who in counts.people
    ]
    return {
        "times": counts.times,
        "complete": counts.complete,
        "people": people,
        "debates": [_said_json(said) for said in counts.debates],
    }


def _said_json(said: Said) -> Json:
    voices = [{"name": v.name, "person": v.slug, "times": times} for v, times in said.voices]
    row = said.debate
    return {
        "transcript": row.id, "title": row.title, "day": row.day,
        "times": said.times, "voices": voices,
    }  # fmt: skip
