"""Interruptions and overlap, drawn as timelines (a character is a quarter second)."""

from timelines import by_pair, by_speaker, compute, draw


def cuts(picture, said=None):
    rows = compute(draw(picture, said)).interactions
    return {(r.from_speaker, r.to_speaker): r.interruptions for r in rows if r.interruptions}


def test_cutting_in_and_keeping_the_floor_is_an_interruption():
    picture = """
    A  ============............
    B  ..........==============
    """
    assert cuts(picture) == {("A", "B"): 1}
    rows = by_speaker(compute(draw(picture)))
    assert (rows["B"].interruptions_made, rows["B"].interruptions_received) == (1, 0)
    assert (rows["A"].interruptions_made, rows["A"].interruptions_received) == (0, 1)
    assert by_pair(compute(draw(picture)))["A", "B"].interruption_times == (2.5,)


def test_waiting_for_the_end_is_none():
    assert (
        cuts("""
    A  ============............
    B  ............============
    """)
        == {}
    )


def test_giving_up_before_the_other_stops_is_none():
    assert (
        cuts("""
    A  ====================
    B  ......==========....
    """)
        == {}
    )


def test_the_floor_must_be_held_for_a_second():
    assert (
        cuts("""
    A  ============......
    B  ......=========...
    """)
        == {}
    )
    assert cuts("""
    A  ============......
    B  ......==========..
    """) == {("A", "B"): 1}


def test_the_floor_is_held_over_a_pause_of_ones_own():
    assert cuts("""
    A  ============...............
    B  ......========..=======....
    """) == {("A", "B"): 1}


def test_stopping_together_and_going_on_later_is_none():
    assert (
        cuts("""
    A  ============...............
    B  ......======...========....
    """)
        == {}
    )


def test_starting_together_is_none():
    assert (
        cuts("""
    A  ======............
    B  ============......
    """)
        == {}
    )


def test_backchannels_neither_interrupt_nor_are_interrupted():
    # B's "mhm" lies in A's turn; A's next unit starts during it and outlasts it
    assert (
        cuts("""
    A  ============.==========
    B  ..........===..........
    """)
        == {}
    )
    assert (
        cuts("""
    A  ============..==========
    B  ............===.........
    """)
        == {}
    )


def test_cutting_two_short_makes_two():
    picture = """
    A  ============............
    B  .......======...........
    C  ..........==============
    """
    assert cuts(picture) == {("A", "C"): 1, ("B", "C"): 1}
    assert by_speaker(compute(draw(picture)))["C"].interruptions_made == 2


def test_made_and_received_are_the_sums_of_the_matrix():
    statistics = compute(
        draw("""
    A  ============......============............
    B  ..........==========..........============
    C  .................................=======..
    """)
    )
    for row in statistics.speakers:
        name = row.speaker_id_in_transcript
        pairs = statistics.interactions
        assert row.interruptions_made == sum(p.interruptions for p in pairs if p.to_speaker == name)
        assert row.interruptions_received == sum(
            p.interruptions for p in pairs if p.from_speaker == name
        )


def test_overlap_counts_for_each_and_once_however_many_join():
    picture = """
    A  ========........
    B  ....========....
    C  ....====........
    """
    statistics = compute(draw(picture))
    rows = by_speaker(statistics)
    assert [rows[name].overlap_seconds for name in "ABC"] == [1.0, 1.0, 1.0]
    assert statistics.totals.overlap_seconds == 1.0
    assert by_pair(statistics)["B", "C"].overlap_seconds == 1.0
    assert by_pair(statistics)["C", "B"].overlap_times == (1.0,)


def test_two_labels_of_one_person_overlap_with_nobody():
    picture = """
    A  ========........
    B  ....========....
    C  ..........======
    """
    statistics = compute(draw(picture), {"A": "ann", "B": "ann"})
    ann = by_speaker(statistics)["ann"]
    assert ann.labels == ("A", "B")
    assert ann.total_seconds == 3.0
    assert ann.overlap_seconds == 0.5
    assert ann.segment_count == 2
    assert [(r.from_speaker, r.to_speaker) for r in statistics.interactions] == [
        ("ann", "C"),
        ("C", "ann"),
    ]
