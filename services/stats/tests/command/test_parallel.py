"""Many files in several processes: each gets its turn, whatever becomes of the others."""

import os
import threading
from pathlib import Path

import pytest
from debate_contract.errors import TemporaryFault, UsageFault
from debate_stats.command.faults import Fault, sum_up
from debate_stats.command.parallel import CHUNK, each
from debate_stats.errors import BadTranscript

PLACES = [f"place{n}" for n in range(5 * CHUNK + 3)]


def who(uri):
    return uri, os.getpid()


def fails_at_seven(uri):
    if uri == "place7":
        raise ZeroDivisionError("seven")
    if uri == "place8":
        raise BadTranscript("speech[0].start", "is missing")
    return uri


def dies_at_seven(uri):
    if uri == "place7":
        os._exit(1)
    return uri


def meet(uri, barrier=threading.Barrier(3, timeout=20)):  # noqa: B008 - one for all calls
    barrier.wait()
    return uri


def test_every_place_is_done_once_and_not_in_this_process():
    done = [outcome.result for outcome in each(who, PLACES, 2)]
    assert sorted(uri for uri, _ in done) == sorted(PLACES)
    assert os.getpid() not in {process for _, process in done}


def test_a_long_path_to_temporary_files_is_no_obstacle(tmp_path, monkeypatch):
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    assert {one.result[0] for one in each(who, PLACES, 2)} == {*PLACES}


@pytest.mark.parametrize("processes", [1, 2])
def test_a_surprise_in_one_place_hides_none_of_the_others(processes):
    outcomes = {one.item: one for one in each(fails_at_seven, PLACES, processes)}
    assert len(outcomes) == len(PLACES)
    assert "ZeroDivisionError: seven" in outcomes.pop("place7").fault.trace
    assert outcomes.pop("place8").fault == Fault(65, "speech[0].start is missing")
    assert {one.result for one in outcomes.values()} == set(outcomes)


def test_a_process_that_dies_takes_no_other_place_with_it():
    outcomes = {one.item: one for one in each(dies_at_seven, PLACES, 2)}
    assert outcomes.pop("place7").fault.exit_code == 75
    assert {one.result for one in outcomes.values()} == {*PLACES} - {"place7"}


def test_the_network_is_waited_for_by_several_at_once():
    uris = [f"s3://bucket/{n}" for n in range(3)]
    assert [one.result for one in each(meet, uris, 1)] == uris


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([BadTranscript("", "x")], 65),
        ([BadTranscript("", "x"), UsageFault("y")], 64),
        ([BadTranscript("", "x"), UsageFault("y"), KeyError("z")], 70),
        ([BadTranscript("", "x"), KeyError("z"), TemporaryFault("t")], 75),
    ],
)
def test_the_exit_code_is_of_the_fault_to_see_to_first(errors, code):
    faults = {f"file{n}": Fault.of(error) for n, error in enumerate(errors)}
    assert sum_up(faults, 9).exit_code == code


def test_a_long_list_of_faults_is_cut():
    faults = {str(Path(f"{n:03d}.json")): Fault(65, "is bad") for n in range(50)}
    assert str(sum_up(faults, 60)).endswith("019.json: is bad; and 30 more")
