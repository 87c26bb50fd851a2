"""What a page has by the hundred, as HTML: each of these rows costs Jinja several times as much."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from flask import Flask
from markupsafe import Markup

from debate_webapp.reading.voices import SegmentRow
from debate_webapp.site.filters import clock, moment
from debate_webapp.site.search.marks import marked

if TYPE_CHECKING:
    from debate_webapp.site.debates.charts import Mark
    from debate_webapp.site.debates.page import Line
    from debate_webapp.site.profiles.trends import Dot

BLOCK = 50
# Of what is said where somebody begins to speak.
_BEGINNING = 60


def init_rows(app: Flask) -> None:
    """Make them filters of the templates."""
    for make in (segment_rows, moment_rows, mark_rects, mark_gaps, dot_links, marked):
        app.jinja_env.filters[make.__name__] = make


def segment_rows(lines: Sequence["Line"], language: str | None, editor: bool) -> Markup:
    """The transcript, in lists that a browser lays out only when they are seen."""
    lang = f' lang="{escape(language)}"' if language else ""
    html = []
    for at in range(0, len(lines), BLOCK):
        html.append(f'<ol class="block" start="{at + 1}" role="list">')
        block = enumerate(lines[at : at + BLOCK])
        html += (_segment(line, line.opens or not n, lang, editor) for n, line in block)
        html.append("</ol>")
    return Markup("\n".join(html))  # noqa: S704 - every text in it is escaped


def _segment(line: "Line", opens: bool, lang: str, editor: bool) -> str:
    segment, voice = line.segment, line.voice
    at = clock(segment.start)
    more, marks = _editing(line, at) if editor else ("", "")
    speaker = (
        f'<p class="speaker colour-{voice.colour}">'
        f'<span class="name">{escape(voice.name)}</span></p>\n'
        if opens
        else ""
    )
    overlap = (
        ' <span class="overlap" title="Someone else speaks at the same time">overlap</span>'
        if segment.overlap
        else ""
    )
    return (
        f'<li class="segment{" opens" if opens else ""}" id="s{segment.id}" '
        f'data-start="{segment.start}" data-end="{segment.end}" '
        f'data-label="{escape(segment.label)}"{more}>\n{speaker}'
        f'<button type="button" class="time" aria-label="Play from {at}">{at}</button>\n'
        f'<p class="text"{lang}>{escape(segment.text, quote=False)}{overlap}</p>\n{marks}</li>'
    )


def _editing(line: "Line", at: str) -> tuple[str, str]:
    """What an editor's row has besides: attributes, and buttons."""
    segment, voice = line.segment, line.voice
    own = escape(voice.slug or "") if segment.person_id else ""
    attributes = (
        f' data-version="{segment.version}" data-person="{own}" '
        f'data-voice="{escape(voice.slug or segment.label)}" data-name="{escape(voice.name)}"'
        f"{' data-uncertain' if segment.uncertain else ''}"
    )
    pressed = str(segment.reviewed).lower()
    buttons = (
        '<p class="marks needs-script">'
        f'<button type="button" class="quiet edit" aria-label="Edit the segment at {at}">Edit'
        f'</button><button type="button" class="quiet review" aria-pressed="{pressed}" '
        f'aria-label="Reviewed: the segment at {at}" title="Reviewed"></button></p>\n'
    )
    return attributes, buttons


def moment_rows(segments: Iterable[SegmentRow]) -> Markup:
    """Where a voice begins to speak, each a link to the moment."""
    return Markup("\n".join(map(_moment, segments)))  # noqa: S704 - every text in it is escaped


def _moment(segment: SegmentRow) -> str:
    said = escape(shorten(segment.text), quote=False)
    return f'<li><a href="{moment(segment.start)}">{clock(segment.start)}</a> {said}</li>'


def shorten(text: str) -> str:
    """The words of a text that fit, and three dots; a few letters more rather than the dots."""
    if len(text) <= _BEGINNING + 5:
        return text
    return text[: _BEGINNING - 3].rsplit(" ", 1)[0] + "..."


def mark_rects(marks: Iterable["Mark"]) -> Markup:
    """The stretches of a lane."""
    return Markup("\n".join(map(_rect, marks)))  # noqa: S704 - numbers only


def mark_gaps(marks: Iterable["Mark"]) -> Markup:
    """Where the recording has no sound, behind the stretches of a lane."""
    gaps = (f'<rect class="gap" x="{mark.x}" width="{mark.width}" height="10"/>' for mark in marks)
    return Markup("".join(gaps))  # noqa: S704 - numbers only


def _rect(mark: "Mark") -> str:
    return (
        f'<rect class="fill" x="{mark.x}" width="{mark.width}" height="10" '
        f'data-start="{mark.start}"/>'
    )


def dot_links(dots: Iterable["Dot"], debates: str) -> Markup:
    """The dots of a trend, each a link to where the person begins to speak in that debate.

    `debates` is what the addresses of all debates begin with.
    """
    return Markup("\n".join(_dots(dots, debates)))  # noqa: S704 - every text in it is escaped


def _dots(dots: Iterable["Dot"], debates: str) -> Iterator[str]:
    for x, y, value, (debate, _, own) in dots:
        says = escape(f"{value}: {debate.title}")
        yield (
            f'<a href="{debates}{debate.id}{moment(own.starts_at)}" aria-label="{says}">'
            f'<title>{says}</title><path d="M{x} 50V{y}" class="stem"/>'
            f'<circle cx="{x}" cy="{y}" r="4"/></a>'
        )
