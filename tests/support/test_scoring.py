"""The ruler itself: each case is drawn, one character a second, # where someone speaks."""

import re

import pytest
from scoring import Errors, Turn, diarization_errors


def drawn(**lines: str) -> list[Turn]:
    return [
        Turn(speaker, run.start(), run.end())
        for speaker, line in lines.items()
        for run in re.finditer("#+", line)
    ]


CASES = {
    "the same turns under other labels are no error": (
        drawn(A="####....", B="....####"),
        drawn(x="....####", y="####...."),
        Errors(missed=0, false_alarm=0, confusion=0, total=8),
    ),
    "a late start is missed speech, a late end false alarm": (
        drawn(A="####...."),
        drawn(x="..####.."),
        Errors(missed=2, false_alarm=2, confusion=0, total=4),
    ),
    "one label for two voices confuses the shorter": (
        drawn(A="#####...", B=".....###"),
        drawn(x="########"),
        Errors(missed=0, false_alarm=0, confusion=3, total=8),
    ),
    "of two labels for one voice the longer counts": (
        drawn(A="########"),
        drawn(x="######..", y="......##"),
        Errors(missed=0, false_alarm=0, confusion=2, total=8),
    ),
    "an overlap heard as one voice misses the other": (
        drawn(A="#####...", B="...#####"),
        drawn(x="#####...", y=".....###"),
        Errors(missed=2, false_alarm=0, confusion=0, total=10),
    ),
    "an invented overlap is false alarm": (
        drawn(A="####....", B="....####"),
        drawn(x="#####...", y="...#####"),
        Errors(missed=0, false_alarm=2, confusion=0, total=8),
    ),
    "the mapping is the best over the whole, not the first that fits": (
        drawn(A="######....", B="......####"),
        drawn(x=".####.####", y="#....#...."),
        Errors(missed=0, false_alarm=0, confusion=4, total=10),
    ),
    "silence where someone speaks misses everything": (
        drawn(A="..####.."),
        drawn(x="........"),
        Errors(missed=4, false_alarm=0, confusion=0, total=4),
    ),
}


@pytest.mark.parametrize(("reference", "hypothesis", "errors"), CASES.values(), ids=CASES)
def test_diarization_errors(reference: list[Turn], hypothesis: list[Turn], errors: Errors) -> None:
    assert diarization_errors(reference, hypothesis) == errors


def test_the_rate_may_exceed_one() -> None:
    reference, hypothesis = drawn(A="##......"), drawn(x="########", y="..####..")

    assert diarization_errors(reference, hypothesis).rate == 5.0
