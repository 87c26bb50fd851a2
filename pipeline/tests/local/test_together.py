"""Several commands at once."""

import os
import signal

from conftest import URL
from house import wait_until
from test_submit import FINISHED


def test_two_commands_with_one_source_make_one_job(house):
    house.order("download", "wait")
    commands = [house.start("submit", URL) for _ in range(3)]
    house.wait_for("download")
    house.let_go("download")
    results = [command.communicate(timeout=40) for command in commands]

    assert [command.returncode for command in commands] == [0, 0, 0], results
    assert len(house.jobs()) == 1
    assert house.count_calls() == [1, 1, 1, 1]
    assert house.files() == FINISHED
    assert all("SPEAKER_01" in out for out, _ in results)


def test_a_command_that_joined_passes_the_failure_on_that_it_watched(house):
    house.order("download", "wait")
    house.order("transcribe", "fail 65 The recording has no sound.")
    first = house.start("submit", URL)
    house.wait_for("download")
    second = house.start("submit", URL)
    assert "under way already" in second.stderr.readline() + second.stderr.readline()
    house.let_go("download")
    _, err = second.communicate(timeout=40)
    first.communicate(timeout=40)

    assert (first.returncode, second.returncode) == (65, 65)
    assert "transcribe failed: The recording has no sound." in err
    assert house.count_calls() == [1, 1, 0, 0]


def test_ctrl_c_on_a_command_that_joined_leaves_the_job_running(house):
    house.order("download", "wait")
    first = house.start("submit", URL)
    house.wait_for("download")
    second = house.start("submit", URL)
    assert "under way already" in second.stderr.readline() + second.stderr.readline()
    second.send_signal(signal.SIGINT)
    _, err = second.communicate(timeout=40)

    assert second.returncode == 130
    assert "goes on without this command" in err
    house.let_go("download")
    first.communicate(timeout=40)
    assert first.returncode == 0


def test_other_options_are_heeded_after_the_run_that_was_joined(house):
    house.order("transcribe", "wait")
    first = house.start("submit", URL)
    house.wait_for("transcribe")
    second = house.start("submit", URL, "--speakers", "2")
    assert "under way already" in second.stderr.readline() + second.stderr.readline()
    house.let_go("transcribe")
    first.communicate(timeout=40)
    second.communicate(timeout=40)

    assert (first.returncode, second.returncode) == (0, 0)
    assert house.count_calls() == [1, 2, 2, 2]
    assert house.calls("transcribe")[1]["environment"]["NUM_SPEAKERS"] == "2"


def test_status_and_logs_show_a_job_under_way(house):
    house.order("transcribe", "wait")
    first = house.start("submit", URL)
    house.wait_for("transcribe")
    [line] = [x for x in house.debate("status").stdout.splitlines() if "example.org" in x]
    assert line.split()[1:4] == ["example.org/debate.mp4", "transcribe", "running"]

    follower = house.start("logs", "--follow")
    lines = iter(follower.stdout.readline, "")
    assert any("transcribe work 0:01 of 0:04" in " ".join(line.split()) for line in lines)
    house.let_go("transcribe")
    first.communicate(timeout=40)
    out, _ = follower.communicate(timeout=40)

    assert follower.returncode == 0
    assert [x.split()[1:4] for x in out.splitlines()] == [
        ["transcribe", "finished:", "transcribe"],
        ["stats", "started:", "stats"],
        ["stats", "finished:", "stats"],
        ["register", "started:", "register"],
        ["register", "finished:", "register"],
    ]


def test_a_job_whose_command_and_stage_were_killed_is_shown_as_interrupted(house):
    house.order("transcribe", "wait")
    first = house.start("submit", URL)
    house.wait_for("transcribe")
    first.kill()
    first.wait()
    assert "running" in house.debate("status").stdout
    pid = house.calls("transcribe")[0]["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: "interrupted" in house.debate("status").stdout)
