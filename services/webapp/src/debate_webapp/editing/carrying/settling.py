"""What becomes of every correction, and of the newer version's rows once they are made.

Words, splits and merges come first; then, by whose words a row has, speakers; then the marks of
those rows whose words and speaker are those that an editor reviewed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from debate_webapp.editing.carrying.fitting import (
    BY_HAND,
    NEW_SEGMENT,
    OTHER_WORDS,
    Fit,
    Match,
    Outcome,
    misfit,
)
from debate_webapp.editing.carrying.pieces import Group, Reshaping, Said, reshape
from debate_webapp.editing.carrying.textual import Correction, Textual, find_textual

SHARED = "its words share a segment with those of someone else"
NO_VOICE = "no voice of the new transcription has most of its time"
NOT_AS_REVIEWED = "words or speaker are not those that were reviewed"

# Of a row's words, or of a piece's: below this it is not the same row.
MOST = 0.8

# A person's slug, or None and a label.
Voice = tuple[str | None, str | None]
# Of a piece: the first of the rows it is made from, and the how manieth it is of these.
PlaceOfPiece = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Names:
    """Whose the newer version's labels are: `proposed` by common time, and where old labels are.

    `proposed` has people's slugs by the newer version's labels, `labels` these by the old ones.
    """

    proposed: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What a piece becomes besides its text: whose it is, where that changes, and reviewed."""

    person: str | None = None
    label: str | None = None
    reviewed: bool = False


@dataclass(frozen=True)
class Settled:
    """All corrections in order of time, and the rows with those made that fit and are wanted."""

    corrections: list[Correction]
    groups: list[Group]
    targets: dict[PlaceOfPiece, Target]
    names: dict[str, str]


@dataclass(frozen=True)
class Carrying:
    """Two versions, and what the newer one can take over."""

    match: Match
    names: Names = Names()

    def settle(self, skipped: frozenset[str] = frozenset()) -> Settled:
        """What becomes of each correction when those with these ids are left out."""
        return _Settling(self, skipped).settled()

    @cached_property
    def textual(self) -> list[Textual]:
        """Corrections of words, splits and merges."""
        return find_textual(self.match)


