"""Corrections laid from one transcription onto another: what fits, what is there, what is not."""

from collections import Counter
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest
from debate_webapp.editing.carrying.fitting import Match, Outcome
from debate_webapp.editing.carrying.settling import Carrying, Names, Settled
from debate_webapp.editing.carrying.sides import Corrected, Newer, Row
from debate_webapp.editing.corrected import Part, words_of
from debate_webapp.editing.cuts import Whole, cut_at, join_parts
from debate_webapp.exports.document import join_texts
from hypothesis import given, settings
from hypothesis import strategies as st

ONE_A_SECOND = 1.0


def entry(speaker: str, text: str, start: float, shift: float = 0.0) -> dict[str, Any]:
    """A segment of a file: one word a second, each half a second long."""
    said = text.split()
    words = [
        {
            "word": word,
            "start": start + n + shift,
            "end": start + n + shift + 0.5,
            "probability": 0.9,
        }
        for n, word in enumerate(said)
    ]
    end = start + max(len(said), 1) - 0.5 + shift
    return {"speaker": speaker, "text": text, "start": start + shift, "end": end, "words": words}


def drawn(*segments: str, shift: float = 0.0) -> list[dict[str, Any]]:
    """A timeline as `A: we pay the drivers`, segment after segment, a second for each word."""
    entries, at = [], 0.0
    for segment in segments:
        speaker, text = segment.split(": ", 1)
        entries.append(entry(speaker, text, at, shift))
        at += max(len(text.split()), 1)
    return entries


def rows(entries: list[dict[str, Any]]) -> list[Row]:
    """Rows as a registration makes them."""
    return [
        Row(at + 1, e["text"], e["start"], e["end"], e["speaker"], (Part(at),))
        for at, e in enumerate(entries)
    ]


def carry(
    old: list[dict[str, Any]],
    corrected: list[Row],
    new: list[dict[str, Any]],
    names: dict[str, str] | None = None,
    proposals: Names | None = None,
) -> Carrying:
    labels = {e["speaker"]: e["speaker"] for e in old}
    proposals = proposals or Names(proposed=names or {}, labels=labels)
    match = Match(Corrected(old, corrected, names or {}), Newer(new, rows(new)))
    return Carrying(match, proposals)


def texts(settled: Settled) -> list[str]:
    return [piece.text for group in settled.groups for piece in group.pieces]


def fits(settled: Settled) -> list[tuple[str, str, str | None]]:
    return [(one.kind, str(one.fit.outcome), one.fit.why) for one in settled.corrections]


# old  A we hove to pay      B why not
# E      we have to pay        why not
# new  A we hove to pay      B why not
def test_the_same_mistake_is_corrected_again() -> None:
    old = drawn("A: we hove to pay", "B: why not")
    edited = [replace(rows(old)[0], text="we have to pay"), rows(old)[1]]

    settled = carry(old, edited, drawn("X: we hove to pay", "Y: why not", shift=0.2)).settle()

    assert texts(settled) == ["we have to pay", "why not"]
    assert fits(settled) == [("text", "fits", None)]
    (one,) = settled.corrections
    assert (one.lead, one.before, one.after, one.now, one.trail) == (
        "we",
        "hove",
        "have",
        "hove",
        "to pay",
    )


# old  A we hove to pay      E  we have to pay
# new  A we have to pay
def test_what_the_new_transcription_heard_right_is_there_already() -> None:
    old = drawn("A: we hove to pay")
    edited = [replace(rows(old)[0], text="We have to pay")]
    settled = carry(old, edited, drawn("A: we have, to pay")).settle()
    assert fits(settled) == [("text", "there", None)]
    assert texts(settled) == ["we have, to pay"]


# old  A we hove to pay           E  we have to pay
# new  A we half to pay
def test_a_third_reading_gives_way_to_the_editors() -> None:
    old = drawn("A: we hove to pay")
    edited = [replace(rows(old)[0], text="we have to pay")]
    assert texts(carry(old, edited, drawn("A: we half to pay")).settle()) == ["we have to pay"]


# old  A we hove to pay      B ok      E  we have to pay
# new  A something else here B ok
def test_among_other_words_it_does_not_fit() -> None:
    old = drawn("A: we hove to pay", "B: ok")
    edited = [replace(rows(old)[0], text="we have to pay"), rows(old)[1]]
    settled = carry(old, edited, drawn("A: zzz yyy xxx www vvv uuu ttt", "B: ok")).settle()
    assert fits(settled) == [("text", "not", "the new transcription has other words there")]
    assert texts(settled) == ["zzz yyy xxx www vvv uuu ttt", "ok"]


