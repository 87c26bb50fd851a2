"""Units, turns and back-channels, drawn as timelines (a character is a quarter second)."""

from timelines import by_pair, by_speaker, compute, draw, segment, transcript


def turns_of(picture, said=None):
    return {name: row.turn_count for name, row in by_speaker(compute(draw(picture, said))).items()}


def test_an_exchange_gives_each_a_turn_at_a_time():
    picture = """
    A  ========.........========
    B  .........=======.........
    """
    assert turns_of(picture) == {"A": 2, "B": 1}


def test_a_pause_does_not_end_a_turn_as_long_as_nobody_else_speaks():
    picture = """
    A  ========......................========
    B  ..........................................========
    """
    row = by_speaker(compute(draw(picture)))["A"]
    assert row.turn_count == 1
    assert row.avg_turn_length_sec == 9.5
    assert row.total_seconds == 4.0


def test_a_pause_of_exactly_half_a_second_ends_a_unit_and_a_shorter_one_does_not():
    # A     =====..=====     the second unit of A starts in B's unit or does not exist
    # B         ====         0.25 s more of A's silence decide who is talked over
    joined = [segment(0, 5, "A"), segment(5.499, 10, "A"), segment(4, 7, "B")]
    apart = [segment(0, 5, "A"), segment(5.5, 10, "A"), segment(4, 7, "B")]

    assert by_pair(compute(transcript(joined)))["A", "B"].interruptions == 0
    assert by_pair(compute(transcript(apart)))["A", "B"].interruptions == 1


def test_a_short_yes_inside_anothers_turn_is_a_backchannel_and_takes_no_turn():
    picture = """
    A  ============...============
    B  ............==.............
    """
    statistics = compute(draw(picture, {"B": ["yes, of course"]}))
    assert {n: r.turn_count for n, r in by_speaker(statistics).items()} == {"A": 1, "B": 0}
    assert by_speaker(statistics)["B"].backchannels == 1
    assert by_pair(statistics)["A", "B"].backchannel_times == (3.0,)


def test_a_backchannel_has_at_most_a_second():
    assert turns_of("""
    A  ========================
    B  ......=====.............
    """) == {"A": 1, "B": 1}
    assert turns_of("""
    A  ========================
    B  ......====..............
    """) == {"A": 1, "B": 0}


def test_a_backchannel_has_at_most_three_words():
    picture = """
    A  ========================
    B  ......====..............
    """
    assert turns_of(picture, {"B": ["that is not so"]}) == {"A": 1, "B": 1}
    assert turns_of(picture, {"B": ["that is so"]}) == {"A": 1, "B": 0}


def test_a_short_answer_outside_any_turn_is_a_turn():
    picture = """
    A  ========..................
    B  ..........===.............
    C  ...............===========
    """
    assert turns_of(picture) == {"A": 1, "B": 1, "C": 1}


def test_a_short_unit_that_reaches_past_the_others_turn_is_no_backchannel():
    picture = """
    A  ============.....
    B  ...........==....
    """
    assert turns_of(picture) == {"A": 1, "B": 1}


def test_short_units_alone_host_no_backchannels():
    picture = """
    A  ==....==....==
    B  ...==....==...
    """
    assert turns_of(picture) == {"A": 3, "B": 2}


def test_whom_somebody_talks_over_keeps_the_turn_when_going_on():
    # B gives up inside A's unit; A's pause afterwards is A's own
    picture = """
    A  ================..========
    B  ....======................
    """
    assert turns_of(picture) == {"A": 1, "B": 1}


def test_speech_into_the_silence_of_another_breaks_that_turn():
    picture = """
    A  ==========......========
    B  ........======..........
    """
    assert turns_of(picture) == {"A": 2, "B": 1}


def test_latency_is_the_silence_before_a_turn_and_negative_in_overlap():
    picture = """
    A  ========............============
    B  ............==========..........
    """
    rows = by_pair(compute(draw(picture)))
    assert rows["A", "B"].latencies_sec == (1.0,)
    assert rows["B", "A"].latencies_sec == (-0.5,)
    assert rows["B", "A"].transition_times == (5.0,)


def test_no_floor_passes_to_whoever_talks_wholly_inside_anothers_turn():
    picture = """
    A  ====================..........
    B  ....======....................
    C  ......................========
    """
    rows = by_pair(compute(draw(picture)))
    assert rows["A", "B"].transitions == 0
    assert rows["A", "B"].overlap_seconds == 1.5
    assert ("B", "C") not in rows
    assert rows["A", "C"].latencies_sec == (0.5,)


def test_ending_together_with_the_other_takes_no_floor():
    picture = """
    A  ============..........
    B  ......======..........
    C  ..............========
    """
    rows = by_pair(compute(draw(picture)))
    assert rows["A", "C"].latencies_sec == (0.5,)
    assert ("B", "C") not in rows


def test_the_median_latency_and_its_deviation_are_of_the_pair():
    picture = """
    A  ======..........======...........======..............
    B  ........======.........======..............======....
    """
    row = by_pair(compute(draw(picture)))["A", "B"]
    assert row.latencies_sec == (0.5, 0.25, 1.0)
    assert row.latency_median_sec == 0.5
    assert row.latency_mad_sec == 0.25
    assert by_speaker(compute(draw(picture)))["B"].response_latency_median_sec == 0.5
