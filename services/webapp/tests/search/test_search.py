# ruff: noqa: RUF001 - letters of every script
"""Finding what was said: words of every script, questions, hits on both databases, counts."""

import random
from contextlib import suppress
from datetime import date, timedelta

import pytest
from archives import SAID, Archive
from debate_contract.errors import BadInput
from debate_webapp.database.models import Passage, Segment, Speaker, Transcript
from debate_webapp.editing import edits
from debate_webapp.editing.reshaping import merge_segments, split_segment
from debate_webapp.errors import NothingToUndo, StaleVersion
from debate_webapp.reading.people import find_or_add
from debate_webapp.reading.queries import cast_of, list_segments
from debate_webapp.reading.rows import row_of
from debate_webapp.search.counts import count
from debate_webapp.search.find import PAGE, by_day, by_relevance, by_time, find
from debate_webapp.search.headings import find_headings
from debate_webapp.search.indexed import Filters
from debate_webapp.search.question import Phrase, parse_question
from debate_webapp.search.words import fold, spaced, tokens
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

# Letters with and without accents, marks, spaces, scripts without spaces, what is no word.
ALPHABET = "aAéÉßøł ıİ-'_.½ﬁ\u0301あ東京ก한글हिं0"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Příliš ŽLUŤOUČKÝ kůň", "prilis zlutoucky kun"),
        ("Don't—stop, 24/7!", "don t stop 24 7"),
        ("Łódź, Ærø, Straße", "lodz aero strasse"),
        ("東京タワーへ go", "東 京 タ ワ ー へ go"),
        ("한국어 토론", "한국어 토론"),
        ("हिन्दी में", "हिनदी में"),
        ("اَلْعَرَبِيَّة", "العربية"),
        ("هٰذا العـــام", "هذا العام"),
        ("می\u200cخواهم", "میخواهم"),
        ("यह बस है।", "यह बस है"),
        ("בית־ספר׃", "בית ספר"),
        ("п'ять пʼять п’ять", "п ять п ять п ять"),
        ("inter\u00adnational \u2067bus\u2069", "international bus"),
        ("𝐅𝐫𝐞𝐞 ᴬ ǽ", "free a ae"),
        ("1\ufe0f\u20e3 ❤\ufe0f 👨\u200d👩", "1"),
        ("が か\u3099 か ｶﾞ", "が が か ガ"),
        ("ดู ด", "ด ู ด"),
        ("  …  ", ""),
    ],
)
def test_words_are_compared_without_case_and_accents(text: str, words: str) -> None:
    assert fold(text) == words


def test_every_character_is_the_same_word_when_it_is_folded_again() -> None:
    words = [fold(chr(code)) for code in range(0x20000)]

    assert [word for word in words if fold(word) != word] == []


@given(st.text() | st.text(alphabet=ALPHABET))
def test_the_words_of_a_text_are_its_tokens_and_stay_the_same_when_folded_again(text: str) -> None:
    said = list(tokens(text))

    assert fold(text).split() == [token.word for token in said]
    assert fold(fold(text)) == fold(text)
    assert all(0 <= t.start < t.end <= len(text) for t in said)


@pytest.mark.parametrize(
    ("asked", "text", "found"),
    [
        ("bus", "The bus is a Bus.", ["bus", "Bus"]),
        ('"bus lane"', "A bus lane, a lane for a bus", ["bus lane"]),
        ("depot*", "depot depots deposit", ["depot", "depots"]),
        ('"new depot*"', "a new depots, new bus", ["new depots"]),
        ("no", "no no no", ["no", "no", "no"]),
        ('"no no"', "no no no", ["no no"]),
        ("bus OR tram", "tram then bus", ["tram", "bus"]),
        ("kun", "Kůň", ["Kůň"]),
        ("東京", "今日は東京です", ["東京"]),
        ('"a b" "b c"', "a b c", ["a b c"]),
        ("“bus lane”", "a bus lane, a lane for a bus", ["bus lane"]),
        ("„bus lane“ tax", "a tax, a bus lane, a lane", ["tax", "bus lane"]),
        ("«bus lane»", "bus lane, lane", ["bus lane"]),
        ("می\u200cخواهم", "من می\u200cخواهم", ["می\u200cخواهم"]),
    ],
)
def test_what_is_marked_is_what_was_asked_for(asked: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in parse_question(asked).spans(text)] == found