class _Settling:
    """One run over all corrections, some of them left out."""

    def __init__(self, carrying: Carrying, skipped: frozenset[str]) -> None:
        self.match, self.proposed, self.skipped = carrying.match, carrying.names, skipped
        self.old, self.new = carrying.match.old, carrying.match.new
        self.textual = list(self._possible(carrying.textual))
        self.taken_names = {
            label: slug
            for label, slug in carrying.names.proposed.items()
            if f"name-{slug}" not in skipped
        }
        self.names = self.new.names | self.taken_names
        self.groups = reshape(self.match, self._reshaping())
        self.pieces = {
            (group.rows.start, at): piece
            for group in self.groups
            for at, piece in enumerate(group.pieces)
        }
        self.pieces_of: defaultdict[int, set[PlaceOfPiece]] = defaultdict(set)
        for place, piece in self.pieces.items():
            for said in piece.words:
                if said.owner is not None:
                    self.pieces_of[said.owner].add(place)

    def settled(self) -> Settled:
        """Names, words, speakers, marks."""
        speakers, given = self._speakers()
        marks, reviewed = self._marks(given)
        targets = {
            place: Target(*given.get(place, (None, None)), reviewed=place in reviewed)
            for place in given.keys() | reviewed
        }
        found = [*self._names(), *(one.correction for one in self.textual), *speakers, *marks]
        found.sort(key=lambda one: one.start)
        return Settled(found, self.groups, targets, self.taken_names)

    def _made(self, correction: Correction) -> bool:
        return correction.fits and correction.id not in self.skipped

    def _possible(self, textual: Sequence[Textual]) -> Iterator[Textual]:
        """A change that reaches into the next row is one only where the two are merged."""
        joins = {one.join for one in textual if self._made(one.correction)}
        for one in textual:
            place = one.change[1] if one.change else None
            apart = place and not joins.issuperset(range(place.row, place.last_row))
            if apart and one.correction.fits:
                yield replace(one, correction=replace(one.correction, fit=misfit(NEW_SEGMENT)))
            else:
                yield one

    def _reshaping(self) -> Reshaping:
        made = [one for one in self.textual if self._made(one.correction)]
        there = [one for one in self.textual if one.correction.fit.outcome is Outcome.THERE]
        return Reshaping(
            changes=[one.change for one in made if one.change],
            there=[one.change for one in there if one.change],
            cuts=frozenset(one.cut for one in made if one.cut is not None),
            joins=frozenset(one.join for one in made if one.join is not None),
        )

    def _names(self) -> Iterator[Correction]:
        for slug in sorted(set(self.old.names.values())):
            was = [label for label, named in self.old.names.items() if named == slug]
            now = [label for label, named in self.proposed.proposed.items() if named == slug]
            there = [label for label, named in self.new.names.items() if named == slug]
            fit = Fit(Outcome.FITS if now else Outcome.THERE) if now or there else misfit(NO_VOICE)
            yield Correction(
                f"name-{slug}", "name", 0.0, 0.0, ", ".join(was), slug, ", ".join(now + there), fit
            )

    def _speakers(self) -> tuple[list[Correction], dict[PlaceOfPiece, Voice]]:
        """Corrections of whose a row is, and the pieces that get another voice by them."""
        corrections: list[Correction] = []
        given: dict[PlaceOfPiece, Voice] = {}
        for at in range(len(self.old.rows)):
            wanted = self._wanted(at)
            own = {p for p in self.pieces_of[at] if self.pieces[p].share_of(at) >= MOST}
            to_change = {place for place in own if self._voice(place[0]) != wanted}
            heard = {self._voice(said.row) for place in own for said in self._words(place, at)}
            # What is merged gets the first one's voice, also what was given back to its own since.
            given_back = bool(to_change) and heard == {wanted}
            if not (self.old.given_away(at) or given_back):
                continue
            fit = self._fit_speaker(at, own, to_change, wanted, is_heard=heard <= {wanted})
            correction = self._row_correction("speaker", at, fit)
            corrections.append(correction)
            if self._made(correction):
                given |= dict.fromkeys(to_change, wanted)
        return corrections, given

    def _wanted(self, at: int) -> Voice:
        """Whose a row of the corrected version is, by the newer one's labels."""
        person, label = self.old.speaker(at)
        return (person, None) if person else (None, self.proposed.labels.get(label))

    def _voice(self, at: int) -> Voice:
        """Whose a row of the newer version is as things are."""
        row = self.new.rows[at]
        person = row.person or self.names.get(row.label)
        return (person, None) if person else (None, row.label)

    def _fit_speaker(
        self,
        at: int,
        own: set[PlaceOfPiece],
        to_change: set[PlaceOfPiece],
        wanted: Voice,
        *,
        is_heard: bool,
    ) -> Fit:
        if not self.pieces_of[at]:
            return misfit(OTHER_WORDS)
        words = [said for piece in self.pieces_of[at] for said in self._words(piece, at)]
        alone = [said for piece in own for said in self._words(piece, at)]
        if len(alone) < MOST * len(words):
            return misfit(SHARED)
        if wanted == (None, None):
            return misfit(NO_VOICE)
        if any(self.new.rows[first].touched for first, _ in to_change):
            return misfit(BY_HAND)
        return Fit(Outcome.THERE if is_heard and not to_change else Outcome.FITS)

    def _words(self, place: PlaceOfPiece, owner: int) -> list[Said]:
        return [said for said in self.pieces[place].words if said.owner == owner]

    def _marks(
        self, given: Mapping[PlaceOfPiece, Voice]
    ) -> tuple[list[Correction], set[PlaceOfPiece]]:
        """Rows that were reviewed, and the pieces that count as reviewed with them."""
        corrections: list[Correction] = []
        kept: set[int] = set()
        agreeing = {at for at, row in enumerate(self.old.rows) if row.reviewed} - self._altered()
        for at, row in enumerate(self.old.rows):
            if row.reviewed:
                correction = self._row_correction(
                    "reviewed", at, self._fit_mark(at, agreeing, given)
                )
                corrections.append(correction)
                if self._made(correction):
                    kept.add(at)
        marked = {place for at in kept for place in self.pieces_of[at]}
        return corrections, {
            place for place in marked if {said.owner for said in self.pieces[place].words} <= kept
        }

    def _altered(self) -> set[int]:
        """Rows of which the newer version does not have every word as it was corrected."""
        settled: set[int] = set()
        altered: set[int] = set()
        for one in self.textual:
            if self._made(one.correction) or one.correction.fit.outcome is Outcome.THERE:
                settled |= set(range(one.change[0].first, one.change[0].end) if one.change else ())
            elif one.correction.kind == "text":
                altered.add(one.row)
        for at, places in enumerate(self.old.places):
            known = (self.match.place_of[p] is not None or p in settled for p in places)
            if not all(known):
                altered.add(at)
        return altered

    def _fit_mark(self, at: int, agreeing: set[int], given: Mapping[PlaceOfPiece, Voice]) -> Fit:
        places = self.pieces_of[at]
        if not places:
            return misfit(OTHER_WORDS)
        if all(self.new.rows[first].reviewed for first, _ in places):
            return Fit(Outcome.THERE)
        if any(self.new.rows[first].touched for first, _ in places):
            return misfit(BY_HAND)
        for place in places:
            owners = {said.owner for said in self.pieces[place].words}
            voice = given.get(place, self._voice(place[0]))
            alike = all(o in agreeing and self._wanted(o) == voice for o in owners if o is not None)
            if None in owners or not alike:
                return misfit(NOT_AS_REVIEWED)
        return Fit(Outcome.FITS)

    def _row_correction(self, kind: str, at: int, fit: Fit) -> Correction:
        row = self.old.rows[at]
        person, label = self.old.speaker(at)
        there = sorted(self.pieces_of[at])
        now = " ".join(self.pieces[place].text for place in there)
        return Correction(
            f"{kind}-{row.id}", kind, row.start, row.end, label, person or label, now, fit, row.text
        )
