"""People and debates by name: those whose name or title has every word, or begins one so."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import Session

from debate_webapp.database.models import Person, Segment, Speaker, Transcript
from debate_webapp.reading.rows import SELECT_DEBATES, DebateRow, fetch, fetch_debates
from debate_webapp.reading.versions import counts_for
from debate_webapp.search.question import MOST_TERMS
from debate_webapp.search.words import fold

MOST = 5


class Headings(NamedTuple):
    """People as (slug, name), and debates, at most `MOST` of each."""

    people: list[tuple[str, str]]
    debates: list[DebateRow]


def find_headings(session: Session, asked: str, editor: bool) -> Headings:
    """What the reader may see of them; of a question that is none, nothing."""
    words = fold(asked).split()
    if not 0 < len(words) <= MOST_TERMS:
        return Headings([], [])
    people = fetch(session, _people(words, editor))
    debates = SELECT_DEBATES.where(counts_for(editor), *begin(Transcript.title_words, words))
    newest = debates.order_by(Transcript.id.desc()).limit(MOST)
    return Headings([(slug, name) for slug, name in people], fetch_debates(session, newest))


def speaks_to(session: Session, person: Person, editor: bool) -> bool:
    """Whether the reader may know of a person: by something that they see and that is theirs."""
    return bool(fetch(session, select(Person.id).where(Person.id == person.id, _speaks(editor))))


def _people(words: list[str], editor: bool) -> Select[str, str]:
    named = select(Person.slug, Person.name).where(
        *begin(Person.name_words, words), _speaks(editor)
    )
    return named.order_by(Person.name, Person.id).limit(MOST)


def _speaks(editor: bool) -> ColumnElement[bool]:
    labelled = select(Speaker.transcript_id).where(Speaker.person_id == Person.id)
    own = select(Segment.transcript_id).where(Segment.person_id == Person.id, ~Segment.removed)
    visible = select(Transcript.id).where(counts_for(editor))
    return or_(
        labelled.where(Speaker.transcript_id.in_(visible)).exists(),
        own.where(Segment.transcript_id.in_(visible)).exists(),
    )


def begin(column: Any, words: list[str]) -> list[ColumnElement[bool]]:
    """Whether each word begins one of the column's; words are letters, which LIKE takes as such."""
    spaced = literal(" ") + func.coalesce(column, "")
    return [spaced.like(f"% {word}%") for word in words]