@given(
    st.lists(st.sampled_from(["a", "aa", "ab", "b"])),
    st.lists(st.sampled_from(["a", "aa", "b"]), min_size=1, max_size=2),
    st.booleans(),
)
def test_a_phrase_is_counted_wherever_it_is_found(
    said: list[str], words: list[str], is_open: bool
) -> None:
    phrase = Phrase(tuple(words), is_open)

    assert spaced(" ".join(said)).count(phrase.needle()) == len(list(phrase.places(said)))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("", "write at least one word to find"),
        ("… --- ***", "write at least one word to find"),
        ("-bus", "write at least one word to find"),
        ("a*", "before a * there are at least 2 letters"),
        ("x" * 301, "at most 300 characters"),
        ("a b c d e f g h i j k l m n o p q", "at most 16 words"),
    ],
)
def test_a_question_that_cannot_be_asked_says_what_to_write(asked: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence.replace("*", r"\*")):
        parse_question(asked)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("bus", [0, 1]),
        ("bus tax", [1]),
        ("bus OR tax", [0, 1, 2]),
        ("tax -bus", [2]),
        ('"bus lane"', [0]),
        ('"lane bus"', []),
        ("bus*", [0, 1, 5]),
        ("ZLUTOUCKY", [3]),
        ("京の", [4]),
        ("'; DROP TABLE passage; --", []),
        ('" OR 1 NEAR(', []),
    ],
)
def test_hits_are_the_passages_that_have_what_is_asked_for(
    archive: Archive, asked: str, found: list[int]
) -> None:
    archive.add()

    assert archive.find(asked) == [SAID[at] for at in found]


def test_no_question_is_a_fault_of_the_database(archive: Archive) -> None:
    archive.add()
    for one_letter_of_many_words in ("ﷺ" * 300, '"' + "ﷺ" * 299):
        assert archive.find(one_letter_of_many_words) == []
        assert find_headings(archive.session, one_letter_of_many_words, editor=True) == ([], [])
    chance = random.Random(1)
    pieces = [*"\"*-|^{}():+w\\&!<'", " ", " OR ", "NEAR(", "bus", "é", "東京", "½", "हि", "\u0301"]
    for _ in range(200):
        asked = "".join(chance.choices(pieces, k=chance.randint(1, 12)))
        with suppress(BadInput):
            archive.find(asked)


def test_what_the_index_finds_is_what_the_texts_have(archive: Archive) -> None:
    """Random sentences and questions of few words, so that pairs of them are everywhere."""
    chance = random.Random(2)
    words = ["a1", "b2", "c3", "é", "京", "ก", "d'e", "f-4", "5", "x" * 260]
    said = [" ".join(chance.choices(words, k=chance.randint(1, 7))) for _ in range(60)]
    archive.add(said=list(dict.fromkeys(said)))
    for _ in range(120):
        phrase = " ".join(chance.choices(words, k=chance.randint(2, 4)))
        more = chance.choice(["", " c3", " OR c3", " -c3", "*"])
        asked = f'"{phrase}*"' if more == "*" else f'"{phrase}"{more}'
        try:
            question = parse_question(asked)
        except BadInput:  # too long, or too short before a *
            continue
        unwanted = parse_question("c3") if more == " -c3" else None
        has = [
            text
            for text in dict.fromkeys(said)
            if all(any(one.needle() in spaced(fold(text)) for one in g) for g in question.groups)
            and not (unwanted and unwanted.spans(text))
        ]
        assert archive.find(asked) == has[:PAGE], asked


def test_what_is_not_published_is_found_by_editors_only(archive: Archive) -> None:
    archive.add(published=False)

    assert archive.find("lane") == []
    assert archive.find("lane", editor=True) == [SAID[0]]


def test_of_the_versions_of_a_debate_the_one_that_counts_is_searched(archive: Archive) -> None:
    first = archive.add()
    second = archive.add(said=["The bus lane is early."], published=False)
    assert first.key == second.key

    assert archive.find("lane") == [SAID[0]]
    assert archive.find("lane", editor=True) == ["The bus lane is early."]


def test_an_edit_is_found_at_once_and_what_it_took_out_is_not(archive: Archive) -> None:
    archive.add()

    archive.edit("The bus lane is late.", "The tram is late.")

    assert archive.find("lane") == []
    assert "The tram is late." in archive.find("tram")


