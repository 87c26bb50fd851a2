"""People: the names that labels are mapped to."""

import re
import unicodedata
from collections import Counter

from debate_contract.errors import BadInput
from sqlalchemy import select
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.database.engine import insert_new
from debate_webapp.database.models import Person
from debate_webapp.search.words import fold

MAX_NAME = 200


def clean_name(text: str) -> str:
    """A name as it will be printed: one line, single spaces, composed characters."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    name = " ".join(unicodedata.normalize("NFC", printable).split())
    if not name or len(name) > MAX_NAME:
        raise BadInput(f"a name has 1 to {MAX_NAME} characters")
    return name


def slug_of(name: str) -> str:
    """`Ana Nováková` becomes `ana-novakova`; scripts without Latin letters keep their own."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-")[:100] or "person"


def choices(session: Session) -> dict[str, Person]:
    """What an editor types or picks, and whom it means; equal names get their slug added."""
    everyone = session.scalars(select(Person).order_by(Person.name, Person.id)).all()
    having = Counter(person.name for person in everyone)
    return {
        person.name if having[person.name] == 1 else f"{person.name} ({person.slug})": person
        for person in everyone
    }


def person_by_slug(session: Session, slug: str) -> Person | None:
    """The person, or None."""
    return session.scalars(select(Person).where(Person.slug == slug)).one_or_none()


def add_person(session: Session, name: str) -> Person:
    """A new person with a slug of their own; the caller commits."""
    name = clean_name(name)
    base = slug_of(name)
    slug, count = base, 1
    while (person := _insert(session, slug, name)) is None:
        count += 1
        slug = f"{base}-{count}"
    return person


def _insert(session: Session, slug: str, name: str) -> Person | None:
    """The person, or None where the slug is someone's: asking first would let two have it."""
    new = insert_new(session, Person).values(slug=slug, name=name, name_words=fold(name))
    if added := session.scalars(new.returning(Person)).one_or_none():
        audit.record(session, "person-added", detail=name)
    return added


def find_or_add(session: Session, typed: str) -> Person | None:
    """Whom an editor means: nobody for an empty field, a known choice, else a new person."""
    if not typed.strip():
        return None
    name = clean_name(typed)
    return (
        _find(session, name)
        or _insert(session, slug_of(name), name)
        or _find(session, name)  # whom another editor has added at this moment
        or add_person(session, name)
    )


def _find(session: Session, name: str) -> Person | None:
    known = {choice.casefold(): person for choice, person in choices(session).items()}
    return known.get(name.casefold())
