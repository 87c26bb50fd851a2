"""How often each person says something, in each debate and over time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from debate_webapp.reading.rows import DebateRow
from debate_webapp.reading.voices import Voice
from debate_webapp.search.find import find_debates, read_casts
from debate_webapp.search.indexed import Filters, Passed, find_passages
from debate_webapp.search.question import Question
from debate_webapp.search.words import spaced

MOST = 20_000  # passages; a word in more of them is counted in a part of the archive


@dataclass(frozen=True, slots=True)
class Speaks:
    """Who said it how often: a person, or None for all voices without a name."""

    slug: str | None
    name: str
    times: int
    debates: int


@dataclass(frozen=True, slots=True)
class Said:
    """A debate, how often it is said in it, and by whom how often, most often first."""

    debate: DebateRow
    times: int
    voices: list[tuple[Voice, int]]


@dataclass(frozen=True, slots=True)
class Counts:
    """All that was counted; `complete` is false where there was more than is counted at once."""

    times: int
    people: list[Speaks]
    debates: list[Said]
    complete: bool


def count(session: Session, question: Question, filters: Filters, editor: bool) -> Counts:
    """Count in what the reader may see, the debates from the earliest to the latest."""
    passed = find_passages(session, question, filters, editor, MOST + 1)
    complete, passed = len(passed) <= MOST, passed[:MOST]
    voices = _by_voice(session, question, passed)
    rows = find_debates(session, voices)
    debates = [
        Said(row, voices[row.id].total(), voices[row.id].most_common())
        for row in sorted(rows.values(), key=lambda row: (row.day, row.id))
    ]
    return Counts(sum(said.times for said in debates), _people(debates), debates, complete)


def _by_voice(
    session: Session, question: Question, passed: list[Passed]
) -> dict[int, Counter[Voice]]:
    """For each debate how often each voice says it."""
    needles = question.needles()
    times: Counter[tuple[int, str, int | None]] = Counter()
    for one in passed:
        times[one.transcript, one.label, one.person] += sum(map(spaced(one.words).count, needles))
    casts = read_casts(session, passed)
    found: dict[int, Counter[Voice]] = {transcript: Counter() for transcript in casts}
    for (transcript, label, person), often in times.items():
        own = casts[transcript].by_person.get(person) if person else None
        found[transcript][own or casts[transcript].by_label[label]] += often
    return found


def _people(debates: Iterable[Said]) -> list[Speaks]:
    times: Counter[str | None] = Counter()
    in_debates: Counter[str | None] = Counter()
    names: dict[str | None, str] = {None: "Voices without a name"}
    for said in debates:
        for voice, often in said.voices:
            times[voice.slug] += often
            names.setdefault(voice.slug, voice.name)
        in_debates.update({voice.slug for voice, _ in said.voices})
    return [Speaks(slug, names[slug], n, in_debates[slug]) for slug, n in times.most_common()]