# old  A we  freebuses hove to        E  we freebuses have to
# new  A we  free      hove to
def test_beside_a_word_heard_otherwise_the_time_tells_the_place() -> None:
    old = drawn("A: we freebuses hove to pay")
    edited = [replace(rows(old)[0], text="we freebuses have to pay")]
    settled = carry(old, edited, drawn("A: we free hoof to pay", shift=0.1)).settle()
    assert texts(settled) == ["we free have to pay"]


# old  A we pay for it          E  we pay it now
# new  A we | B pay for | C it
def test_words_added_and_taken_out_find_their_places_in_other_segments() -> None:
    old = drawn("A: we pay for it")
    edited = [replace(rows(old)[0], text="we pay it now")]
    settled = carry(old, edited, drawn("A: we", "B: pay for", "C: it")).settle()
    assert texts(settled) == ["we", "pay", "it now"]


# old  A one two three four            E  one two | three four
# new  A one two three four
def test_a_split_is_made_between_the_same_words() -> None:
    old = drawn("A: one two three four")
    whole = rows(old)[0]
    edited = [
        replace(whole, text="one two", end=1.5, parts=(Part(0, None, 1.75),)),
        replace(whole, id=2, text="three four", start=2.0, parts=(Part(0, 1.75, None),)),
    ]
    new = drawn("A: zero one two three four")
    assert texts(carry(old, edited, new).settle()) == ["zero one two", "three four"]
    apart = drawn("A: one two", "B: three four")
    assert fits(carry(old, edited, apart).settle()) == [("split", "there", None)]


# old  A one two B three      E  A one two three
# new  A one two B three
def test_a_merge_is_made_and_left_out_on_demand() -> None:
    old = drawn("A: one two", "B: three")
    edited = [replace(rows(old)[0], text="one two three", end=2.5, parts=(Part(0), Part(1)))]
    carrying = carry(old, edited, drawn("A: one two", "B: three"))
    settled = carrying.settle()
    assert texts(settled) == ["one two three"]
    assert texts(carrying.settle(frozenset({settled.corrections[0].id}))) == ["one two", "three"]


# old  A one two three     E  A one | Eva two three
# new  X one two three
def test_half_a_segment_given_to_someone_is_split_off_and_given_again() -> None:
    old = drawn("A: one two three")
    whole = rows(old)[0]
    edited = [
        replace(whole, text="one", end=0.5, parts=(Part(0, None, 0.75),)),
        replace(
            whole, id=2, text="two three", start=1.0, parts=(Part(0, 0.75, None),), person="eva"
        ),
    ]
    carrying = carry(old, edited, drawn("X: one two three"))
    settled = carrying.settle()
    assert texts(settled) == ["one", "two three"]
    assert {place: t.person for place, t in settled.targets.items()} == {(0, 1): "eva"}

    without = carrying.settle(
        frozenset({one.id for one in settled.corrections if one.kind == "split"})
    )
    assert without.targets == {}
    assert ("speaker", "not", "its words share a segment with those of someone else") in fits(
        without
    )


def test_a_speaker_is_there_where_the_label_is_named_so() -> None:
    old = drawn("A: one two", "B: three four")
    edited = [replace(rows(old)[0], person="ana"), rows(old)[1]]
    proposals = Names(proposed={"X": "ana"})
    settled = carry(
        old, edited, drawn("X: one two", "Y: three four"), {"B": "ana"}, proposals
    ).settle()
    assert fits(settled) == [("name", "fits", None), ("speaker", "there", None)]
    without = carry(old, edited, drawn("X: one two", "Y: three four"), {"B": "ana"}, proposals)
    settled = without.settle(frozenset({"name-ana"}))
    assert settled.targets[0, 0].person == "ana", "without the name the segment is given by itself"


def test_reviewed_is_kept_where_words_and_speaker_are_those_that_were_reviewed() -> None:
    old = drawn("A: one two", "B: three hove", "A: five six")
    edited = [replace(row, reviewed=True) for row in rows(old)]
    edited[1] = replace(edited[1], text="three four")
    new = drawn("A: one, two", "B: three hove", "A: five six seven")
    settled = carry(old, edited, new).settle()
    marks = [
        (one.start, str(one.fit.outcome)) for one in settled.corrections if one.kind == "reviewed"
    ]
    assert marks == [(0.0, "fits"), (2.0, "fits"), (4.0, "not")]
    assert {place for place, t in settled.targets.items() if t.reviewed} == {(0, 0), (1, 0)}

    skipped = frozenset(one.id for one in settled.corrections if one.kind == "text")
    again = carry(old, edited, new).settle(skipped)
    assert {place for place, t in again.targets.items() if t.reviewed} == {(0, 0)}


