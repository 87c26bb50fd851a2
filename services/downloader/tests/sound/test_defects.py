"""Where a recording lacks sound, from what each track lacks."""

import pytest
from debate_downloader.media.defects import Defect, clock, describe, intersect, join, worth_noting

MISSING, DAMAGED = "missing", "damaged"


def spans(defects: list[Defect]) -> list[tuple[float, float, str]]:
    return [(d.start, d.end, d.kind) for d in defects]


def test_damaged_places_close_to_each_other_are_one() -> None:
    #  0    1    2    3    4    5
    #  xxx  xxx            xxx
    places = [Defect(4.0, 4.6, DAMAGED), Defect(0.0, 0.6, DAMAGED), Defect(1.0, 1.6, DAMAGED)]

    assert spans(join(places)) == [(0.0, 1.6, DAMAGED), (4.0, 4.6, DAMAGED)]


def test_sound_between_two_holes_is_sound() -> None:
    holes = [Defect(0.0, 1.0, MISSING), Defect(1.5, 3.0, MISSING), Defect(3.0, 4.0, DAMAGED)]

    assert join(holes) == holes


def test_mixed_tracks_lack_only_what_all_of_them_lack() -> None:
    #  first   ----········------      second   ··----··----········
    first = [Defect(2.0, 6.0, MISSING)]
    second = [Defect(0.0, 1.0, MISSING), Defect(3.0, 4.0, DAMAGED), Defect(5.0, 9.0, MISSING)]

    assert spans(intersect([first, second])) == [(3.0, 4.0, MISSING), (5.0, 6.0, MISSING)]
    assert intersect([first]) == first


def test_at_an_end_a_little_may_lack() -> None:
    places = [Defect(-1.0, 0.9, MISSING), Defect(4.0, 4.9, MISSING), Defect(9.1, 30.0, MISSING)]

    assert spans(worth_noting(places, 10.0)) == [(4.0, 4.9, MISSING)]


def test_what_is_noted_lies_within_the_recording_and_is_no_pause() -> None:
    places = [Defect(-1.0, 2.0, MISSING), Defect(4.0, 4.4, MISSING), Defect(8.0, 30.0, DAMAGED)]

    assert spans(worth_noting(places, 10.0)) == [(0.0, 2.0, MISSING), (8.0, 10.0, DAMAGED)]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "0:00"), (422, "7:02"), (59.6, "1:00"), (4022, "1:07:02")]
)
def test_times_are_shown_as_on_a_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_a_sentence_names_each_place() -> None:
    places = [Defect(0.0, 5.0, MISSING), Defect(422.0, 430.2, DAMAGED)]

    assert describe(places) == "from 0:00 to 0:05 (missing), from 7:02 to 7:10 (damaged)"
