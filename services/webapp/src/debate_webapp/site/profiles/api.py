"""The same for programs: /api/v1/people."""

from typing import Any

import msgspec
from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from debate_webapp.accounts.roles import Permission
from debate_webapp.database.engine import session
from debate_webapp.database.models import Person
from debate_webapp.reading import people
from debate_webapp.site.api.answers import V1, as_json, transcripts_json
from debate_webapp.site.api.bodies import read_body
from debate_webapp.site.api.shapes import person_json
from debate_webapp.site.auth.current import may, sees_unpublished
from debate_webapp.site.auth.guard import ANYONE, needs
from debate_webapp.site.caching import conditional
from debate_webapp.site.profiles import query
from debate_webapp.site.profiles.record import Appearance, Record
from debate_webapp.site.profiles.views import find_record, record_state

blueprint = Blueprint("profiles_api", __name__, url_prefix=V1)
# What is only passed on stays as it is written.
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@blueprint.get("/people")
@needs(ANYONE)
def index() -> ResponseReturnValue:
    """Everyone who speaks in a debate the reader may see; for editors everyone with a name."""
    if may(Permission.EDIT):
        everyone = session().scalars(select(Person).order_by(Person.name, Person.id))
        found = [person_json(person) for person in everyone]
    else:
        speaking = query.list_people(session(), sees_unpublished())
        found = [{"slug": slug, "name": name} for slug, name, _ in speaking]
    return conditional(found, lambda: as_json({"people": found}))


@blueprint.get("/choices")
@needs(Permission.EDIT)
def choices() -> ResponseReturnValue:
    """Whom an editor may mean who has typed so much of a name, as they would type them."""
    typed = request.args.get("typed", "")[: people.MAX_NAME]
    return jsonify(choices=list(people.suggest(session(), typed)))


@blueprint.post("/people")
@needs(Permission.EDIT)
def add_person() -> ResponseReturnValue:
    """A new person; two people may have one name, never one slug."""
    name = read_body().get("name")
    if not isinstance(name, str):
        abort(400, 'Send {"name": "…"}.')
    person = people.add_person(session(), name)
    session().commit()
    return jsonify(person_json(person)), 201


@blueprint.get("/people/<slug>")
@needs(ANYONE)
def person(slug: str) -> ResponseReturnValue:
    """One person and the debates in which they speak, the latest first."""
    found, record = find_record(slug, whole=True)
    debates = transcripts_json([one.transcript for one in record.appearances])
    answer = person_json(found) | {"transcripts": debates}
    return conditional(answer, lambda: as_json(answer))


@blueprint.get("/people/<slug>/stats")
@needs(ANYONE)
def person_stats(slug: str) -> ResponseReturnValue:
    """A person's figures: over all debates, and in each."""
    found, record = find_record(slug, whole=True)
    return conditional(
        record_state(found, record),
        lambda: as_json(person_json(found) | _record_json(record, found.slug)),
    )


def _record_json(record: Record, slug: str) -> dict[str, Any]:
    """A person's figures over all debates, from sums of the components of each, and those too."""
    return {
        "debates": len(record.appearances),
        "debates_pending": record.pending,
        "drafts": record.drafts,
        "debates_reviewed": record.reviewed,
        "debates_with_overlaps_known": len(record.with_overlaps),
        "total_seconds": record.total_seconds,
        "share_speaking_time": record.share_speaking_time,
        "word_count": record.word_count,
        "wpm": record.wpm,
        "turn_count": record.turn_count,
        "avg_turn_length_sec": record.avg_turn_length_sec,
        "interruptions_made": record.interruptions_made,
        "interruptions_received": record.interruptions_received,
        "appearances": [_appearance_json(one, slug) for one in record.appearances],
    }


def _appearance_json(one: Appearance, slug: str) -> dict[str, Any]:
    return {
        "transcript": one.transcript.id,
        "title": one.transcript.title,
        "recorded_on": one.transcript.recorded_on,
        "quality": one.transcript.quality,
        "revision": one.transcript.revision,
        "reviewed_share": one.transcript.reviewed_share,
        "starts_at": one.own.starts_at,
        "equal_share": one.equal_share,
        "overlaps_known": one.figures.overlaps_known,
        "figures": _decode(one.own.body) | {"speaker_id_in_transcript": slug},
    }
