"""Hits as a file for spreadsheets."""

from collections.abc import Iterable

from flask import url_for

from debate_webapp.exports.tables import write_table
from debate_webapp.search.find import Hit
from debate_webapp.site.filters import clock, moment

COLUMNS = (
    "date", "debate", "speaker", "start", "end", "time", "text", "quality", "reviewed", "address",
)  # fmt: skip


def write_hits(hits: Iterable[Hit]) -> bytes:
    """A row per hit, with the address of its moment."""
    return write_table(COLUMNS, map(_row, hits))


def _row(hit: Hit) -> tuple[object, ...]:
    debate, segment = hit.debate, hit.segment
    page = url_for("debates.debate", transcript_id=debate.id, _external=True)
    return (
        debate.day,
        debate.title,
        hit.voice.name,
        round(segment.start, 3),
        round(segment.end, 3),
        clock(segment.start),
        segment.text,
        debate.quality or "",
        "yes" if segment.reviewed else "no",
        page + moment(segment.start),
    )
