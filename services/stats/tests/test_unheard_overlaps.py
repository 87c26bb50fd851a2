"""What nobody could hear is null, not 0: the embedded diarizer gives each moment to one voice."""

import json
from io import BytesIO

import pyarrow.parquet as pq
import pytest
from debate_stats import compute_moderation, parse_transcript
from debate_stats.artefact import (
    INTERACTIONS,
    SPEAKER_STATS,
    TRANSCRIPT_STATS,
    Provenance,
    write_artefacts,
)
from timelines import by_pair, by_speaker, compute, draw

APART = """
A  ========........====
B  ........========....
"""
CUT_SHORT = """
A  ========............
B  ......==========....
"""


def test_a_draft_without_overlap_knows_of_no_interruptions():
    statistics = compute(draw(APART) | {"quality": "draft"})

    for row in statistics.speakers:
        assert row.overlap_seconds is row.interruptions_made is row.interruptions_received is None
    for pair in statistics.interactions:
        assert pair.interruptions is pair.overlap_seconds is None
    assert statistics.totals.overlap_seconds is statistics.totals.interruptions is None


def test_what_needs_no_overlap_is_counted_in_a_draft_too():
    drafted, standard = compute(draw(APART) | {"quality": "draft"}), compute(draw(APART))

    assert drafted.totals.transitions == standard.totals.transitions == 2
    assert by_pair(drafted)["A", "B"].evidence == by_pair(standard)["A", "B"].evidence
    assert by_speaker(drafted)["A"].turn_count == 2


def test_a_draft_whose_diarizer_hears_overlaps_counts_them():
    statistics = compute(draw(CUT_SHORT) | {"quality": "draft"})

    assert by_pair(statistics)["A", "B"].interruptions == 1
    assert by_speaker(statistics)["A"].overlap_seconds == statistics.totals.overlap_seconds == 0.5


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ({"diarization": "campplus"}, 0),
        ({"diarization": "ge2e-spectral"}, None),
        ({"diarization": 7}, None),
        (["campplus"], None),
        (None, None),
    ],
)
def test_a_draft_without_overlap_has_none_where_it_would_have_been_heard(model, expected):
    statistics = compute(draw(APART) | {"quality": "draft", "model": model})

    assert statistics.totals.overlap_seconds == statistics.totals.interruptions == expected


@pytest.mark.parametrize("quality", ["standard", None])
def test_without_overlap_zero_is_a_fact_elsewhere(quality):
    statistics = compute(draw(APART) | {"quality": quality})

    assert {row.interruptions_made for row in statistics.speakers} == {0}
    assert statistics.totals.overlap_seconds == 0


@pytest.mark.parametrize(("quality", "expected"), [("draft", None), ("standard", 0)])
def test_the_moderator_is_told_no_more(quality, expected):
    asked = draw(APART, {"A": ["Why so?", "And you?"]}) | {"quality": quality}

    moderation = compute_moderation(parse_transcript(asked), ["A"])

    (debater,) = moderation.speakers
    assert debater.interruptions_made is debater.interruptions_received is expected
    assert moderation.questions[0].speakers[0].interruptions_made is expected


def test_the_files_hold_nulls():
    drafted = compute(draw(APART) | {"quality": "draft"})

    files = write_artefacts(drafted, Provenance("0" * 64, "1.0.0", "2026-11-27T00:00:00Z"))

    speakers = pq.read_table(BytesIO(files[SPEAKER_STATS]))
    pairs = pq.read_table(BytesIO(files[INTERACTIONS]))
    assert speakers["interruptions_made"].to_pylist() == [None, None]
    assert pairs["overlap_seconds"].to_pylist() == [None, None]
    assert json.loads(files[TRANSCRIPT_STATS])["interruptions"] is None
