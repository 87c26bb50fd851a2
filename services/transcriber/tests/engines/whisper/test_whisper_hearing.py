"""Speech is not lost without a trace: heard again where words are missing, listed where none come.

Times in seconds; ━ is voice activity, ├─┤ a word.
"""

from dataclasses import replace

import pytest
from debate_transcriber.engines.speech import Interval, Unheard, Word
from debate_transcriber.engines.whisper.decoding.fallback import Limits
from debate_transcriber.engines.whisper.decoding.rows import Row, finished
from debate_transcriber.engines.whisper.hearing import (
    Hearing,
    better,
    find_gaps,
    find_unheard,
    hear_on,
    is_doubtful,
)
from debate_transcriber.engines.whisper.input.chunks import Chunk

LIMITS = Limits()
CHUNK = Chunk(0, 20, 18)
SPEECH = [Interval(0, 9), Interval(11, 20)]
ROW = Row("en", list(range(60)), "text", -0.2, 0.1, 1.2, 0.0)
ZERO = 50364  # the mark of 0.00 s


def words(*times: tuple[float, float]) -> list[Word]:
    return [Word("so", start, end, 0.9) for start, end in times]


def spoken(start: float, end: float) -> list[Word]:
    """A word every half second."""
    count = round((end - start) * 2)
    return words(*((start + i / 2, start + i / 2 + 0.4) for i in range(count)))


def heard(chunk: Chunk, said: list[Word], logprob: float = -0.2, **more: object) -> Hearing:
    return Hearing(chunk, replace(ROW, avg_logprob=logprob, **more), said)


def test_a_gap_is_seconds_of_speech_between_two_words() -> None:
    # speech  0━━━━━━━━━9   11━━━━━━━━━20
    # words   ├─┤  ├─┤                ├─┤     0-1, 5-6, 19-20
    found = find_gaps(words((0, 1), (5, 6), (19, 20)), SPEECH, 0, 20)

    assert found == [Interval(1, 5), Interval(6, 19)]


def test_silence_is_no_gap_however_long() -> None:
    assert find_gaps(words((8, 9), (60, 61)), [Interval(8, 9), Interval(60, 61)], 0, 61) == []


@pytest.mark.parametrize(
    ("hearing", "doubtful"),
    [
        (heard(CHUNK, spoken(0, 20)), False),
        (heard(CHUNK, spoken(12, 20)), True),
        (heard(CHUNK, spoken(0, 20), -0.6), True),
        (heard(CHUNK, spoken(0, 20), tokens=[1, 2, 3]), True),
        (heard(CHUNK, []), True),
        (heard(Chunk(0, 2, 2), []), False),
    ],
    ids=["fine", "a sentence missing", "a guess", "few tokens", "no words", "a cough"],
)
def test_a_chunk_is_heard_again_where_speech_seems_to_be_lost(
    hearing: Hearing, doubtful: bool
) -> None:
    assert is_doubtful(hearing, SPEECH, LIMITS) is doubtful


def heard_on(*first: Hearing) -> list[list[Chunk]]:
    """What is listened to after `first`, together each time."""
    listened = []

    def listen(chunks: list[Chunk]) -> list[Hearing]:
        listened.append(chunks)
        return [heard(chunk, []) for chunk in chunks]

    hear_on(listen, first, SPEECH)
    return listened


def test_hearing_goes_on_after_the_pause_in_which_the_time_marks_end() -> None:
    assert heard_on(heard(CHUNK, [], until=8.9)) == [[Chunk(11, 20, 9)]]


def test_hearing_goes_on_inside_speech_where_the_marks_end_there() -> None:
    assert heard_on(heard(CHUNK, [], until=4.0)) == [[Chunk(4, 20, 14)]]


def test_what_is_left_of_several_chunks_is_heard_together() -> None:
    complete = heard(Chunk(0, 2, 2), [])

    assert heard_on(heard(CHUNK, [], until=8.9), complete, heard(CHUNK, [], until=4.0)) == [
        [Chunk(11, 20, 9), Chunk(4, 20, 14)]
    ]


