"""What keeps pages cheap changes nothing of what they say; bench/archives has the milliseconds."""

from collections.abc import Callable
from pathlib import Path
from unicodedata import category, east_asian_width

import pytest
from asking import again, questions
from clients import CheckedClient
from commands import command, name
from debate_webapp.database.engine import begin_writing
from debate_webapp.exports.cues import count_columns
from debate_webapp.exports.data import read_words
from debate_webapp.incoming.found import Found
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.local import LocalStore
from debate_webapp.reading.voices import SegmentRow, Voice
from debate_webapp.site.api.downloads import Shelf
from debate_webapp.site.debates.page import Line
from debate_webapp.site.rows import BLOCK, moment_rows, segment_rows, shorten
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

MakeJob = Callable[..., Path]


def published(editor: CheckedClient, path: Path) -> str:
    """The address of a debate of this file, which everyone may see."""
    page = editor.send("/debates", uri=str(path)).request.path
    editor.send(f"{page}/publication/on", client_id="on")
    return page


def test_versions_that_were_replaced_cost_a_list_no_question_each(
    editor: CheckedClient, make_job: MakeJob, app: Flask
) -> None:
    def ask() -> tuple[int, int]:
        with questions(app) as asked:
            rows = editor.get("/api/v1/transcripts").json["transcripts"]
        return len(asked), sum(row["superseded"] for row in rows)

    found = []
    for number in range(3):
        published(editor, make_job(f"job-{number}"))
        editor.send("/debates", uri=str(make_job(f"job-{number}", duration=13.0)))
        found.append(ask())

    assert [replaced for _, replaced in found] == [1, 2, 3]
    assert len({questions for questions, _ in found}) == 1


def test_what_a_list_shows_is_in_its_tag(debate: CheckedClient, make_job: MakeJob) -> None:
    debate.send("/debates/1/publication/on", client_id="on")
    other = published(debate, make_job("other", duration=14.0))
    stranger = debate.application.test_client()
    mine, theirs = debate.get("/"), stranger.get("/")
    assert mine.headers["ETag"] != theirs.headers["ETag"]

    def changed() -> tuple[bool, bool]:
        nonlocal mine, theirs
        before = mine, theirs
        mine, theirs = again(debate, "/", mine), again(stranger, "/", theirs)
        known = tuple(reply.status_code == 200 for reply in (mine, theirs))
        mine, theirs = (
            now if now.status_code == 200 else then
            for now, then in zip((mine, theirs), before, strict=True)
        )
        return known

    debate.get("/")  # what was just done is told
    mine = debate.get("/")
    assert changed() == (False, False)
    debate.send(f"{other}/speakers/SPEAKER_00", name="Ana", version=1, client_id="n")
    debate.get("/")
    assert changed() == (True, True)
    debate.send("/debates", uri=str(make_job("other", duration=15.0)))
    debate.get("/")
    assert changed() == (True, False)  # editors are told that it waits
    command(debate, "mark_reviewed", 1, 1, reviewed=True)
    assert changed() == (True, True)
    make_job("third", duration=16.0)
    assert changed() == (True, False)


def test_a_name_given_in_one_debate_changes_the_page_of_the_person_and_of_that_debate_alone(
    debate: CheckedClient, make_job: MakeJob
) -> None:
    name(debate, "SPEAKER_00", "Ana")
    debate.send("/debates/1/publication/on", client_id="on")
    other = published(debate, make_job("other", duration=14.0))
    stranger = debate.application.test_client()
    pages = ("/people", "/people/ana", "/debates/1", other, f"{other}/figures")
    before = {path: stranger.get(path) for path in pages}
    debate.send(f"{other}/speakers/SPEAKER_00", name="Ana", version=1, client_id="n")

    after = {path: again(stranger, path, reply).status_code for path, reply in before.items()}
    assert [path for path, status in after.items() if status == 304] == ["/debates/1"]


def test_the_store_is_walked_once_in_a_while_and_what_is_registered_is_left_out_at_once(
    db: Session, make_job: MakeJob, root: Path
) -> None:
    class Walked(LocalStore):
        walks = 0

        def keys(self, prefix: str):
            self.walks += prefix == "jobs/"
            return super().keys(prefix)

    store = Walked(str(root))
    found = Found(store, seconds=3600)
    first, second = make_job("a"), make_job("b")
    assert found.unregistered(db) == [store.key_of(str(path)) for path in (second, first)]
    make_job("c")
    register(db, store, str(second))

    assert found.unregistered(db) == [store.key_of(str(first))]
    assert store.walks == 1
    assert len(Found(store).unregistered(db)) == 2