def test_an_edit_that_is_taken_back_leaves_the_index_as_it_was(archive: Archive) -> None:
    archive.add()
    row = archive.segment(SAID[0])
    state = lambda: {"text": "Gone."}  # noqa: E731

    archive.session.begin_nested()
    row.text = state()["text"]
    archive.session.flush()
    archive.session.rollback()

    assert archive.find("lane") == [SAID[0]]
    assert archive.find("gone") == []


def test_parts_of_a_split_and_the_whole_of_a_merge_are_found(archive: Archive) -> None:
    transcript = archive.add()
    row = archive.segment(SAID[0])
    split_segment(archive.session, row, ("The bus", "lane is late."), row.version, archive.author())
    assert archive.find("lane") == ["lane is late."]
    assert archive.find('"bus lane"') == []

    first, second = archive.segment("The bus"), archive.segment("lane is late.")
    versions = {first.id: first.version, second.id: second.version}
    merge_segments(archive.session, first, second, versions, archive.author())
    assert archive.find('"bus lane"') == ["The bus lane is late."]

    edits.undo(archive.session, transcript, versions_of(first, second), archive.author())
    assert archive.find('"bus lane"') == []


def versions_of(*rows: Segment) -> dict[int, int]:
    return {row.id: row.version for row in rows}


def test_after_any_commands_the_index_has_the_words_that_are_shown(archive: Archive) -> None:
    transcript = archive.add()
    chance = random.Random(7)
    for _ in range(60):
        play(archive, transcript, chance)

    shown = archive.session.scalars(select(Segment).where(~Segment.removed))
    passages = archive.session.execute(select(Passage.segment_id, Passage.words)).all()
    assert sorted(passages) == sorted((s.id, fold(s.text)) for s in shown if fold(s.text))
    for word in {word for _, words in passages for word in words.split()}:
        expected = [words for _, words in passages if word in words.split()]
        assert sorted(map(fold, archive.find(word))) == sorted(expected)[:20]


GREEK = ["alpha", "beta", "gamma", "delta"]


def play(archive: Archive, transcript: Transcript, chance: random.Random) -> None:
    """A command that an editor could give."""
    rows = archive.session.scalars(
        select(Segment).where(~Segment.removed).order_by(Segment.start, Segment.id)
    ).all()
    at = chance.randrange(len(rows))
    row, author = rows[at], archive.author()
    kind = chance.choice(["edit", "split", "merge", "undo"])
    try:
        if kind == "edit":
            archive.edit_row(
                row, " ".join(chance.choices(["alpha", "beta", "gamma", "delta"], k=3))
            )
        elif kind == "split" and " " in row.text:
            before, after = row.text.split(" ", 1)
            split_segment(archive.session, row, (before, after), row.version, author)
        elif kind == "merge" and at + 1 < len(rows):
            other = rows[at + 1]
            merge_segments(archive.session, row, other, versions_of(row, other), author)
        elif kind == "undo":
            everyone = archive.session.scalars(select(Segment)).all()
            edits.undo(archive.session, transcript, versions_of(*everyone), author)
    except (StaleVersion, NothingToUndo, BadInput):
        archive.session.rollback()


def test_hits_can_be_narrowed_by_person_debate_language_and_day(archive: Archive) -> None:
    one = archive.add("job-1", said=["A bus of one.", "A bus of two."])
    two = archive.add("job-2", said=["A bus of three."])
    for row in archive.session.scalars(select(Speaker).where(Speaker.label == "SPEAKER_00")):
        edits.assign_label(
            archive.session, row, lambda: find_or_add(archive.session, "Eva"), row.version,
            archive.author(),
        )  # fmt: skip
    own = archive.segment("A bus of two.")
    person = lambda: {"person": "petr"}  # noqa: E731
    find_or_add(archive.session, "Petr")
    edits.change_segment(
        archive.session, own, "assign_segment", person, own.version, archive.author()
    )

    assert sorted(archive.find("bus", person="eva")) == ["A bus of one.", "A bus of three."]
    assert archive.find("bus", person="petr") == ["A bus of two."]
    assert archive.find("bus", person="nobody") == []
    assert archive.find("bus", debate=two.id) == ["A bus of three."]
    assert len(archive.find("bus", language="EN")) == 3
    assert archive.find("bus", language="cs") == []
    today = date.fromisoformat(row_of(one).day)
    assert len(archive.find("bus", since=today, until=today)) == 3
    assert archive.find("bus", since=today + timedelta(days=1)) == []
    assert archive.find("bus", until=today - timedelta(days=1)) == []


