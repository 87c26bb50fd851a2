"""Corrections of words, splits and merges, each with what it takes to make it."""

from collections.abc import Iterator
from dataclasses import dataclass

from debate_webapp.editing.carrying.fitting import (
    SCATTERED,
    WITHIN,
    Change,
    Fit,
    Match,
    Outcome,
    Place,
    find_changes,
    fit_cut,
    fit_join,
    misfit,
)
from debate_webapp.editing.carrying.words import write_tokens

# How many words around a correction are shown with it.
CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Correction:
    """What an editor did, what the newer version says in that place, and what becomes of it.

    `kind` is text, split, merge, speaker, reviewed or name; `start` and `end` are seconds. `lead`
    and `trail` are the words around it.
    """

    id: str
    kind: str
    start: float
    end: float
    before: str
    after: str
    now: str
    fit: Fit
    lead: str = ""
    trail: str = ""

    @property
    def fits(self) -> bool:
        """Whether it can be made."""
        return self.fit.outcome is Outcome.FITS


@dataclass(frozen=True)
class Textual:
    """A correction of words, or of where rows begin, with what makes it."""

    correction: Correction
    row: int
    change: tuple[Change, Place] | None = None
    cut: int | None = None
    join: int | None = None


def find_textual(match: Match) -> list[Textual]:
    """All of them."""
    return [*_changes(match), *_cuts(match), *_joins(match)]


def _changes(match: Match) -> Iterator[Textual]:
    rows = match.old.rows
    for at, change in enumerate(find_changes(match.old)):
        if isinstance(change, int):
            row = rows[change]
            why = SCATTERED if match.old.places[change] else WITHIN
            lost = ("", row.text, "", misfit(why))
            correction = Correction(f"text-{row.id}-{at}", "text", row.start, row.end, *lost)
            yield Textual(correction, change)
            continue
        fit, place = match.fit_change(change)
        there = (change, place) if place else None
        yield Textual(_text(match, change, fit, place), change.row, there)


def _text(match: Match, change: Change, fit: Fit, place: Place | None) -> Correction:
    heard, there = match.old.heard, match.new.tokens
    first, end, row = change.first, change.end, match.old.places[change.row]
    around = heard[max(first - 1, 0)], heard[min(end, len(heard) - 1)]
    said = heard[first:end] or [*around]
    return Correction(
        id=f"text-{match.old.rows[change.row].id}-{first}",
        kind="text",
        start=said[0].start,
        end=max(said[-1].end, said[0].start),
        before=write_tokens(heard[first:end]),
        after=write_tokens(change.words),
        now=write_tokens(there[place.first : place.end]) if place else "",
        fit=fit,
        lead=write_tokens(heard[max(first - CONTEXT, row[0]) : first]),
        trail=write_tokens(heard[end : min(end + CONTEXT, row[-1] + 1)]),
    )


def _cuts(match: Match) -> Iterator[Textual]:
    for cut in match.old.cuts:
        fit, gap = fit_cut(match, cut.left, cut.right)
        yield Textual(_seam(match, "split", cut.row, cut.left, cut.right, fit), cut.row, cut=gap)


def _joins(match: Match) -> Iterator[Textual]:
    for join in match.old.joins:
        fit, row = fit_join(match, join)
        yield Textual(
            _seam(match, "merge", join.row, join.left, join.right, fit), join.row, join=row
        )


def _seam(match: Match, kind: str, row: int, left: int, right: int, fit: Fit) -> Correction:
    heard = match.old.heard
    return Correction(
        id=f"{kind}-{match.old.rows[row].id}-{right}",
        kind=kind,
        start=heard[left].start,
        end=heard[right].end,
        before="",
        after="",
        now="",
        fit=fit,
        lead=write_tokens(heard[max(left + 1 - CONTEXT, 0) : left + 1]),
        trail=write_tokens(heard[right : right + CONTEXT]),
    )
