"""Commands and stages that are stopped or killed: the same command brings the job to its end."""

import os
import random
import signal
import time

import pytest
from conftest import URL
from debate_pipeline.job.stages import STAGES
from test_submit import FINISHED


def stage_is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_command_leaves_its_stage_at_work_and_the_next_one_joins_it(house, stage):
    house.order(stage, "wait")
    first = house.start("submit", URL)
    house.wait_for(stage)
    first.kill()
    first.wait()

    second = house.start("submit", URL)
    said = iter(second.stderr.readline, "")
    assert any("under way already" in line for line in said)
    assert any(f"{stage}: started" in line for line in said)
    house.let_go(stage)
    out, err = second.communicate(timeout=40)

    assert second.returncode == 0, err
    assert f"{stage}: done" in err
    assert house.count_calls() == [1, 1, 1, 1]
    assert house.files() == FINISHED
    assert "SPEAKER_01" in out


@pytest.mark.parametrize("stage", STAGES)
def test_when_command_and_stage_are_killed_the_stage_is_run_again(house, stage):
    house.order(stage, "wait")
    first = house.start("submit", URL)
    house.wait_for(stage)
    first.kill()
    first.wait()
    os.kill(house.calls(stage)[0]["pid"], signal.SIGKILL)

    result = house.debate("submit", URL)

    assert result.returncode == 0, result.stderr
    calls = dict.fromkeys(STAGES, 1) | {stage: 2}
    assert house.count_calls() == list(calls.values())
    assert house.files() == FINISHED


def test_what_was_being_written_at_a_kill_is_gone_after_the_next_command(house):
    house.order("transcribe", "wait")
    first = house.start_and_wait("transcribe", "submit", URL)
    first.kill()
    first.wait()
    os.kill(house.calls("transcribe")[0]["pid"], signal.SIGKILL)
    [record] = (house.root / "jobs").glob("*/job.json")
    (record.parent / ".partial-k1ll3d").write_text('{"job_id"')

    assert house.debate("submit", URL).returncode == 0
    assert house.files() == FINISHED


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_ended_while_nobody_watched_is_not_run_again(house, stage):
    house.order(stage, "wait")
    first = house.start("submit", URL)
    house.wait_for(stage)
    first.kill()
    first.wait()
    house.let_go(stage)
    house.wait_for_rest()

    result = house.debate("submit", URL)

    assert result.returncode == 0, result.stderr
    assert house.count_calls() == [1, 1, 1, 1]
    assert house.files() == FINISHED


def test_a_stage_that_failed_while_nobody_watched_is_run_again(house):
    house.order("transcribe", "wait")
    first = house.start("submit", URL)
    house.wait_for("transcribe")
    first.kill()
    first.wait()
    os.kill(house.calls("transcribe")[0]["pid"], signal.SIGTERM)
    house.wait_for_rest()
    assert "told to stop" in house.debate("status").stdout

    result = house.debate("submit", URL)

    assert result.returncode == 0, result.stderr
    assert house.count_calls() == [1, 2, 1, 1]


def test_a_killed_stage_is_named_and_the_same_command_runs_it_again(house):
    house.order("transcribe", "wait")
    first = house.start("submit", URL)
    house.wait_for("transcribe")
    os.kill(house.calls("transcribe")[0]["pid"], signal.SIGKILL)
    _, err = first.communicate(timeout=40)

    assert first.returncode == 75
    assert "transcribe failed: it was killed by SIGKILL; was the memory used up?" in err
    assert house.debate("submit", URL).returncode == 0


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 75)], ids=["ctrl-c", "sigterm"]
)
def test_a_stopped_command_stops_its_stage_and_the_same_command_goes_on(house, number, exit_code):
    house.order("transcribe", "wait")
    first = house.start("submit", URL)
    house.wait_for("transcribe")
    first.send_signal(number)
    _, err = first.communicate(timeout=40)

    assert first.returncode == exit_code
    assert "stopped during transcribe; the same command goes on from here" in err
    assert "Traceback" not in err
    assert stage_is_gone(house.calls("transcribe")[0]["pid"])
    assert house.states() == ["done", "interrupted", "pending", "pending"]

    assert house.debate("submit", URL).returncode == 0
    assert house.count_calls() == [1, 2, 1, 1]
    assert house.files() == FINISHED


def test_a_second_ctrl_c_kills_a_stage_that_does_not_listen(house):
    house.order("download", "stubborn")
    first = house.start("submit", URL)
    house.wait_for("download")
    first.send_signal(signal.SIGINT)
    lines = iter(first.stderr.readline, "")
    assert any("stopping download" in line for line in lines)
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=40)

    assert first.returncode == 130
    assert stage_is_gone(house.calls("download")[0]["pid"])


@pytest.mark.parametrize("seed", range(4))
def test_ctrl_c_held_down_ends_the_command_whatever_it_is_doing(house, seed):
    moments = random.Random(seed)
    house.order("download", *["stubborn"] * 5)
    for _ in range(5):
        first = house.start_and_wait("download", "submit", URL)
        ends = time.monotonic() + 15
        while first.poll() is None:
            assert time.monotonic() < ends, "it hangs"
            first.send_signal(signal.SIGINT)
            time.sleep(moments.choice([0.0005, 0.003, 0.02]))
        assert first.returncode == 130, first.communicate()
        assert stage_is_gone(house.calls("download")[-1]["pid"])
    assert house.states() == ["interrupted", "pending", "pending", "pending"]


def test_ctrl_c_between_two_attempts_ends_the_command(house):
    house.order("download", "fail 75 The network is down.")
    first = house.start("submit", URL, RETRY_DELAY="30")
    lines = iter(first.stderr.readline, "")
    assert any("trying again in 30 s" in line for line in lines)
    first.send_signal(signal.SIGINT)
    _, err = first.communicate(timeout=40)

    assert first.returncode == 130
    assert "the same command goes on from here" in err
    assert house.debate("submit", URL).returncode == 0