def test_the_most_relevant_is_what_says_it_most_in_the_fewest_words(archive: Archive) -> None:
    said = ["A bus is one of the many things that we were told of.", "Bus, bus!", "A bus came."]
    archive.add(said=said)

    assert archive.find("bus", order=by_relevance) == [said[1], said[2], said[0]]


def test_by_day_the_latest_debate_comes_first_and_each_from_its_beginning(
    archive: Archive,
) -> None:
    archive.add("job-1", said=["Old bus one.", "Old bus two."])
    archive.add("job-2", said=["New bus one.", "New bus two."])
    old, new = archive.session.scalars(select(Transcript).order_by(Transcript.id))
    old.recorded_on, new.recorded_on = "2026-11-02", "2026-11-01"
    archive.session.commit()

    assert archive.find("bus", order=by_day) == [
        "Old bus one.", "Old bus two.", "New bus one.", "New bus two.",
    ]  # fmt: skip


def test_after_any_commands_a_hit_is_what_the_page_shows(archive: Archive) -> None:
    """Sentence, time, speaker and marks, and every place where the page has the word."""
    transcript = archive.add()
    chance = random.Random(11)
    eva = find_or_add(archive.session, "Eva")
    label = archive.session.get_one(Speaker, (transcript.id, "SPEAKER_01"))
    edits.assign_label(archive.session, label, lambda: eva, label.version, archive.author())
    for step in range(40):
        play(archive, transcript, chance)
        rows = archive.session.scalars(select(Segment).where(~Segment.removed)).all()
        if step % 5 == 0:
            row = chance.choice(rows)
            person = lambda: {"person": chance.choice(["eva", None])}  # noqa: E731
            edits.change_segment(
                archive.session, row, "assign_segment", person, row.version, archive.author()
            )
        archive.session.expire_all()
        cast = cast_of(archive.session, transcript)
        shown = {row.id: row for row in list_segments(archive.session, transcript)}
        for word in (*GREEK, "bus", "trams"):
            question = parse_question(word)
            found = find(archive.session, question, Filters(), False, by_time, 1, 1000).hits
            said = {key for key, row in shown.items() if word in fold(row.text).split()}
            assert {hit.segment.id for hit in found} == said
            for hit in found:
                row = shown[hit.segment.id]
                assert hit.segment == row._replace(parts=())
                assert hit.voice == cast.of(row)
                assert {fold(row.text[start:end]) for start, end in hit.spans} == {word}
            counted = count(archive.session, question, Filters(), editor=False)
            assert counted.times == sum(len(hit.spans) for hit in found)
        archive.session.rollback()


def test_it_is_counted_how_often_each_says_it_in_each_debate(archive: Archive) -> None:
    archive.add("job-1", said=["Bus, bus.", "A bus."])
    archive.add("job-2", said=["One more bus."])
    for row in archive.session.scalars(select(Speaker).where(Speaker.label == "SPEAKER_00")):
        edits.assign_label(
            archive.session, row, lambda: find_or_add(archive.session, "Eva"), row.version,
            archive.author(),
        )  # fmt: skip

    counted = count(archive.session, parse_question("bus"), Filters(), editor=False)

    assert counted.times == 4
    assert [(who.name, who.times, who.debates) for who in counted.people] == [
        ("Eva", 3, 2),
        ("Voices without a name", 1, 1),
    ]
    assert [said.times for said in counted.debates] == [3, 1]
    assert counted.complete


def test_names_and_titles_are_found_where_the_reader_may_see_them(archive: Archive) -> None:
    transcript = archive.add(published=False)
    speaker = archive.session.get_one(Speaker, (transcript.id, "SPEAKER_00"))
    name = lambda: find_or_add(archive.session, "Žofie Novotná")  # noqa: E731
    edits.assign_label(archive.session, speaker, name, 1, archive.author())

    assert find_headings(archive.session, "novotn zofie", editor=True).people == [
        ("zofie-novotna", "Žofie Novotná")
    ]
    assert len(find_headings(archive.session, "FREE bus", editor=True).debates) == 1
    assert find_headings(archive.session, "ovotna", editor=True).people == []
    assert find_headings(archive.session, "novotna", editor=False) == ([], [])
    assert find_headings(archive.session, "free", editor=False) == ([], [])
