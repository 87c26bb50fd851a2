"""Every end of a command is an exit code, and said."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time

import click
import pytest
from debate_contract.commands import exit_code_of, log_format_option, option, run_click
from debate_contract.errors import (
    BadInput,
    DiskFull,
    InputNotFound,
    Stopped,
    TemporaryFault,
    UsageFault,
)
from debate_contract.logs import Log
from debate_contract.retry import with_retries


@pytest.fixture
def log() -> Log:
    return Log("stats", as_json=True, stream=io.StringIO())


def last(log: Log) -> dict[str, object]:
    assert isinstance(log.stream, io.StringIO)
    found: dict[str, object] = json.loads(log.stream.getvalue().splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("error", "code", "name"),
    [
        (UsageFault("x"), 64, "UsageFault"),
        (BadInput("x"), 65, "BadInput"),
        (InputNotFound("x"), 66, "InputNotFound"),
        (TemporaryFault("x"), 75, "TemporaryFault"),
        (KeyError("x"), 70, "KeyError"),
        (KeyboardInterrupt(), 130, "Stopped"),
        (OSError(errno.ENOSPC, "No space left on device"), 75, "DiskFull"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 64, "UsageFault"),
    ],
)
def test_what_ends_the_work_is_said_and_has_its_code(error, code, name, log: Log) -> None:
    def work() -> None:
        raise error

    assert exit_code_of(work, log) == code
    assert (last(log)["exit_code"], last(log)["error"]) == (code, name)
    assert ("traceback" in last(log)) == (code == 70)


def test_work_that_is_done_is_0(log: Log) -> None:
    assert exit_code_of(lambda: None, log) == 0


@click.command()
@option("--video-url", "Where it is.", required=True)
@log_format_option
def command(video_url: str, log_format: str) -> int:
    click.echo(f"{video_url} {log_format}")
    if video_url == "abort":
        raise click.Abort
    if video_url == "stop":
        os.kill(os.getpid(), signal.SIGTERM)
    return 66 if video_url == "gone" else 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--video-url", "x"], 0),
        (["--video-url", "gone"], 66),
        (["--video-url", "abort"], 130),
        (["--video-url", "stop"], 75),
        (["--help"], 0),
        ([], 64),
        (["--nope"], 64),
        (["--video-url", "x", "--log-format", "xml"], 64),
    ],
)
def test_click_ends_with_the_codes_of_the_contract(arguments, code, monkeypatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(sys, "argv", ["debate-x", *arguments])
    try:
        with pytest.raises(SystemExit) as end:
            run_click(command, "debate-x")
    finally:
        signal.signal(signal.SIGTERM, before)

    assert end.value.code == code


def test_an_option_has_an_environment_name_and_wins_over_it(monkeypatch, capsys) -> None:
    monkeypatch.setenv("VIDEO_URL", "there")
    command.main([], standalone_mode=False)
    command.main(["--video-url", "here"], standalone_mode=False)

    assert capsys.readouterr().out.split() == ["there", "auto", "here", "auto"]


def test_what_fails_for_a_passing_reason_is_tried_again_a_bounded_number_of_times(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        raise TemporaryFault("busy")

    with pytest.raises(TemporaryFault):
        with_retries(work, 4, 2.0, log)
    assert (len(tries), pauses) == (4, [2.0, 4.0, 8.0])
    assert last(log)["message"] == "attempt 3 failed, next in 8 s: busy"


@pytest.mark.parametrize("error", [DiskFull("full"), Stopped("stopped"), BadInput("bad")])
def test_what_a_pause_does_not_mend_is_not_tried_again(error, log: Log) -> None:
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        raise error

    with pytest.raises(type(error)):
        with_retries(work, 4, 60.0, log)
    assert len(tries) == 1


HEAVY = ("boto3", "botocore", "cloudpathlib", "rich", "jsonschema", "asyncio")


def test_a_place_on_disk_and_help_load_nothing_heavy() -> None:
    program = (
        "import sys, debate_contract.commands, debate_contract.retry, debate_contract.schemas\n"
        "from debate_contract import storage\n"
        "storage.read(storage.locate(sys.executable), 10)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )

    assert run.stdout.strip() == "[]"
