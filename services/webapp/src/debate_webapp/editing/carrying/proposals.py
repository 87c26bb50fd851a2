"""What a waiting version can take over from the one that counts, read from the database."""

import json
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate_webapp.database.models import Person, Transcript
from debate_webapp.editing.carrying.fitting import Match, Outcome
from debate_webapp.editing.carrying.settling import Carrying, Names
from debate_webapp.editing.carrying.sides import Corrected, Newer, Row
from debate_webapp.editing.carrying.textual import Correction
from debate_webapp.editing.corrected import Json, Part, entries_of
from debate_webapp.incoming.suggestions import labels_now, suggest_people
from debate_webapp.reading import queries

# Offers are kept until either version changes: pages ask for the same one again and again.
_KEPT = 4
_recent: OrderedDict[tuple[str, int, int, int, int], list[Correction]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a kind fit, are in the new version already, and do not fit."""

    fits: int
    there: int
    misfits: int

    @property
    def total(self) -> int:
        """Each is counted once."""
        return self.fits + self.there + self.misfits


@dataclass(frozen=True)
class Offer:
    """All that editors made of `before`, and what becomes of it in the newer version."""

    before: Transcript
    corrections: list[Correction]

    @property
    def edits(self) -> Tally:
        """Corrections of words and speakers, splits and merges."""
        return self._tally("text", "split", "merge", "speaker")

    @property
    def names(self) -> Tally:
        """People that labels have as their names."""
        return self._tally("name")

    @property
    def marks(self) -> Tally:
        """Segments marked as reviewed."""
        return self._tally("reviewed")

    def _tally(self, *kinds: str) -> Tally:
        found = [one.fit.outcome for one in self.corrections if one.kind in kinds]
        return Tally(*(found.count(outcome) for outcome in Outcome))

    def __str__(self) -> str:
        """As `212 of 230 corrections, 4 of 5 names and 20 of 20 reviewed segments fit`."""
        tallies = {"correction": self.edits, "name": self.names, "reviewed segment": self.marks}
        told = [(k, one.fits + one.there, one.total) for k, one in tallies.items() if one.total]
        parts = [f"{n} of {total} {noun}{'' if total == 1 else 's'}" for noun, n, total in told]
        listed = " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
        is_one = len(told) == 1 and 1 in told[0]
        return f"{listed} fit{'s' if is_one else ''}"


def read_offer(session: Session, before: Transcript, now: Transcript) -> Offer:
    """What a newer version can take over from the one that counts."""
    database = str(session.get_bind().engine.url)
    key = (database, before.id, before.revision, now.id, now.revision)
    kept = _recent.get(key)
    if kept is None:
        kept = read_carrying(session, before, now).settle().corrections
        _recent[key] = kept
        if len(_recent) > _KEPT:
            _recent.popitem(last=False)
    return Offer(before, kept)


def read_carrying(session: Session, before: Transcript, now: Transcript) -> Carrying:
    """Both versions as they are now."""
    old, new = ((_entries(one), list(_rows(session, one)), _names(one)) for one in (before, now))
    proposed = {label: found.person.slug for label, found in suggest_people(now, before).items()}
    names = Names(proposed, labels_now(now, before))
    return Carrying(Match(Corrected(*old), Newer(*new)), names)


def _entries(transcript: Transcript) -> list[Json]:
    return entries_of(json.loads(zlib.decompress(transcript.artefact.body)))


def _names(transcript: Transcript) -> dict[str, str]:
    return {s.label: s.person.slug for s in transcript.speakers if s.person}


def _rows(session: Session, transcript: Transcript) -> Iterator[Row]:
    slugs = dict(session.execute(select(Person.id, Person.slug)).all())
    for segment in queries.list_segments(session, transcript):
        yield Row(
            segment.id,
            segment.text,
            segment.start,
            segment.end,
            segment.label,
            tuple(Part(*part) for part in segment.parts),
            slugs[segment.person_id] if segment.person_id else None,
            segment.reviewed,
            segment.version > 1,
        )
