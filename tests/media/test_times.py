"""What is said in a recording is heard where it was put, whatever the recording lies in."""

import re
from typing import Any

import pytest
from media.heard import Heard
from media.table import TABLE, Medium

NEAR = 0.1  # seconds

each_medium = pytest.mark.parametrize("medium", TABLE, ids=lambda medium: medium.name)


def edges(spans: list[Any]) -> tuple[list[float], list[float]]:
    """Where stretches begin, and where they end."""
    return [start for start, _ in spans], [end for _, end in spans]


def check(found: dict[str, Any], medium: Medium, heard: Heard) -> None:
    """Compare sound and speech with the times known from making the medium."""
    begins, ends = edges(medium.spans(heard.base))
    sound, peaks, speech = (edges(found[kind]) for kind in ("sound", "peaks", "speech"))
    for seen in (sound, peaks):
        assert seen[0] == pytest.approx(begins, abs=medium.near)
        assert seen[1] == pytest.approx(ends, abs=medium.near)
    assert speech[0] == pytest.approx(begins, abs=NEAR)
    assert speech[1] == pytest.approx(ends, abs=NEAR)


@each_medium
def test_the_transcriber_hears_a_file_at_its_times(heard: Heard, medium: Medium) -> None:
    check(heard.sources[medium.name], medium, heard)


@each_medium
def test_what_the_downloader_makes_has_the_same_times(heard: Heard, medium: Medium) -> None:
    check(heard.made[medium.name], medium, heard)


@each_medium
def test_what_is_missing_or_damaged_is_said_and_nothing_else(heard: Heard, medium: Medium) -> None:
    defects = heard.media(medium.name)["defects"]
    if medium.defect is None:
        assert defects == []
        return
    start, end, kind = re.split(r"[- ]", medium.defect)
    (defect,) = defects
    assert (defect["start"], defect["end"]) == pytest.approx((float(start), float(end)), abs=0.15)
    assert defect["kind"] == kind


@each_medium
def test_the_sound_ends_with_the_recording(heard: Heard, medium: Medium) -> None:
    duration = heard.media(medium.name)["video"]["duration"]

    assert heard.made[medium.name]["length"] == pytest.approx(duration, abs=0.1)


def test_the_table_has_all_kinds() -> None:
    assert len(TABLE) >= 60
    assert len({medium.name for medium in TABLE}) == len(TABLE)