def test_reviewed_is_not_kept_under_another_speaker() -> None:
    old = drawn("A: one two", "B: three four")
    edited = [replace(row, reviewed=True) for row in rows(old)]
    new = drawn("A: one two", "A: three four")
    settled = carry(old, edited, new).settle()
    assert {place for place, t in settled.targets.items() if t.reviewed} == {(0, 0)}


def test_what_was_corrected_by_hand_in_the_new_version_stays() -> None:
    old = drawn("A: we hove to pay")
    edited = [replace(rows(old)[0], text="we have to pay")]
    new = drawn("A: we hove to pay")
    by_hand = [replace(rows(new)[0], text="we hove to play", touched=True)]
    match = Match(Corrected(old, edited), Newer(new, by_hand))
    settled = Carrying(match).settle()
    assert texts(settled) == ["we hove to play"]
    assert fits(settled) == [("text", "not", "that segment was corrected in the new version")]


def test_a_new_transcription_without_a_word_takes_nothing() -> None:
    old = drawn("A: we hove to pay")
    edited = [replace(rows(old)[0], text="we have to pay", reviewed=True, person="eva")]
    settled = carry(old, edited, []).settle()
    assert [one.fit.outcome for one in settled.corrections] == [Outcome.NOT] * 3


def test_what_was_split_off_within_a_word_is_said_not_to_fit() -> None:
    """Two answers were heard as one word: the half that has no word heard has no place to go."""
    old = drawn("A: yesno")
    row = rows(old)[0]
    edited = [
        replace(row, text="yes", end=0.25, parts=(Part(0, None, 0.25),)),
        replace(row, text="no", start=0.25, id=2, parts=(Part(0, 0.25, None),)),
    ]
    settled = carry(old, edited, old).settle()
    assert texts(settled) == ["no"]
    why = "it was split off from within one word of the old transcription"
    assert ("text", "not", why) in fits(settled)


def test_a_file_with_thousands_of_one_word_at_one_time_is_no_burden() -> None:
    words = [
        {"word": "no", "start": n / 5000, "end": n / 5000, "probability": 1.0} for n in range(5000)
    ]
    old = [{"speaker": "A", "text": "no " * 4999 + "no", "start": 0.0, "end": 2.0, "words": words}]
    edited = [replace(rows(old)[0], text="yes " + "no " * 4998 + "no")]
    started = monotonic()
    settled = carry(old, edited, old).settle()
    assert texts(settled) == [edited[0].text]
    assert monotonic() - started < 60


WORDS = st.sampled_from(["a", "b", "B", "b,", "long", "words", "\u4f60\u597d"])
SENTENCE = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
SEGMENTS = st.lists(
    st.tuples(st.sampled_from("AB"), SENTENCE | SENTENCE | st.just("")), min_size=1, max_size=6
)


def file_of(segments: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return drawn(*(f"{speaker}: {text}" for speaker, text in segments))


KINDS = ["text", "clear", "split", "merge", "person", "label", "reviewed"]


@st.composite
def corrections(draw: st.DrawFn, entries: list[dict[str, Any]]) -> list[Row]:
    """Rows after some edits, made with the functions that make them on the site."""
    edited = rows(entries)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(edited) - 1))
        kind = draw(st.sampled_from(KINDS))
        if kind == "split":
            split(entries, edited, at, draw(st.floats(0, 30)))
        elif kind == "merge":
            merge(edited, at)
        else:
            edited[at] = replace(edited[at], **draw(one_change(edited[at], kind, entries)))
    return edited