def test_a_shelf_has_what_was_used_last_and_makes_nothing_twice() -> None:
    made: list[str] = []

    def take(tag: str) -> bytes:
        return shelf.take(tag, lambda: made.append(tag) or tag.encode() * 4)

    shelf = Shelf(room=8)
    assert [take(tag) for tag in "abaca"] == [b"aaaa", b"bbbb", b"aaaa", b"cccc", b"aaaa"]
    assert made == ["a", "b", "c"]
    take("b")
    assert made == ["a", "b", "c", "b"]
    assert Shelf(room=3).take("d", lambda: b"dddd") == b"dddd"


def test_a_file_that_the_shelf_has_no_room_for_pushes_none_out() -> None:
    shelf = Shelf(room=8)
    shelf.take("small", lambda: b"small")
    shelf.take("large", lambda: b"large" * 2)

    assert shelf.take("small", lambda: b"made anew") == b"small"


def test_captions_follow_names_and_words_though_they_are_kept(debate: CheckedClient) -> None:
    def captions() -> str:
        return debate.get("/debates/1/captions.vtt").text

    assert "Should the city" in captions()
    command(debate, "edit_text", 1, 1, text="Free <buses>?")
    assert "Free &lt;buses&gt;?" in captions()
    name(debate, "SPEAKER_00", "Ana")
    assert "<v Ana>" in captions()


def line(number: int, **changes: object) -> Line:
    segment = SegmentRow(
        number, "0", 1.5, 2.5, "A", "Yes.", None, 0.2, False, None, False, False, 1
    )
    voice = Voice("A", "A & <b>", "A", 3, None, ("A",))
    return Line(segment._replace(**changes), voice, opens=False)


def test_rows_say_what_people_wrote_and_no_markup_of_theirs() -> None:
    rows = segment_rows([line(7, text="<i>", label='"x', person_id=4)], 'c"s', editor=True)

    assert "<i>" not in rows
    assert '<p class="text" lang="c&quot;s">&lt;i&gt;</p>' in rows
    assert 'data-label="&quot;x"' in rows
    assert "A &amp; &lt;b&gt;" in rows
    assert "data-uncertain" in rows
    assert "<b>" not in moment_rows([line(7, text="<b>").segment])


def test_each_block_begins_with_its_speaker_and_readers_have_no_buttons() -> None:
    rows = segment_rows([line(number) for number in range(BLOCK + 1)], None, editor=False)

    assert rows.count('<ol class="block"') == rows.count('<p class="speaker') == 2
    assert f'start="{BLOCK + 1}"' in rows
    assert "lang=" not in rows
    assert "review" not in rows


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("a" * 65, "a" * 65),
        ("a" * 66, "a" * 57 + "..."),
        ("word " * 14, "word " * 10 + "word..."),
    ],
)
def test_a_beginning_ends_with_a_word(text: str, short: str) -> None:
    assert shorten(text) == short


def test_characters_of_latin_text_have_a_column_each() -> None:
    for character in map(chr, range(0x500)):
        hidden = category(character) in ("Mn", "Me", "Cf")
        wide = east_asian_width(character) in "WF"
        assert count_columns(character) == (0 if hidden else 2 if wide else 1), character
    assert count_columns("čau 世界") == 8


def test_words_come_in_order_of_their_segments() -> None:
    body = b"""{"transcription": [
      {"start": 5, "words": [{"word": "b", "start": 5, "end": 6}]},
      {"start": 1.5, "words": null}, {"start": 0}]}"""

    assert [[word.word for word in words] for words in read_words(body)] == [[], [], ["b"]]


def test_a_writer_has_its_turn_after_another_gave_up(engine: Engine) -> None:
    for end in (Session.close, Session.rollback, Session.commit):
        session = Session(engine)
        begin_writing(session)
        begin_writing(session)  # has it already
        end(session)
    with Session(engine) as session:
        begin_writing(session)
        assert session.info.get("writing", True)
