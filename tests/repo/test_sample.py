"""The sample debate is small, and its files agree with one another."""

import re
from itertools import combinations

from checkout import CHECKOUT, SAMPLE
from scoring import Turn, read_rttm

CUE = re.compile(r"(\d+):([\d.]+) --> (\d+):([\d.]+)\n<v (\w+)>.+")
ROUNDING = 0.002  # seconds: both files give milliseconds


def turns() -> list[Turn]:
    return read_rttm(SAMPLE.with_suffix(".rttm"))


def phrases() -> list[Turn]:
    cues = CUE.findall(SAMPLE.with_suffix(".en.vtt").read_text("utf-8"))
    return [
        Turn(speaker, 60 * int(m1) + float(s1), 60 * int(m2) + float(s2))
        for m1, s1, m2, s2, speaker in cues
    ]


def overlap(a: Turn, b: Turn) -> float:
    return min(a.end, b.end) - max(a.start, b.start)


def test_it_is_under_a_megabyte_with_all_its_files() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.parent.iterdir()) < 1_000_000


def test_the_demo_plays_it() -> None:
    recipe = (CHECKOUT / "Makefile").read_text("utf-8").partition("\ndemo:")[2].partition("\n\n")[0]

    assert str(SAMPLE.relative_to(CHECKOUT)) in recipe


def test_every_phrase_lies_in_a_turn_of_its_speaker() -> None:
    assert phrases()
    for phrase in phrases():
        assert any(
            turn.start - ROUNDING <= phrase.start and phrase.end <= turn.end + ROUNDING
            for turn in turns()
            if turn.speaker == phrase.speaker
        )


def test_two_voices_take_several_turns_each() -> None:
    speakers = [turn.speaker for turn in turns()]

    assert {name: speakers.count(name) >= 4 for name in speakers} == {"Sarah": True, "Tom": True}


def test_they_overlap_twice_a_back_channel_and_an_interruption() -> None:
    both = [overlap(a, b) for a, b in combinations(turns(), 2) if overlap(a, b) > 0]

    assert len(both) == 2
    assert min(both) < 0.6 < 0.9 < max(both) < 1.1
