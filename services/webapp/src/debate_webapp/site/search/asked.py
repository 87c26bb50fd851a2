"""What an address asks for: the words, where to look, in which order, which page.

/search?q=bus+lane&match=any&person=eva&from=2026-01-01&sort=newest&page=2
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from debate_contract.errors import BadInput
from flask import abort
from sqlalchemy.orm import Session

from debate_webapp.search.counts import Counts, count
from debate_webapp.search.find import (
    MOST,
    PAGE,
    Found,
    Order,
    by_day,
    by_relevance,
    by_time,
    find,
)
from debate_webapp.search.indexed import Filters
from debate_webapp.search.question import Question, parse_question
from debate_webapp.site.routing import MAX_ID

ORDERS: dict[str, Order] = {"relevance": by_relevance, "newest": by_day, "time": by_time}


@dataclass(frozen=True, slots=True)
class Asked:
    """An address taken apart; `question` is None where nothing is asked yet.

    `problem` says why what is asked cannot be found anywhere.
    """

    words: str
    match: str
    question: Question | None
    problem: str | None
    filters: Filters
    sort: str
    page: int
    size: int

    @property
    def is_narrowed(self) -> bool:
        """Whether it looks at some debates or people only."""
        return self.filters != Filters()

    def query(self, **changes: object) -> dict[str, object]:
        """The same as the parameters of an address, without those that say nothing."""
        filters = self.filters
        given = {
            "q": self.words,
            "match": self.match if self.match != "all" else None,
            "person": filters.person,
            "debate": filters.debate,
            "language": filters.language,
            "from": filters.since,
            "to": filters.until,
            "sort": self.sort if self.sort != "relevance" else None,
        }
        return {name: value for name, value in (given | changes).items() if value not in (None, "")}


def read_address(given: Mapping[str, str]) -> Asked:
    """Take an address apart; aborts with 400 for values that no form of ours sends."""
    # What is pasted brings along line ends and marks that nobody sees.
    words = " ".join("".join(c for c in given.get("q", "") if _is_seen(c)).split())
    match, sort = given.get("match", "all"), given.get("sort", "relevance")
    if match not in ("all", "any") or sort not in ORDERS:
        abort(400, f"`match` is all or any, `sort` is {', '.join(ORDERS)}.")
    filters = Filters(
        _name(given, "person"),
        _number(given, "debate", MAX_ID),
        _name(given, "language"),
        _day(given, "from"),
        _day(given, "to"),
    )
    question, problem = None, None
    if words:
        try:
            question = parse_question(words, any_word=match == "any")
        except BadInput as error:
            problem = f"{str(error).capitalize()}."
    page, size = _number(given, "page", MOST) or 1, _number(given, "size", MOST) or PAGE
    return Asked(words, match, question, problem, filters, sort, page, size)


def _is_seen(character: str) -> bool:
    return character.isprintable() or character.isspace()


def _name(given: Mapping[str, str], name: str) -> str | None:
    """PostgreSQL takes no NUL, and nobody has one."""
    text = given.get(name, "")
    if not text.isprintable():
        abort(400, f"`{name}` is a word.")
    return text or None


def _number(given: Mapping[str, str], name: str, most: int) -> int | None:
    text = given.get(name, "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 0 < int(text) <= most:
        abort(400, f"`{name}` is a whole number from 1 to {most}.")
    return int(text)


def _day(given: Mapping[str, str], name: str) -> date | None:
    text = given.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        abort(400, f"`{name}` is a day as 2026-11-28.")


def find_asked(session: Session, asked: Asked, editor: bool) -> Found:
    """The hits on the page that is asked for; none where nothing can be asked."""
    if asked.question is None:
        return Found([], 0, more=False)
    order = ORDERS[asked.sort]
    return find(session, asked.question, asked.filters, editor, order, asked.page, asked.size)


def count_asked(session: Session, asked: Asked, editor: bool) -> Counts | None:
    """What is counted; None where nothing can be asked."""
    if asked.question is None:
        return None
    return count(session, asked.question, asked.filters, editor)
