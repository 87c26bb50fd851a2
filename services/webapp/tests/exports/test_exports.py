"""Exports as others read them: every file goes through a reader that is not ours."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import docx
import pytest
import srt
import webvtt
from debate_contract.schemas import load_schema
from debate_stats import parse_transcript
from debate_webapp.exports.cues import compute_cues, count_columns, wrap
from debate_webapp.exports.data import write_json
from debate_webapp.exports.document import Head, Line, Word, clean, compute_turns
from debate_webapp.exports.minutes import write_txt
from debate_webapp.exports.names import disposition, file_name, file_stem
from debate_webapp.exports.subtitles import write_srt, write_vtt
from debate_webapp.exports.tables import write_csv, write_rttm
from debate_webapp.exports.word import write_docx
from debate_webapp.reading.voices import compute_cast
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

CONTRACT = Path(__file__).parents[4] / "contracts" / "transcript"
JOINER = "\N{WORD JOINER}"

NASTY = {
    "Arabic": "هل يجب أن تكون الحافلات مجانية؟ نعم، لأن الحافلة الممتلئة لا تكلف أكثر.",
    "Hebrew with Latin": "אמרתי: the bus is free, בחינם לגמרי!",
    "emoji": "👩‍👩‍👧 yes 🇨🇿 " * 12,
    "arrow": "00:00:01.000 --> 00:00:09.000 is a time line",
    "markup": "<b>bold</b> <i>x</i> {\\an8}up & down </v> <script>alert(1)</script>",
    "entities": "&lt; &amp; &nbsp; &#0;",
    "line breaks": "one\n\ntwo\r\n3\n\n4 --> 5\u2028six\x0bseven",
    "control": "a\x00b\x01c\x1bd\ufffee",
    "no spaces": "市内のバスを無料にするべきでしょうか。満員のバスも空のバスも費用は同じです。" * 4,
    "an address": "https://example.org/" + "a" * 300,
    "a formula": "=HYPERLINK(\"http://x\",\"y\"),'quoted', and \"more\"",
    "a number": "42",
    "quotes": "\"'«»“”;\t,",
}  # fmt: skip


def head(**changes: object) -> Head:
    known = {
        "title": "Town hall: free buses",
        "page": "http://site.example/debates/1",
        "source": "https://videos.example/town-hall",
        "recorded_on": "2026-11-20",
        "language": "en",
        "quality": "standard",
        "reviewed": 0.0,
        "engines": "whisper-turbo, pyannote",
        "expected": None,
        "version": 1,
        "revision": 4,
        "digest": "0123456789ab" + "0" * 52,
        "exported_at": datetime(2026, 11, 26, 22, 30, tzinfo=UTC),
    }
    return Head(**known | changes)


def line(start: float, end: float, text: str, name: str = "Ana", **changes: object) -> Line:
    known = {"id": 1, "source_id": "0", "label": "SPEAKER_00", "key": name, "slug": None}
    return Line(start=start, end=end, name=name, text=clean(text), **known | changes)


def words(start: float, each: float, text: str) -> list[Word]:
    """Words of equal length, one after the other."""
    times = [start + each * n for n in range(len(text.split()) + 1)]
    spans = zip(text.split(), pairwise(times), strict=True)
    return [Word(word, *span, probability=0.9, speaker="SPEAKER_00") for word, span in spans]


def read_srt(lines: list[Line]) -> list[srt.Subtitle]:
    return list(srt.parse(write_srt(lines).decode(), ignore_errors=False))


def read_vtt(lines: list[Line], **changes: object) -> webvtt.WebVTT:
    return webvtt.from_buffer(io.StringIO(write_vtt(head(**changes), lines).decode()))


def squeeze(text: str) -> str:
    return "".join(text.split())


# --- cues ---

LONG = (
    "Should the city make its buses free for everyone who lives here? Yes, because a bus that is "
    "full costs no more than an empty one, and the streets would be quiet again."
)


def test_a_cue_has_two_lines_of_42_columns_and_7_seconds_at_most() -> None:
    cues = compute_cues([line(0, 20, LONG, words=words(0, 20 / len(LONG.split()), LONG))])

    assert all(count_columns(text) <= 42 for cue in cues for text in wrap(cue.words))
    assert all(len(wrap(cue.words)) <= 2 for cue in cues)
    assert all(cue.end - cue.start <= 7 for cue in cues)


def test_cues_end_where_sentences_end() -> None:
    first = compute_cues([line(0, 12, LONG)])[0]

    assert "".join(first.words).endswith("who lives here?")


def test_cues_begin_and_end_with_their_words() -> None:
    # 0   1   2        10  11  12
    # one two three…   four five six
    spoken = [Word("one", 0, 1), Word("two", 1, 2), Word("three,", 2, 3)]
    spoken += [Word("four", 10, 11), Word("five", 11, 12), Word("six.", 12, 13)]
    cues = compute_cues([line(0, 13, "one two three, four five six.", words=spoken)])

    assert [(cue.start, cue.end) for cue in cues] == [(0, 3), (10, 13)]


def test_words_that_are_no_longer_the_text_are_not_trusted() -> None:
    changed = line(0, 6, "Something else was said.", words=words(4, 0.1, "What was heard"))

    assert [(cue.start, cue.end) for cue in compute_cues([changed])] == [(0, 6)]


def test_a_name_stands_where_the_speaker_changes_and_fits_its_line() -> None:
    lines = [line(0, 10, LONG), line(10, 12, "I see."), line(12, 22, LONG, "Petr Svoboda")]

    texts = [cue.content for cue in read_srt(lines)]
    named = [text.partition(": ")[0] for text in texts if re.match(r"(Ana|Petr Svoboda): ", text)]
    assert named == ["Ana", "Petr Svoboda"]
    assert max(count_columns(row) for text in texts for row in text.splitlines()) <= 42


def test_every_cue_of_two_who_speak_at_once_says_whose_it_is() -> None:
    # Ana  ├──────────────┤
    # Petr     ├───┤
    texts = [cue.content for cue in read_srt([line(0, 20, LONG), line(6, 8, "No!", "Petr")])]

    at = texts.index("Petr: No!")
    assert 0 < at < len(texts) - 1
    assert texts[at + 1].startswith("Ana: ")


def test_a_short_cue_stays_a_second_unless_someone_speaks_on() -> None:
    cues = compute_cues([line(0, 0.2, "Yes."), line(0.5, 0.7, "No.", "Petr")])

    assert [(cue.start, cue.end) for cue in cues] == [(0, 0.5), (0.5, 1.5)]


TEXTS = st.text("ab .,?!…\n\t\0<>&-{}\\'=字👩\u200d\u0301ש", max_size=300)


@st.composite
def debates(draw: st.DrawFn) -> list[Line]:
    """Segments of any text and length, overlapping as they like."""
    found = []
    for n in range(draw(st.integers(0, 12))):
        start = draw(st.floats(0, 100))
        end = start + draw(st.floats(0, 40))
        name = draw(st.sampled_from(["Ana", "Petr Svoboda", "李"]))
        text = draw(st.one_of(TEXTS, st.sampled_from(list(NASTY.values()))))
        found.append(line(start, end, text, name, id=n, source_id=str(n)))
    return sorted(found, key=lambda segment: segment.start)


@settings(deadline=None)
@given(debates())
def test_whatever_is_said_cues_of_one_speaker_never_overlap_and_nothing_is_lost(lines) -> None:
    cues = compute_cues(lines, named=True)

    assert [cue.start for cue in cues] == sorted(cue.start for cue in cues)
    assert all(cue.end > cue.start for cue in cues)
    for name in {each.name for each in lines}:
        own = [cue for cue in cues if cue.line.name == name]
        assert all(one.end <= other.start for one, other in pairwise(own))
    for segment in lines:
        shown = "".join("".join(cue.words) for cue in cues if cue.line is segment)
        assert squeeze(shown) == squeeze(segment.text)


# --- formats ---


@settings(deadline=None)
@given(debates())
def test_subtitle_files_read_back_as_they_were_cut(lines: list[Line]) -> None:
    cues = compute_cues(lines)
    captions = read_vtt(lines)

    assert [c.voice for c in captions] == [cue.line.name for cue in cues]
    assert [c.start_in_seconds for c in captions] == [int(cue.start) for cue in cues]
    read = read_srt(lines)
    assert [s.index for s in read] == list(range(1, len(read) + 1))
    starts = [timedelta(seconds=cue.start) for cue in compute_cues(lines, named=True)]
    assert [s.start for s in read] == starts


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_srt_keeps_every_character_and_reads_none_as_markup(text: str) -> None:
    read = read_srt([line(1, 9, text), line(9, 10, "Well.", "Petr")])

    said = "".join(cue.content for cue in read[:-1]).removeprefix("Ana:")
    assert squeeze(said.replace(JOINER, "")) == squeeze(clean(text))
    assert not re.search(r"<[A-Za-z/!]|-->|\{\\", said)
    assert read[-1].content == "Petr: Well."


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_vtt_keeps_every_character_and_reads_none_as_markup(text: str) -> None:
    body = write_vtt(head(title="a --> b <c>"), [line(1, 9, text, "A & <b> -->")]).decode()

    cues = body.split("\n\n")[2:]
    assert all(cue.count("-->") == 1 for cue in cues)
    said = "".join(cue.partition("\n<v A &amp; &lt;b&gt; --&gt;>")[2] for cue in cues)
    assert not re.search("[<>]", said)
    plain = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert squeeze(plain) == squeeze(clean(text))


def test_vtt_says_in_a_note_how_far_it_can_be_trusted() -> None:
    captions = read_vtt([line(0, 1, "Yes.")], quality="draft", title="Free buses")

    note = captions.header_comments[0]
    assert note.startswith("Free buses\nDraft. Made by ")
    assert "Source: https://videos.example/town-hall" in note


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_minutes_as_text_have_a_paragraph_per_turn(text: str) -> None:
    lines = [line(0, 1, text), line(1, 2, "And more."), line(3675, 3676, "No.", "Petr")]

    first, _, *turns = write_txt(head(), lines).decode().split("\n\n")
    assert first.startswith("Town hall: free buses\nMade by whisper-turbo, pyannote. Not reviewed")
    assert turns == [
        f"Ana [00:00:00]\n{clean(text)} And more.",
        "Petr [01:01:15]\nNo.\n",
    ]


def test_chinese_segments_are_joined_without_a_space() -> None:
    turns = compute_turns([line(0, 1, "你好。"), line(1, 2, "再见。"), line(2, 3, "OK.")])

    assert [turn.text for turn in turns] == ["你好。再见。 OK."]


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_a_word_processor_gets_the_text_and_links_to_its_moments(text: str) -> None:
    lines = [line(12.34, 20, text, "A <b> & Co"), line(3675, 3676, "No.", "Petr")]
    document = docx.Document(io.BytesIO(write_docx(head(title="Free <buses> & co"), lines)))

    paragraphs = document.paragraphs
    assert paragraphs[0].text == "Free <buses> & co"
    assert paragraphs[1].text.startswith("Made by whisper-turbo")
    said = [p for p in paragraphs if p.style.name not in ("Title", "Quality", "Fact")]
    assert [p.text for p in said] == [
        "A <b> & Co [00:00:12]",
        clean(text),
        "Petr [01:01:15]",
        "No.",
    ]
    links = [link.url for p in said for link in p.hyperlinks]
    assert links == [f"http://site.example/debates/1#t={t}" for t in ("12.3", "3675")]
    sources = [link.url for p in paragraphs if p.style.name == "Fact" for link in p.hyperlinks]
    assert "https://videos.example/town-hall" in sources


def test_arabic_paragraphs_run_from_right_to_left() -> None:
    lines = [line(0, 1, NASTY["Arabic"]), line(1, 2, "No.", "Petr")]
    document = docx.Document(io.BytesIO(write_docx(head(language="ar"), lines)))

    said = [p for p in document.paragraphs if p.style.name == "Normal"]
    assert [bool(p._p.xpath("./w:pPr/w:bidi")) for p in said] == [True, False]
    assert document.styles.element.xpath("//w:docDefaults//w:lang/@w:bidi") == ["ar"]


def read_csv(lines: list[Line]) -> list[dict[str, str]]:
    text = write_csv(lines).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_a_table_has_a_row_per_segment(text: str) -> None:
    row, other = read_csv([line(0.5, 1.25, text, overlap=True), line(3675, 3676, "No.", "Petr")])

    assert row["text"].removeprefix("'" if text.startswith("=") else "") == clean(text)
    assert (row["start"], row["end"], row["speaker"], row["overlap"]) == (
        "0.5",
        "1.25",
        "Ana",
        "yes",
    )
    assert (other["time"], other["reviewed"]) == ("01:01:15", "no")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\uff1d"])
def test_no_cell_is_a_formula(first: str) -> None:
    (row,) = read_csv([line(0, 1, f"{first}1+2", f"{first}cmd")])

    assert (row["text"], row["speaker"]) == (f"'{first}1+2", f"'{first}cmd")


@given(st.text(alphabet=";=+-@\uff1d\" 'x", max_size=12))
def test_no_piece_between_semicolons_is_a_formula(text: str) -> None:
    table = write_csv([line(0, 1, text.strip())]).decode("utf-8-sig")

    pieces = [piece.strip('" \r\n') for piece in table.split(";")]
    assert not [piece for piece in pieces if piece.startswith(("=", "+", "-", "@", "\uff1d"))]


def test_excel_is_told_that_the_table_is_utf8() -> None:
    assert write_csv([]).startswith(b"\xef\xbb\xbfstart,")


def test_rttm_keeps_overlaps_of_two_and_joins_those_of_one() -> None:
    # ana  ├──────┤
    # ana      ├──────┤
    # petr       ├─┤
    speech = [(0.0, 2.0, "ana"), (1.5, 3.0, "ana"), (2.0, 2.25, "petr"), (5.0, 5.0, "petr")]

    rows = [row.split() for row in write_rttm("Town_hall", speech).decode().splitlines()]
    assert rows == [
        ["SPEAKER", "Town_hall", "1", start, length, "<NA>", "<NA>", who, "<NA>", "<NA>"]
        for start, length, who in (("0.000", "3.000", "ana"), ("2.000", "0.250", "petr"))
    ]


def test_json_is_the_contracts_transcript_with_todays_text() -> None:
    body = (CONTRACT / "examples" / "two-speakers.json").read_bytes()
    kept = line(0.5, 3.25, "Should the city?", words=words(0.5, 0.5, "Should the city?"))
    other = line(4, 5, "A new one.", "Petr", id=7, slug="petr")
    document = json.loads(body)
    document["transcription"] = document["transcription"][:2]

    written = write_json(
        head(), [kept, other], compute_cast([]).by_label, json.dumps(document).encode()
    )

    document = json.loads(written)
    Draft202012Validator(load_schema("transcript")).validate(document)
    first, second = document["transcription"]
    assert (first["text"], first["language"], len(first["words"])) == ("Should the city?", "en", 3)
    assert (second["text"], second["name"], second["words"]) == ("A new one.", "Petr", [])
    assert document["speech"] == json.loads(body)["speech"]
    assert document["edited"]["revision"] == 4
    assert len(parse_transcript(written).segments.start) == 2


def test_json_keeps_all_that_the_contract_names() -> None:
    document = json.loads((CONTRACT / "examples" / "two-speakers.json").read_bytes())
    document |= {"expected": {"wer": 0.08, "measured_on": "talks"}, "unheard": [], "defects": []}
    schema = load_schema("transcript")
    lines = [line(at, at + 1, "Yes.") for at in range(len(document["transcription"]))]

    body = json.dumps(document).encode()
    written = json.loads(write_json(head(), lines, compute_cast([]).by_label, body))

    assert set(schema["properties"]) <= set(written)
    segment = schema["$defs"]["segment"]["properties"]
    assert set(segment) <= set(written["transcription"][0])
    assert written["media"]["source"]["url"] == document["media"]["source"]["url"]


def test_a_share_is_never_rounded_up_to_everything() -> None:
    assert "99 % reviewed by an editor: check" in head(reviewed=0.999).describe_quality()
    assert head(reviewed=1.0).describe_quality().endswith("Reviewed by an editor.")


# --- names of files ---


@pytest.mark.parametrize(
    ("quality", "reviewed", "standing"),
    [
        ("draft", 0.0, "draft"),
        ("draft", 0.5, "draft"),
        ("draft", 1.0, "reviewed"),
        ("standard", None, "unreviewed"),
        ("standard", 0.5, "partly-reviewed"),
        (None, 1.0, "reviewed"),
    ],
)
def test_the_name_of_a_file_says_how_far_it_can_be_trusted(quality, reviewed, standing) -> None:
    found = head(quality=quality, reviewed=reviewed).standing

    assert file_name("Free buses", found, "srt") == f"Free buses-{standing}.srt"


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Town hall: free/buses?", "Town hall free buses"),
        ("../../etc/passwd", "etc passwd"),
        ("\u202egnp.exe\0", "gnp.exe"),
        ("...", "debate"),
        ("\n", "debate"),
        ("Debata o dopravě", "Debata o dopravě"),
        ("ř" * 400, "ř" * 75),
    ],
)
def test_a_title_becomes_a_name_that_every_system_can_keep(title: str, stem: str) -> None:
    assert file_stem(title) == stem


def test_the_header_has_the_name_twice_for_old_readers_and_for_new() -> None:
    assert disposition('Dopravě "a".srt') == (
        "attachment; filename=\"Doprave a.srt\"; filename*=UTF-8''Doprav%C4%9B%20%22a%22.srt"
    )
