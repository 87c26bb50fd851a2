"""Hits as a file for spreadsheets."""

from collections.abc import Sequence

from flask import url_for

from debate_webapp.exports.tables import last_row, write_table
from debate_webapp.search.find import Found, Hit
from debate_webapp.site.filters import clock, moment

COLUMNS = (
    "date", "debate", "speaker", "start", "end", "time", "text", "quality", "reviewed", "address",
)  # fmt: skip


def write_hits(found: Found) -> bytes:
    """A row per hit, with the address of its moment; a last one where there are more."""
    rows: list[Sequence[object]] = [_row(hit) for hit in found.hits]
    if found.more:
        cut = (
            f"Only {len(rows)} are listed, of the debates registered last;"
            " narrow the search down to see the others."
        )
        rows.append(last_row(COLUMNS, "text", cut))
    return write_table(COLUMNS, rows)


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