def one_change(
    row: Row, kind: str, entries: list[dict[str, Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    """What a command changes in a row."""
    # A half without words is none: split segments are carried by their words.
    halved = any(part.after is not None or part.before is not None for part in row.parts)
    if kind == "clear" and not halved:
        return st.just({"text": "", "reviewed": False})
    if kind == "person":
        return st.sampled_from([{"person": "ana"}, {"person": "eva"}, {"person": None}])
    if kind == "label":
        return st.sampled_from([{"label": e["speaker"], "person": None} for e in entries])
    if kind == "reviewed":
        return st.just({"reviewed": True})
    return SENTENCE.map(lambda text: {"text": text, "reviewed": False})


def split(entries: list[dict[str, Any]], edited: list[Row], at: int, time: float) -> None:
    row = edited[at]
    sides = cut_at(Whole(entries, row.text, row.start, row.end, row.parts), time)
    # A half in which no word was heard has no place in another transcription, and says so.
    if sides and all(words_of(entries, part) for s in sides for part in s.parts):
        ids = (row.id, max(row.id for row in edited) + 1)
        edited[at : at + 1] = [
            replace(row, id=id_, text=s.text, start=s.start, end=s.end, parts=tuple(s.parts))
            for id_, s in zip(ids, sides, strict=True)
        ]


def merge(edited: list[Row], at: int) -> None:
    if at + 1 < len(edited):
        row, other = edited[at], edited.pop(at + 1)
        text, end = join_texts((row.text, other.text)), max(row.end, other.end)
        parts = tuple(join_parts(row.parts, other.parts))
        edited[at] = replace(row, text=text, end=end, parts=parts, reviewed=False)


# old  A we pay   B why not      merged, split again before `not`, and that given to B, or left to A
# E    A we pay why | not
# new  A we pay   B why not
@pytest.mark.parametrize("label", ["A", "B"])
def test_a_half_of_what_was_merged_has_the_voice_that_it_was_given(label: str) -> None:
    old = drawn("A: we pay", "B: why not")
    edited = rows(old)
    merge(edited, 0)
    split(old, edited, 0, 2.75)
    edited[1] = replace(edited[1], label=label)
    assert [row.text for row in edited] == ["we pay why", "not"]

    settled = carry(old, edited, old).settle()

    assert all(one.fits for one in settled.corrections), fits(settled)
    half = settled.targets.get((0, 1))
    assert ((half and half.label) or "A") == label


@given(st.data(), SEGMENTS)
@settings(max_examples=150, deadline=None)
def test_onto_the_same_transcription_everything_fits_and_gives_the_corrected_rows(
    data: st.DataObject, segments: list[tuple[str, str]]
) -> None:
    entries = file_of(segments)
    edited = data.draw(corrections(entries))

    carrying = carry(entries, edited, entries)
    settled = carrying.settle()

    assert texts(settled) == [row.text for row in edited]
    assert all(one.fits for one in settled.corrections), fits(settled)
    places = [(group.rows.start, at) for group in settled.groups for at in range(len(group.pieces))]
    for row, place in zip(edited, places, strict=True):
        target = settled.targets.get(place)
        label = (target and target.label) or entries[place[0]]["speaker"]
        assert (target.person if target else None) == row.person
        assert row.person or label == row.label
        assert bool(target and target.reviewed) == row.reviewed


@given(st.data(), SEGMENTS, SEGMENTS)
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost_doubled_or_changed_that_nobody_corrected(
    data: st.DataObject, segments: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    entries, new = file_of(segments), file_of(others)
    carrying = carry(entries, data.draw(corrections(entries)), new)
    offered = carrying.settle().corrections
    skipped = data.draw(st.sets(st.sampled_from([one.id for one in offered]))) if offered else set()

    settled = carrying.settle(frozenset(skipped))

    assert max(Counter(one.id for one in settled.corrections).values(), default=1) == 1
    assert [one.id for one in settled.corrections] == [one.id for one in offered]
    fitting = {one.id for one in settled.corrections if one.fits} - skipped
    made = [one.change for one in carrying.textual if one.change and one.correction.id in fitting]
    gone = {at for _, place in made for at in range(place.first, place.end)}
    tokens = enumerate(carrying.match.new.tokens)
    kept = [token for at, token in tokens if at not in gone and token.timed]
    said = [
        said.token for group in settled.groups for piece in group.pieces for said in piece.words
    ]
    assert [token for token in said if token.timed] == kept, "with their times"
    written = [token.text for token in said if not token.timed and token.text]
    assert Counter(written) == Counter(t.text for change, _ in made for t in change.words if t.text)
    assert [at for group in settled.groups for at in group.rows] == list(range(len(new)))


@given(SEGMENTS, SEGMENTS)
@settings(max_examples=100, deadline=None)
def test_without_corrections_there_is_nothing_to_carry(
    segments: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    entries, new = file_of(segments), file_of(others)
    settled = carry(entries, rows(entries), new).settle()
    assert (settled.corrections, settled.targets) == ([], {})
    assert texts(settled) == [row.text for row in rows(new)]
