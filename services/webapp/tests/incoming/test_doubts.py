"""What the machine says of its faults reaches readers: expected errors, speech without words."""

import math

import pytest
from debate_webapp.incoming.doubts import MAX_STRETCHES, expected_of, unheard_of
from debate_webapp.reading.hearing import describe_expected, share_heard
from hypothesis import given
from hypothesis import strategies as st

EXPECTED = {"wer": 0.076, "speaking_time_error": 0.05, "measured_on": "English town halls"}
UNHEARD = [{"start": 4.0, "end": 7.5, "why": "no words found"}]


def test_a_debate_says_what_to_expect_and_where_nothing_was_heard(editor, make_job) -> None:
    path = make_job(expected=EXPECTED, unheard=UNHEARD, quality="standard")
    page = editor.send("/debates", uri=str(path)).text

    assert (
        "Expect about 8 of 100 words wrong and speaking times off by about 5 %,"
        " as measured on English town halls."
    ) in page
    assert "63 % of the speech has words: 1 place without" in page
    assert '<a href="#t=4">0:04–0:07</a> no words found' in page  # noqa: RUF001


def test_a_debate_says_where_its_recording_has_no_sound(editor, make_job) -> None:
    lacks = [{"start": 8.25, "end": 10.0, "kind": "missing"}]
    page = editor.send("/debates", uri=str(make_job(defects=lacks))).text

    assert "<summary>No sound from 0:08 to 0:10</summary>" in page
    assert '<a href="#t=8.2">no sound from 0:08 to 0:10</a> nothing was recorded' in page
    lanes = page.count('role="img" aria-label="When ')
    assert page.count('<rect class="gap"') == lanes == 2


def test_several_places_without_sound_are_counted_and_added_up(editor, make_job) -> None:
    lacks = [
        {"start": 0.0, "end": 2.0, "kind": "missing"},
        {"start": 8.0, "end": 11.0, "kind": "damaged"},
        {"start": 11.0, "end": 12.0, "kind": "burnt"},
    ]
    page = editor.send("/debates", uri=str(make_job(defects=lacks))).text

    assert "No sound in 3 places, for 6 s in all" in page
    assert "no sound from 0:08 to 0:11</a> the file is damaged" in page


def test_a_draft_says_it_in_its_warning(editor, make_job) -> None:
    page = editor.send("/debates", uri=str(make_job(expected=EXPECTED))).text

    assert (
        "Expect about 8 of 100 words wrong and speaking times off by about 5 %. Check with" in page
    )
    assert "Measured on English town halls." in page
    assert "Words are often wrong" not in page


@pytest.mark.parametrize("form", ["txt", "vtt"])
def test_exports_say_it_too_until_all_is_reviewed(editor, make_job, form: str) -> None:
    editor.send("/debates", uri=str(make_job(expected=EXPECTED)))

    text = editor.get(f"/api/v1/transcripts/1/export.{form}").text

    assert "Expect about 8 of 100 words wrong" in text


def test_a_debate_of_before_says_what_it_said_before(debate) -> None:
    page = debate.get("/debates/1").text

    assert "Words are often wrong." in page
    assert "has words" not in page


@pytest.mark.parametrize(
    "said",
    [
        None,
        "often",
        [0.1],
        {"wer": 0.1},
        {"wer": 0.1, "measured_on": " "},
        {"wer": "0.1", "measured_on": "talks"},
        {"wer": math.nan, "measured_on": "talks"},
        {"wer": -0.1, "der": True, "measured_on": "talks"},
    ],
)
def test_what_is_no_measurement_is_none(said: object) -> None:
    assert expected_of({"expected": said}) is None
    assert describe_expected(None) is None


def test_less_than_one_word_in_a_hundred_is_not_called_none() -> None:
    assert "fewer than 1 of 100 words wrong" in str(
        describe_expected({"wer": 0.002, "measured_on": "talks"})
    )


@given(st.recursive(st.none() | st.floats() | st.text() | st.booleans(), st.lists))
def test_whatever_a_file_says_stands_for_no_stretch(said: object) -> None:
    assert unheard_of({"unheard": said}, 10.0) == []


def test_stretches_lie_in_the_recording_in_order_and_are_not_without_end() -> None:
    said = [
        {"start": 5, "end": 8.0, "why": "two\0 lines\nof it"},
        {"start": 1.0, "end": 2.0},
        {"start": 2.0, "end": 2.0},
        {"start": -1.0, "end": 2.0},
        {"start": 9.0, "end": 99.0},
        {"start": True, "end": 2.0},
        "1-2",
    ]
    many = [{"start": 0.0, "end": 1.0}] * (MAX_STRETCHES + 1)

    assert unheard_of({"unheard": said}, 10.0) == [
        {"start": 1.0, "end": 2.0, "why": ""},
        {"start": 5.0, "end": 8.0, "why": "two lines of it"},
    ]
    assert len(unheard_of({"unheard": many}, 10.0)) == MAX_STRETCHES


def test_what_was_heard_is_a_share_of_everything_said() -> None:
    # 0   2   4   6   8   10
    # ─────────     ───────   two voices
    # ──────
    #         ──────         no words: two seconds of them with nobody's voice
    speech = [(0.0, 4.5), (0.0, 3.0), (6.5, 10.0)]

    assert share_heard(speech, [(4.0, 7.0)]) == pytest.approx(0.7)
    assert share_heard(speech, []) == 1
    assert share_heard([], []) is None


@pytest.mark.parametrize(
    ("size", "named"),
    [("base", "whisper base, campplus"), (None, "whisper, campplus"), (7, "whisper, campplus")],
)
def test_the_recogniser_is_named_with_its_size(editor, make_job, size, named: str) -> None:
    model = {"asr": "whisper", "diarization": "campplus", "parameters": {"asr": {"model": size}}}

    page = editor.send("/debates", uri=str(make_job(model=model))).text

    assert f"Made by {named}." in page
