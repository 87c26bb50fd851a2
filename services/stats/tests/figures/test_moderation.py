"""The moderator's view: questions, floor time after each, overrun, interruptions, fairness."""

from itertools import pairwise

import pytest
from debate_stats import compute_moderation, parse_transcript
from debates import transcripts
from hypothesis import given
from hypothesis import strategies as st
from timelines import draw, segment, transcript


def moderate(picture, said, moderators=("M",), people=None, **options):
    obj = draw(picture, said)
    return compute_moderation(parse_transcript(obj), moderators, people, **options)


def floor(question):
    return {share.speaker: share.floor_seconds for share in question.speakers}


ROUND = """
    M  ======....................======..........
    A  ......========................======......
    B  ..............====......................==
"""
ASKED = {"M": ["why so?", "and when?"]}


def test_each_question_lasts_to_the_next():
    one, two = moderate(ROUND, ASKED).questions
    assert (one.moderator, one.start, one.end) == ("M", 0.0, 6.5)
    assert (two.start, two.end) == (6.5, 10.5)
    assert floor(one) == {"A": 2.0, "B": 1.0}
    assert floor(two) == {"A": 1.5, "B": 0.5}


def test_fairness_is_the_share_against_an_equal_one():
    moderation = moderate(ROUND, ASKED)
    a, b = moderation.questions[0].speakers
    assert (a.share, b.share) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert (a.fairness, b.fairness) == (pytest.approx(4 / 3), pytest.approx(2 / 3))
    assert moderation.questions[0].fairness_index == pytest.approx(3**2 / (2 * (2**2 + 1)))
    assert floor(moderation) == {"A": 3.5, "B": 1.5}
    assert moderation.fairness_index == pytest.approx(5**2 / (2 * (3.5**2 + 1.5**2)))


def test_overrun_is_counted_against_the_limit_of_each_answer():
    moderation = moderate(ROUND, ASKED, limit=1.25)
    assert [s.overrun_seconds for s in moderation.questions[0].speakers] == [0.75, 0.0]
    assert [s.overrun_seconds for s in moderation.speakers] == [1.0, 0.0]
    assert moderate(ROUND, ASKED).speakers[0].overrun_seconds is None


def test_a_remark_of_the_moderator_is_no_new_question():
    (question,) = moderate(ROUND, {"M": ["why so?", "please, go on."]}).questions
    assert floor(question) == {"A": 3.5, "B": 1.5}


def test_without_punctuation_every_word_of_the_moderator_is_a_question():
    assert len(moderate(ROUND, {"M": ["why so", "and when"]}).questions) == 2


def test_two_moderators_in_a_row_ask_one_question():
    picture = """
    M  =====..........=====
    N  .....=====..........
    A  ..........====......
    """
    moderation = moderate(picture, {"M": ["good evening.", "x?"], "N": ["why?"]}, ("M", "N"))
    assert [(q.moderator, q.start) for q in moderation.questions] == [("M", 0.0), ("M", 3.75)]
    assert [share.speaker for share in moderation.speakers] == ["A"]


def test_interruptions_are_counted_in_the_question_they_fall_into():
    picture = """
    M  ====....................====..........
    A  ....=========...............====......
    B  ...........==========...........======
    """
    one, two = moderate(picture, {"M": ["a b c d?", "e f g h?"]}).questions
    made = {s.speaker: (s.interruptions_made, s.interruptions_received) for s in one.speakers}
    assert made == {"A": (0, 1), "B": (1, 0)}
    assert {s.interruptions_made for s in two.speakers} == {0}


def test_a_moderator_may_be_a_person_with_two_labels():
    people = {"M": "host", "A": "host"}
    moderation = moderate(ROUND, ASKED, ["host"], people)
    assert [share.speaker for share in moderation.speakers] == ["B"]
    with pytest.raises(ValueError, match="M is neither"):
        moderate(ROUND, ASKED, ["M"], people)


def test_without_questions_there_is_nothing_to_divide():
    moderation = compute_moderation(parse_transcript(transcript([segment(0, 2, "A", "x?")])), [])
    assert (moderation.questions, moderation.fairness_index) == ((), None)
    assert (moderation.speakers[0].floor_seconds, moderation.speakers[0].share) == (0.0, None)
    assert compute_moderation(parse_transcript(transcript([])), []).speakers == ()


@given(transcripts(), st.floats(0, 5))
def test_shares_add_up_and_the_sums_are_those_of_the_questions(obj, limit):
    parsed = parse_transcript(obj)
    moderators = [name for name in ("SPEAKER_00",) if name in parsed.segments.label]
    moderation = compute_moderation(parsed, moderators, limit=limit)
    for part in (moderation, *moderation.questions):
        shares = [share.share for share in part.speakers if share.share is not None]
        assert sum(shares) == pytest.approx(1 if shares else 0)
        if part.fairness_index is not None:
            assert 1 / len(part.speakers) - 1e-9 <= part.fairness_index <= 1 + 1e-9
    for n, share in enumerate(moderation.speakers):
        own = [question.speakers[n] for question in moderation.questions]
        assert share.floor_seconds == pytest.approx(sum(one.floor_seconds for one in own))
        assert share.overrun_seconds == pytest.approx(sum(one.overrun_seconds for one in own))
        assert share.interruptions_made == sum(one.interruptions_made for one in own)
    windows = [(question.start, question.end) for question in moderation.questions]
    assert all(start < end for start, end in windows)
    assert all(a[1] == b[0] for a, b in pairwise(windows))
