"""What nobody could hear is null, not 0: a diarizer of old gave each moment to one voice."""

import json
from io import BytesIO

import pyarrow.parquet as pq
import pytest
from debate_stats import compute_moderation, parse_transcript
from debate_stats.figures.artefact import (
    INTERACTIONS,
    SPEAKER_STATS,
    TRANSCRIPT_STATS,
    Provenance,
    write_artefacts,
)
from timelines import by_pair, by_speaker, compute, draw

OLD = {"quality": "draft", "model": {"asr": "pocketsphinx", "diarization": "ge2e-spectral"}}
APART = """
A  ========........====
B  ........========....
"""
CUT_SHORT = """
A  ========............
B  ......==========....
"""


def test_an_old_draft_without_overlap_knows_of_no_interruptions():
    statistics = compute(draw(APART) | OLD)

    for row in statistics.speakers:
        assert row.overlap_seconds is row.interruptions_made is row.interruptions_received is None
    for pair in statistics.interactions:
        assert pair.interruptions is pair.overlap_seconds is None
    assert statistics.totals.overlap_seconds is statistics.totals.interruptions is None


def test_what_needs_no_overlap_is_counted_in_an_old_draft_too():
    drafted, standard = compute(draw(APART) | OLD), compute(draw(APART))

    assert drafted.totals.transitions == standard.totals.transitions == 2
    assert by_pair(drafted)["A", "B"].evidence == by_pair(standard)["A", "B"].evidence
    assert by_speaker(drafted)["A"].turn_count == 2


def test_an_overlap_of_another_diarizer_is_counted_whatever_the_name_says():
    statistics = compute(draw(CUT_SHORT) | OLD)

    assert by_pair(statistics)["A", "B"].interruptions == 1
    assert by_speaker(statistics)["A"].overlap_seconds == statistics.totals.overlap_seconds == 0.5


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ({"diarization": "campplus"}, 0),
        ({"diarization": "ge2e-spectral"}, None),
        ({"diarization": "embedded"}, None),
        ({"diarization": 7}, 0),
        (["ge2e-spectral"], 0),
        (None, 0),
    ],
)
@pytest.mark.parametrize("quality", ["draft", "standard", None])
def test_without_overlap_there_was_none_where_it_would_have_been_heard(quality, model, expected):
    statistics = compute(draw(APART) | {"quality": quality, "model": model})

    assert statistics.totals.overlap_seconds == statistics.totals.interruptions == expected


@pytest.mark.parametrize(("made", "expected"), [(OLD, None), ({}, 0)])
def test_the_moderator_is_told_no_more(made, expected):
    asked = draw(APART, {"A": ["Why so?", "And you?"]}) | made

    moderation = compute_moderation(parse_transcript(asked), ["A"])

    (debater,) = moderation.speakers
    assert debater.interruptions_made is debater.interruptions_received is expected
    assert moderation.questions[0].speakers[0].interruptions_made is expected


def test_the_files_hold_nulls():
    drafted = compute(draw(APART) | OLD)

    files = write_artefacts(drafted, Provenance("0" * 64, "1.0.0", "2026-11-27T00:00:00Z"))

    speakers = pq.read_table(BytesIO(files[SPEAKER_STATS]))
    pairs = pq.read_table(BytesIO(files[INTERACTIONS]))
    assert speakers["interruptions_made"].to_pylist() == [None, None]
    assert pairs["overlap_seconds"].to_pylist() == [None, None]
    assert json.loads(files[TRANSCRIPT_STATS])["interruptions"] is None
