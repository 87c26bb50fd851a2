"""Pages: everyone with a name, and one person over all debates."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from debate_webapp.accounts.roles import Permission
from debate_webapp.database.engine import session
from debate_webapp.database.models import Person
from debate_webapp.reading import people
from debate_webapp.reading.kept import PRODUCER
from debate_webapp.site.auth.current import may, sees_unpublished
from debate_webapp.site.auth.guard import ANYONE, needs
from debate_webapp.site.caching import conditional, values_of
from debate_webapp.site.debates.known import knows_voices
from debate_webapp.site.profiles.query import list_people, read_record
from debate_webapp.site.profiles.record import Record
from debate_webapp.site.profiles.trends import make_trends

blueprint = Blueprint("profiles", __name__)


@blueprint.get("/people")
@needs(ANYONE)
def index() -> ResponseReturnValue:
    """Everyone who speaks in a debate that the reader may see."""
    found = list_people(session(), sees_unpublished())
    return conditional(found, lambda: render_template("profiles/index.html", people=found))


@blueprint.get("/people/<slug>")
@needs(ANYONE)
def person(slug: str) -> ResponseReturnValue:
    """One person: figures over all debates, and each debate beside the others."""
    found, record = find_record(slug)
    return conditional(
        record_state(found, record),
        lambda: render_template(
            "profiles/person.html",
            person=found,
            record=record,
            trends=make_trends(record),
            knows_voices=knows_voices(),
        ),
    )


def record_state(person: Person, record: Record) -> object:
    """All that any answer about a person's record is made of."""
    return values_of(person), record.appearances, record.pending, PRODUCER


def find_record(slug: str, whole: bool = False) -> tuple[Person, Record]:
    """The person and what they did; 404 unless the reader may see a debate of theirs."""
    found = people.person_by_slug(session(), slug)
    record = read_record(session(), found, sees_unpublished(), whole) if found else None
    speaks = record and (record.appearances or record.pending)
    if not found or not record or not (speaks or may(Permission.EDIT)):
        abort(404, "Nobody of that address speaks in a published debate.")
    return found, record
