"""What somebody asks for, and how the databases are asked.

    tax "public transport" OR depot* -bus

has the word tax, and either the phrase or a word that begins so, and not the word bus.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from debate_contract.errors import BadInput

from debate_webapp.search.words import fold, spaced, tokens

LONGEST = 300  # characters
MOST_TERMS = 16
LONGEST_IN_PAIR = 250  # characters, as migration 0018 has it
SHORTEST_BEGINNING = 2  # characters; there are too many words that begin with one

_TERM = re.compile(r'(?P<without>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_OR = ("OR", "|")
# As telephones and word processors write them by themselves, and other languages.
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»\N{FULLWIDTH QUOTATION MARK}"), '"')

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; of the last one the beginning where it is `open`."""

    words: tuple[str, ...]
    open: bool = False

    @property
    def is_several(self) -> bool:
        """Whether it is more than one word."""
        return len(self.words) > 1

    def places(self, said: Sequence[str]) -> Iterator[int]:
        """Where it begins in words as they are compared, from left to right, without overlaps."""
        length, at = len(self.words), self._candidate(said, 0)
        while at + length <= len(said):
            found = self._is_at(said, at)
            if found:
                yield at
            at = self._candidate(said, at + (length if found else 1))

    def _candidate(self, said: Sequence[str], at: int) -> int:
        """From a place on, the next where it may begin: lists find a whole word sooner."""
        if self.open and len(self.words) == 1:
            return at
        try:
            return said.index(self.words[0], at)
        except ValueError:
            return len(said)

    def needle(self) -> str:
        """What `spaced` words have wherever `places` finds it: strings are searched soonest."""
        return spaced(" ".join(self.words))[: -1 if self.open else None]

    def _is_at(self, said: Sequence[str], at: int) -> bool:
        *whole, last = self.words
        if any(said[at + i] != word for i, word in enumerate(whole)):
            return False
        word = said[at + len(whole)]
        return word.startswith(last) if self.open else word == last

    def pairs(self) -> list[tuple[str, str]]:
        """Its whole words, each with the one after it, as far as the index has them as one."""
        whole = self.words[:-1] if self.open else self.words
        return [two for two in pairwise(whole) if max(map(len, two)) <= LONGEST_IN_PAIR]

    @property
    def is_pairs(self) -> bool:
        """Whether its pairs have all its words."""
        return self.is_several and len(self.pairs()) == len(self.words) - 1


@dataclass(frozen=True, slots=True)
class Question:
    """Of each group one phrase is said, and of `without` none."""

    groups: tuple[tuple[Phrase, ...], ...]
    without: tuple[Phrase, ...] = ()

    @property
    def phrases(self) -> Iterator[Phrase]:
        """All that may be found."""
        return (phrase for group in self.groups for phrase in group)

    def spans(self, text: str) -> list[Span]:
        """Where a text has what is asked for, in order; overlapping ones are one."""
        said = list(tokens(text))
        words = [token.word for token in said]
        found = (
            (said[at].start, said[at + len(phrase.words) - 1].end)
            for phrase in self.phrases
            for at in phrase.places(words)
        )
        joined: list[Span] = []
        for start, end in sorted(found):
            if joined and start < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined

    def needles(self) -> list[str]:
        """What to count in words that are `spaced`, to know how often it is said."""
        return [phrase.needle() for phrase in self.phrases]

    def fts5(self) -> str:
        """As SQLite's full-text index is asked."""
        groups = (" OR ".join(map(_fts5, group)) for group in self.groups)
        asked = " AND ".join(f"({group})" for group in groups)
        unwanted = " OR ".join(map(_fts5, self.without))
        return f"({asked}) NOT ({unwanted})" if unwanted else asked

    def tsquery(self) -> str:
        """The words that are there in all that is found, as `to_tsquery('simple', …)` reads them.

        Not whether those of a phrase follow each other: PostgreSQL keeps 256 places of a word, of
        the first 16,383 words. Nor what `pairs` say: the lists of common words are long to read.
        Empty where that is all.
        """
        alone = (g for g in self.groups if len(g) > 1 or not g[0].is_pairs)
        groups = (" | ".join(map(_tsquery, group)) for group in alone)
        unwanted = (one for one in self.without if not one.is_several)
        return " & ".join(
            [*(f"({group})" for group in groups), *(f"!{_tsquery(p)}" for p in unwanted)]
        )

    def pairs(self) -> str:
        """Words that follow each other in all that is found, as `::tsquery` reads them.

        Lexemes of migration 0018; empty where no phrase has to be there.
        """
        needed = (group[0] for group in self.groups if len(group) == 1)
        return " & ".join(f"'+{one}+{after}'" for phrase in needed for one, after in phrase.pairs())


def parse_question(text: str, *, any_word: bool = False) -> Question:
    """What a text asks for; with `any_word` one of its terms is enough.

    Raises BadInput for what finds nothing in any text, with what to write instead.
    """
    if len(text) > LONGEST:
        raise BadInput(f"a search has at most {LONGEST} characters")
    groups: list[list[Phrase]] = []
    without: list[Phrase] = []
    joins = False
    for term in _TERM.finditer(text.translate(_QUOTES)):
        if term["word"] in _OR and not term["without"]:
            joins = bool(groups)
            continue
        phrase = _phrase(term)
        if phrase is None:
            continue
        if term["without"]:
            without.append(phrase)
        elif groups and (joins or any_word):
            groups[-1].append(phrase)
        else:
            groups.append([phrase])
        joins = False
    _check(groups, without)
    return Question(tuple(map(tuple, groups)), tuple(without))


def _phrase(term: re.Match[str]) -> Phrase | None:
    """None where there is no letter in it."""
    text = term["phrase"] if term["word"] is None else term["word"]
    words = tuple(fold(text).split())
    if not words:
        return None
    is_open = text.rstrip().endswith("*")
    if is_open and len(words[-1]) < SHORTEST_BEGINNING:
        raise BadInput(f"before a * there are at least {SHORTEST_BEGINNING} letters")
    return Phrase(words, is_open)


def _check(groups: Sequence[Sequence[Phrase]], without: Sequence[Phrase]) -> None:
    if not groups:
        raise BadInput("write at least one word to find")
    if sum(map(len, groups)) + len(without) > MOST_TERMS:
        raise BadInput(f"a search has at most {MOST_TERMS} words and phrases")


def _fts5(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"' + " *" * phrase.open


def _tsquery(phrase: Phrase) -> str:
    words = [f"'{word}'" for word in phrase.words]
    words[-1] += ":*" * phrase.open
    return f"({' & '.join(words)})"
