"""A text with what was found in it marked."""

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from debate_webapp.search.question import Span

# Of a long passage what stands around the first hit, in characters.
AROUND = 220


def marked(text: str, spans: Sequence[Span]) -> Markup:
    """HTML with a `mark` around each; of a long text a part, cut at spaces, with dots."""
    first, last = _part(text, spans)
    html, at = ["… " if first else ""], first
    for start, end in spans:
        if first <= start and end <= last:
            html += escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"
            at = end
    html += escape(text[at:last]), " …" if last < len(text) else ""
    return Markup("".join(html))  # noqa: S704 - every text in it is escaped


def _part(text: str, spans: Sequence[Span]) -> tuple[int, int]:
    if len(text) <= 2 * AROUND or not spans:
        return 0, len(text)
    start, end = spans[0]
    first, last = start - AROUND, end + AROUND
    # Where words have no spaces between them it is cut between any two characters.
    first = 0 if first <= 0 else text.find(" ", first, start) + 1 or first
    last = len(text) if last >= len(text) else max(text.rfind(" ", end, last), 0) or last
    return first, last
