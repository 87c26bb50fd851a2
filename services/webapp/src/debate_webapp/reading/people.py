"""People: the names that labels are mapped to."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, count

from debate_contract.errors import BadInput
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.database.engine import insert_new
from debate_webapp.database.models import Person
from debate_webapp.reading.voices import PersonRow
from debate_webapp.search.headings import begin
from debate_webapp.search.words import fold

MAX_NAME = 200
MOST_SUGGESTED = 20
MOST_WORDS = 16  # of what is typed

_SLUG_ADDED = re.compile(r" \([^()]+\)$")

# What an editor types, and whom it means.
Choices = dict[str, Person | PersonRow]


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


def all_choices(session: Session) -> Choices:
    """Of everyone what an editor types, and whom it means; equal names get their slug added."""
    everyone = session.scalars(select(Person).order_by(Person.name, Person.id)).all()
    having = Counter(person.name for person in everyone)
    return _choices(everyone, {name for name, count in having.items() if count > 1})


def choices_of(session: Session, people: Iterable[Person | PersonRow]) -> Choices:
    """The same of some people, in order of their names."""
    some = sorted({person.id: person for person in people}.values(), key=lambda one: one.name)
    names = Person.name.in_({person.name for person in some})
    shared = select(Person.name).where(names).group_by(Person.name).having(func.count() > 1)
    return _choices(some, set(session.scalars(shared)) if some else set())


def _choices(people: Iterable[Person | PersonRow], shared: Collection[str]) -> Choices:
    return {
        f"{person.name} ({person.slug})" if person.name in shared else person.name: person
        for person in people
    }


def suggest(session: Session, typed: str) -> Choices:
    """Whom an editor may mean who has typed so much: of many the first `MOST_SUGGESTED`."""
    words = fold(typed).split()[:MOST_WORDS]
    if not words:
        return {}
    found = select(Person).where(*begin(Person.name_words, words))
    first = found.order_by(Person.name, Person.id).limit(MOST_SUGGESTED)
    return choices_of(session, session.scalars(first))


def person_by_slug(session: Session, slug: str) -> Person | None:
    """The person, or None."""
    return session.scalars(select(Person).where(Person.slug == slug)).one_or_none()


def add_person(session: Session, name: str) -> Person:
    """A new person with a slug of their own; the caller commits."""
    name = clean_name(name)
    return next(new for slug in _slugs(name) if (new := _insert(session, slug, name)))


def _slugs(name: str) -> Iterator[str]:
    base = slug_of(name)
    return chain([base], (f"{base}-{number}" for number in count(2)))


def _insert(session: Session, slug: str, name: str) -> Person | None:
    """The person, or None where the slug is someone's: asking first would let two have it."""
    new = insert_new(session, Person).values(slug=slug, name=name, name_words=fold(name))
    if added := session.scalars(new.returning(Person)).one_or_none():
        audit.record(session, "person-added", detail=name)
    return added


def find_or_add(session: Session, typed: str) -> Person | None:
    """Whom an editor means: nobody for an empty field, a known choice, else a new person.

    Raises BadInput where several have that name: who meant one of them is asked which.
    """
    if not typed.strip():
        return None
    name = clean_name(typed)
    # Whoever has the slug may be the one whom another editor has added at this moment.
    tried = (_find(session, name) or _insert(session, slug, name) for slug in _slugs(name))
    return next(filter(None, tried))


def _find(session: Session, typed: str) -> Person | None:
    """Whom a choice means; its words are looked for, since databases fold fewer letters."""
    name = _SLUG_ADDED.sub("", typed)
    same = select(Person).where(Person.name_words.in_({fold(typed), fold(name)}))
    known = choices_of(session, session.scalars(same))
    meant = [typed] if typed in known else [one for one in known if _may_mean(typed, one, known)]
    if len(meant) > 1:
        raise BadInput(f"{len(meant)} people have that name; type {' or '.join(meant)}")
    found = known[meant[0]] if meant else None
    return found if isinstance(found, Person) else None


def _may_mean(typed: str, choice: str, known: Choices) -> bool:
    return typed.casefold() in (choice.casefold(), known[choice].name.casefold())
