import pytest
from conftest import URL
from debate_contract.errors import UsageFault
from debate_pipeline.job.options import renew

COUNT, LEAST, MOST = {"NUM_SPEAKERS": "2"}, {"MIN_SPEAKERS": "2"}, {"MAX_SPEAKERS": "3"}

CHANNELS, MIXED = {"CHANNELS": "speakers"}, {"CHANNELS": "mix"}


@pytest.mark.parametrize(
    ("before", "asked", "then"),
    [
        (COUNT, {}, COUNT),
        (COUNT, {"LANGUAGE": "cs"}, COUNT | {"LANGUAGE": "cs"}),
        (COUNT, LEAST | MOST, LEAST | MOST),
        (COUNT, MOST, MOST),
        (LEAST | MOST, COUNT, COUNT),
        (LEAST | MOST, {"MIN_SPEAKERS": "1"}, {"MIN_SPEAKERS": "1"} | MOST),
        (LEAST | MOST, {"MIN_SPEAKERS": ""}, MOST),
        (COUNT, {"NUM_SPEAKERS": ""}, {}),
        (COUNT | LEAST, COUNT, COUNT),  # a record of old
        (COUNT, CHANNELS, CHANNELS),
        (LEAST | MOST, CHANNELS, CHANNELS),
        (CHANNELS, COUNT, COUNT),
        (CHANNELS, MOST, MOST),
        (COUNT, MIXED, COUNT | MIXED),
        (CHANNELS, {"CHANNELS": ""}, {}),
        ({}, {"LANGUAGE": ""}, {}),
    ],
)
def test_options_that_are_given_change_those_there_were(before, asked, then):
    assert renew(before, asked) == then


@pytest.mark.parametrize(
    ("before", "asked", "sentence"),
    [
        ({}, COUNT | LEAST, "--speakers contradicts --min-speakers and --max-speakers: give the"),
        (COUNT | LEAST, {}, "--speakers contradicts --min-speakers"),
        ({}, COUNT | CHANNELS, "--channels speakers says already how many speak"),
        (MOST, {"MIN_SPEAKERS": "10"}, "--min-speakers 10 is more than --max-speakers 3; one that"),
    ],
)
def test_what_contradicts_itself_is_refused_by_the_names_of_the_options(before, asked, sentence):
    with pytest.raises(UsageFault, match=sentence):
        renew(before, asked)


def test_a_count_and_a_range_take_each_others_place_in_the_job(house):
    for options in (["--speakers", "2"], ["--min-speakers", "2", "--max-speakers", "3"], []):
        result = house.debate("submit", URL, *options)
        assert result.returncode == 0, result.stderr

    [job] = house.jobs()
    assert job["options"] == {"MIN_SPEAKERS": "2", "MAX_SPEAKERS": "3"}
    told = [call["environment"] for call in house.calls("transcribe")]
    assert [told[0].get("NUM_SPEAKERS"), told[1].get("NUM_SPEAKERS")] == ["2", None]
    assert len(told) == 2


def test_an_option_is_taken_back_even_where_the_environment_has_it(house):
    house.debate("submit", URL, "--speakers", "2", "--language", "cs")
    result = house.debate("submit", URL, "--speakers", "", "--language", "", NUM_SPEAKERS="2")

    assert result.returncode == 0, result.stderr
    assert house.jobs()[0]["options"] == {}
    assert "NUM_SPEAKERS" not in house.calls("transcribe")[1]["environment"]


@pytest.mark.parametrize(
    "options",
    [
        ["--speakers", "99"],
        ["--speakers", "2", "--min-speakers", "2"],
        ["--min-speakers", "51"],
        ["--max-height", "1"],
        ["--diarization-engine", "oracle"],
        ["--asr-engine", "oracle"],
    ],
)
def test_what_a_stage_would_refuse_is_refused_before_anything_is_fetched(house, options):
    result = house.debate("submit", URL, *options)

    assert result.returncode == 64
    assert options[0] in result.stderr
    assert house.jobs() == []
