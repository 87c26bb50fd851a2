"""Carrying corrections over: ordinary edits of the newer version, which counts from then on."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from debate_contract.errors import BadInput
from sqlalchemy import select
from sqlalchemy.orm import Session

from debate_webapp.database.models import Segment, Transcript
from debate_webapp.editing.carrying.pieces import Group
from debate_webapp.editing.carrying.proposals import read_carrying
from debate_webapp.editing.carrying.settling import Carrying, Settled, Target
from debate_webapp.editing.carrying.words import write_tokens
from debate_webapp.editing.corrected import Json
from debate_webapp.editing.counting import hand_over, log_count
from debate_webapp.editing.edits import change_rows, change_standing
from debate_webapp.editing.log import Author, State, record
from debate_webapp.editing.reshaping import merge_changes, split_changes
from debate_webapp.errors import StaleVersion
from debate_webapp.exports.document import join_texts
from debate_webapp.reading import queries
from debate_webapp.reading.people import person_by_slug
from debate_webapp.reading.versions import counting_of, versions_of


def accept(
    session: Session,
    transcript: Transcript,
    skipped: frozenset[str],
    author: Author,
    seen: int | None = None,
) -> None:
    """Make what fits in a newer version, but for the corrections with these ids; it counts then.

    All of it is one transaction: whoever comes second finds it done, and nothing is there twice.
    `seen` is the revision of the corrected version that was looked at; raises StaleVersion where it
    has changed since.
    """

    def change() -> None:
        if transcript.counts:
            return
        before = counting_of(versions_of(session, transcript.key))
        if seen is not None and seen != before.revision:
            raise StaleVersion(before)
        carrying = read_carrying(session, before, transcript)
        settled = carrying.settle(skipped)
        # First: an edit of the corrected version that comes in between makes this start anew.
        hand_over(session, before, transcript)
        _Carrier(session, transcript, author, carrying).carry(settled)
        made = sum(one.fits and one.id not in skipped for one in settled.corrections)
        log_count(session, before, transcript, author, carried=made)

    change_standing(session, transcript, change, author)


@dataclass
class _Carrier:
    """Makes edits in the order in which they need each other."""

    session: Session
    transcript: Transcript
    author: Author
    carrying: Carrying

    def __post_init__(self) -> None:
        mark = hashlib.sha256(self.author.client_id.encode()).hexdigest()[:32]
        self._ids: Iterator[str] = (f"{mark}-{n}" for n in count())
        rows = self.carrying.match.new.rows
        query = select(Segment).where(Segment.transcript_id == self.transcript.id)
        found = {segment.id: segment for segment in self.session.scalars(query)}
        self._segments: Sequence[Segment] = [found[row.id] for row in rows]
        self._entries: Sequence[Json] = self.carrying.match.new.entries

    def carry(self, settled: Settled) -> None:
        """Names, then each row with its pieces, then all marks as one edit."""
        for label, slug in settled.names.items():
            self._name(label, slug)
        marked: list[Segment] = []
        for group in settled.groups:
            targets = [settled.targets.get((group.rows.start, n)) for n in range(len(group.pieces))]
            if self._is_changed(group) or any(targets):
                rows = self._reshape(group)
                # Zipped as far as it goes: where splitting failed the first row is whole.
                for row, target in zip(rows, targets, strict=False):
                    self._assign(row, target)
                    if target and target.reviewed and len(rows) == len(targets):
                        marked.append(row)
        if marked:
            self._edit("mark_reviewed", *((row, {"reviewed": True}) for row in marked))

    def _is_changed(self, group: Group) -> bool:
        return len(group.rows) > 1 or len(group.pieces) > 1 or self._says_otherwise(group)

    def _says_otherwise(self, group: Group) -> bool:
        new = self.carrying.match.new
        was = (write_tokens([new.tokens[at] for at in new.spans[row]]) for row in group.rows)
        return join_texts(piece.text for piece in group.pieces) != join_texts(was)

    def _reshape(self, group: Group) -> list[Segment]:
        """Merge, write, split: the rows of the pieces, as far as they can be made."""
        first = self._segments[group.rows.start]
        rows = [first]
        try:
            for at in group.rows[1:]:
                self._edit("merge", *merge_changes(self.session, first, self._segments[at]))
            if self._says_otherwise(group):
                text = join_texts(piece.text for piece in group.pieces)
                self._edit("edit_text", (first, {"text": text}))
            for at, piece in enumerate(group.pieces[:-1]):
                rest = join_texts(after.text for after in group.pieces[at + 1 :])
                halves = split_changes(self.session, rows[-1], (piece.text, rest), self._entries)
                self._edit("split", *halves)
                rows.append(halves[1][0])
        except BadInput:
            # Too long for one segment, or a half without words: the rest of the row stays whole.
            pass
        return rows

    def _assign(self, row: Segment, target: Target | None) -> None:
        if target and target.person:
            self._edit("assign_segment", (row, {"person": target.person}))
        elif target and target.label:
            self._edit("assign_segment", (row, {"label": target.label, "person": None}))

    def _edit(self, command: str, *changes: tuple[Segment, State]) -> None:
        author = Author(self.author.user, next(self._ids))
        change_rows(self.session, self.transcript, command, changes, author)

    def _name(self, label: str, slug: str) -> None:
        speaker = queries.find_speaker(self.session, self.transcript, label)
        person = person_by_slug(self.session, slug)
        if speaker is None or person is None:
            return
        before = speaker.person.slug if speaker.person else None
        speaker.person = person
        record(
            self.session,
            self.transcript,
            "assign_label",
            {"label": label, "person": slug},
            {"label": label, "person": before},
            Author(self.author.user, next(self._ids)),
        )