def test_hearing_goes_on_until_nothing_is_left_of_any_chunk() -> None:
    ends = {0.0: 4.0, 4.0: 11.0}

    def listen(chunks: list[Chunk]) -> list[Hearing]:
        return [heard(chunk, [], until=ends.get(chunk.start)) for chunk in chunks]

    accounts = hear_on(listen, [*listen([CHUNK]), heard(Chunk(0, 2, 2), [])], SPEECH)

    assert [[h.chunk.start for h in account] for account in accounts] == [[0, 4, 15], [0]]


def test_hearing_ends_where_nothing_comes_of_it() -> None:
    assert heard_on(heard(CHUNK, [], until=0.02)) == []


@pytest.mark.parametrize(
    ("first", "again", "taken"),
    [
        (heard(CHUNK, spoken(12, 20), -0.3), heard(CHUNK, spoken(0, 20), -0.4), True),
        (heard(CHUNK, spoken(12, 20), -0.3), heard(CHUNK, spoken(0, 20), -1.4), False),
        (heard(CHUNK, spoken(0, 20), -0.6), heard(CHUNK, spoken(0, 20), -0.3), True),
        (heard(CHUNK, spoken(0, 20), -0.6), heard(CHUNK, spoken(0, 20), -0.7), False),
        (heard(CHUNK, spoken(0, 20), -0.6), heard(CHUNK, spoken(12, 20), -0.1), False),
        (
            heard(CHUNK, spoken(12, 20), -0.3),
            heard(CHUNK, spoken(0, 20), -0.1, compression_ratio=3.0),
            False,
        ),
    ],
    ids=["more speech", "a guess at more", "likelier", "less likely", "less speech", "a loop"],
)
def test_the_account_that_leaves_out_less_is_taken_and_of_equal_ones_the_likelier(
    first: Hearing, again: Hearing, taken: bool
) -> None:
    chosen = better([first], [again], SPEECH, LIMITS)

    assert chosen == ([again] if taken else [first])


def test_a_guess_at_what_follows_the_first_text_does_not_count() -> None:
    first = heard(CHUNK, spoken(0, 9), -0.05)
    again = [heard(CHUNK, spoken(0, 9), -0.4), heard(Chunk(11, 20, 9), spoken(11, 20), -0.8)]

    assert better([first], again, SPEECH, LIMITS) == [first]


def test_speech_without_words_is_listed_with_the_reason() -> None:
    speech = [Interval(0, 10), Interval(20, 30), Interval(40, 50), Interval(60, 62)]
    dropped = words((42, 43), (47, 48))

    found = find_unheard(spoken(6, 10), speech, [Chunk(20, 30, 10)], dropped)

    assert found == [
        Unheard(0, 6, "no words found"),
        Unheard(20, 30, "not sure enough"),
        Unheard(40, 50, "only a repetition"),
        Unheard(60, 62, "no words found"),
    ]


@pytest.mark.parametrize(
    ("tokens", "said", "until"),
    [
        ([ZERO, 1, 2, ZERO + 100], [ZERO, 1, 2], 2.0),
        ([ZERO, 1, ZERO + 50, ZERO + 60, 2, 3], [ZERO, 1], 1.0),
        ([ZERO, 1, ZERO + 50, ZERO + 60, 2, ZERO + 200], [ZERO, 1, ZERO + 50, ZERO + 60, 2], 4.0),
        ([ZERO, 1, 2], [ZERO, 1, 2], None),
        ([], [], None),
    ],
    ids=["one sentence", "broken off", "two sentences", "never ended", "nothing"],
)
def test_a_text_with_time_marks_counts_up_to_the_last_one_that_ends_something(
    tokens: list[int], said: list[int], until: float | None
) -> None:
    assert finished(tokens, ZERO) == (said, until)
