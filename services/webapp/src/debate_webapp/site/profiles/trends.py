"""Geometry of the small charts of a person: one dot a debate, the earliest on the left."""

from collections.abc import Callable
from typing import NamedTuple

from debate_webapp.site.filters import number, percent
from debate_webapp.site.profiles.record import Appearance, OwnFigures, Record

# With two debates there is a difference but no trend.
LEAST_DEBATES = 3
WIDTH, HEIGHT, MARGIN = 240.0, 56.0, 6.0


class Dot(NamedTuple):
    """Where one debate's figure stands, what it reads, and the debate to open."""

    x: float
    y: float
    value: str
    appearance: Appearance


class Trend(NamedTuple):
    """One figure over the debates in which it is defined; the scale begins at zero."""

    title: str
    greatest: str
    dots: list[Dot]


class _Figure(NamedTuple):
    title: str
    value: Callable[[OwnFigures], float | None]
    spell: Callable[[float], str]


_FIGURES = (
    _Figure("Share of the speaking time", lambda own: own.share_speaking_time, percent),
    _Figure("Words a minute", lambda own: own.wpm, number),
    _Figure("Length of a turn", lambda own: own.avg_turn_length_sec, lambda s: f"{s:.0f} s"),
)


def make_trends(record: Record) -> list[Trend]:
    """A chart for each figure; none for fewer than three debates."""
    debates = list(reversed(record.appearances))
    return [_draw(figure, debates) for figure in _FIGURES] if len(debates) >= LEAST_DEBATES else []


def _draw(figure: _Figure, debates: list[Appearance]) -> Trend:
    values = [(n, one, figure.value(one.own)) for n, one in enumerate(debates)]
    known = [(n, one, value) for n, one, value in values if value is not None]
    greatest = max((value for _, _, value in known), default=0.0)
    step = (WIDTH - 2 * MARGIN) / (len(debates) - 1)
    dots = [
        Dot(round(MARGIN + n * step, 1), _height(value, greatest), figure.spell(value), one)
        for n, one, value in known
    ]
    return Trend(figure.title, figure.spell(greatest), dots)


def _height(value: float, greatest: float) -> float:
    share = value / greatest if greatest else 0.0
    return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)
