"""DOCX: minutes to edit and print, each time a link to that moment of the recording."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING
from unicodedata import bidirectional
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from debate_webapp.exports.document import Head, Line, Turn, clock, compute_turns
from debate_webapp.site.filters import moment

if TYPE_CHECKING:
    from docx.document import Document

INK_OF_LINKS = "1F4E8C"


def write_docx(head: Head, lines: Iterable[Line]) -> bytes:
    """A word processor's document: title, quality, source, and a paragraph per turn."""
    import docx

    document = docx.Document()
    _describe(document, head)
    _add_styles(document, head.language)
    document.add_paragraph(head.title, style="Title")
    document.add_paragraph(head.describe_quality(), style="Quality")
    _append(document, "".join(_fact(document, *fact) for fact in head.facts()))
    page = _relate(document, head.page) if head.page else None
    _append(document, "".join(_turn(turn, page) for turn in compute_turns(lines)))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _describe(document: "Document", head: Head) -> None:
    properties = document.core_properties
    properties.title = head.title[:255]
    properties.author = "Debate Analyzer"
    properties.comments = head.describe_quality()[:255]
    properties.created = properties.modified = head.exported_at.replace(tzinfo=None)


def _add_styles(document: "Document", language: str | None) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    if language:
        for default in document.styles.element.iter(qn("w:lang")):
            for script in ("w:val", "w:eastAsia", "w:bidi"):
                default.set(qn(script), language)
    styles, paragraph = document.styles, WD_STYLE_TYPE.PARAGRAPH
    quality = styles.add_style("Quality", paragraph)
    quality.font.italic = True
    speaker = styles.add_style("Speaker", paragraph)
    speaker.font.bold = True
    speaker.paragraph_format.keep_with_next = True
    speaker.paragraph_format.space_before, speaker.paragraph_format.space_after = Pt(8), Pt(0)
    fact = styles.add_style("Fact", paragraph)
    fact.paragraph_format.space_after = Pt(0)
    link = styles.add_style("Link", WD_STYLE_TYPE.CHARACTER)
    link.font.underline = True
    link.font.color.rgb = RGBColor.from_string(INK_OF_LINKS)


def _append(document: "Document", paragraphs: str) -> None:
    """Written as XML and parsed at once: the library takes longer for each next paragraph."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    end = document.element.body.sectPr
    for paragraph in list(parse_xml(f"<w:body {nsdecls('w', 'r')}>{paragraphs}</w:body>")):
        end.addprevious(paragraph)


def _relate(document: "Document", address: str) -> str:
    """A link's target; word processors call a file damaged if it holds what no address may."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    target = quote(address, safe="%/:?#[]@!$&'()*+,;=~")
    return document.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)


def _fact(document: "Document", name: str, value: str) -> str:
    is_address = value.startswith(("https://", "http://"))
    shown = _link(_relate(document, value), value) if is_address else _run(value)
    return f'<w:p><w:pPr><w:pStyle w:val="Fact"/></w:pPr>{_run(f"{name}: ")}{shown}</w:p>'


def _turn(turn: Turn, page: str | None) -> str:
    time = f"[{clock(turn.start)}]"
    at = _link(page, time, moment(turn.start)[1:]) if page else _run(time)
    bidi, rtl = ("<w:bidi/>", "<w:rPr><w:rtl/></w:rPr>") if _is_rtl(turn.text) else ("", "")
    return (
        f'<w:p><w:pPr><w:pStyle w:val="Speaker"/></w:pPr>{_run(f"{turn.name} ")}{at}</w:p>'
        f"<w:p><w:pPr>{bidi}</w:pPr>{_run(turn.text, rtl)}</w:p>"
    )


def _link(relation: str, text: str, fragment: str = "") -> str:
    anchor = f" w:anchor={quoteattr(fragment)}" if fragment else ""
    run = _run(text, '<w:rPr><w:rStyle w:val="Link"/></w:rPr>')
    return f'<w:hyperlink r:id="{relation}"{anchor}>{run}</w:hyperlink>'


def _run(text: str, properties: str = "") -> str:
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _is_rtl(text: str) -> bool:
    """By the first letter that has a direction."""
    return next((d for d in map(bidirectional, text) if d in ("L", "R", "AL")), "L") != "L"
