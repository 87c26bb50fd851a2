"""What a stage says, and what it keeps to itself."""

import io
import json
from typing import Any

import pytest
from debate_contract.errors import BadInput
from debate_contract.logs import Log, is_json, progress

SECRET = "keks-4711"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def machines() -> Log:
    return Log("transcribe", as_json=True, stream=io.StringIO())


def people() -> Log:
    return Log("transcribe", as_json=False, stream=io.StringIO())


def said(log: Log) -> str:
    assert isinstance(log.stream, io.StringIO)
    return log.stream.getvalue()


def lines(log: Log) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said(log).splitlines()]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the log sees, in its only element."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_every_line_for_machines_has_the_fields_of_the_contract() -> None:
    log = machines()
    log.started("transcribing", job_id="one")
    log.note("café \udce9", level="warning")
    log.progress("recognition", 42, 118.44)
    log.finished("done", ["a.json"], skipped=False)
    log.failed(BadInput("no sound"), 65)

    found = lines(log)
    assert " ".join(line["event"] for line in found) == "started note progress finished failed"
    assert all({"time", "level", "stage", "event", "message"} <= line.keys() for line in found)
    assert all(line["time"].endswith("Z") for line in found)
    assert found[0]["job_id"] == "one"
    assert found[1]["message"] == "café \udce9"
    assert [found[2][name] for name in ("step", "done", "total", "unit")] == [
        "recognition", 42, 118.4, "s"
    ]  # fmt: skip
    assert (found[3]["outputs"], found[3]["skipped"]) == (["a.json"], False)
    assert [found[4][name] for name in ("level", "exit_code", "error", "message")] == [
        "error", 65, "BadInput", "no sound"
    ]  # fmt: skip


def test_people_read_sentences() -> None:
    log = people()
    log.started("transcribing [one]")
    log.note("slow", level="warning")
    log.failed(BadInput("no sound"), 65)

    assert said(log).splitlines() == ["transcribing [one]", "warning: slow", "error: no sound"]


@pytest.mark.parametrize("log", [machines(), people()], ids=["json", "human"])
def test_a_fault_of_ours_comes_with_its_traceback_and_what_to_do(log: Log) -> None:
    try:
        {}["ours"]
    except KeyError as error:
        log.failed(error, 70)

    assert "Traceback (most recent call last)" in said(log)
    assert "this is a fault of the program, please report it: KeyError('ours')" in said(log)


@pytest.mark.parametrize("log", [machines(), people()], ids=["json", "human"])
def test_a_secret_is_hidden_in_every_kind_of_line(log: Log) -> None:
    log.hide([SECRET, "1"])
    log.note(f"got {SECRET} 1")
    log.failed(KeyError(SECRET), 70)

    assert SECRET not in said(log)
    assert "got [hidden] 1" in said(log)


def test_auto_is_json_in_batch_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [is_json(asked) for asked in ("json", "human", "auto")] == [True, False, False]
    monkeypatch.setenv("AWS_BATCH_JOB_ID", "1")
    assert [is_json(asked) for asked in ("json", "human", "auto")] == [True, False, True]


def test_machines_get_a_line_a_second_of_each_step_with_its_rate_and_time_left(
    clock: list[float],
) -> None:
    log = machines()
    for tenth in range(21):
        clock[0] = 1000 + tenth / 10
        log.progress("recognition", 30 + tenth, 130)
        log.progress("diarization", tenth, 100)

    found = lines(log)
    assert [line["step"] for line in found] == ["recognition", "diarization"] * 3
    assert "rate" not in found[0]
    assert (found[-2]["done"], found[-2]["rate"], found[-2]["seconds_left"]) == (50, 10.0, 8.0)


def test_the_end_of_a_step_is_always_said_and_only_once(clock: list[float]) -> None:
    log = machines()
    for done in range(101):
        log.progress("download", done, 100, "bytes")
    log.progress("download", 100, 100, "bytes")

    assert [line["done"] for line in lines(log)] == [0, 100]


def test_an_unknown_total_is_null(clock: list[float]) -> None:
    log = machines()
    log.progress("download", 5, None, "bytes")

    assert lines(log)[0]["total"] is None


def test_a_step_of_unknown_length_keeps_its_rate(clock: list[float]) -> None:
    log = machines()
    for second in range(3):
        clock[0] = 1000 + second
        log.progress("decode", 500 * second, 500 * second)

    assert [line.get("rate") for line in lines(log)] == [None, 500.0, 500.0]


def test_a_step_begins_anew_for_the_next_recording(clock: list[float]) -> None:
    log = machines()
    for second, done in enumerate((0, 100, 0, 10)):
        clock[0] = 1000 + second
        log.progress("recognition", done, 100)

    assert lines(log)[-1]["rate"] == 10.0


def test_people_get_one_line_for_all_that_is_being_done(clock: list[float]) -> None:
    log = people()
    log.progress("decode", 0, 3600)
    log.progress("decode", 3600, 3600)
    for minute in range(3):
        clock[0] = 1000 + 60 * minute
        log.progress("recognition", 600 * minute, 3600)
        log.progress("diarization", 300 * minute, 3600)

    decoding, *others = said(log).splitlines()
    assert decoding == "decode: 0 %"
    assert [line.split("; ") for line in others] == [
        ["recognition: 17 %, 10.0x real time, 5 min left", "diarization: 0 %"],
        [
            "recognition: 33 %, 10.0x real time, 4 min left",
            "diarization: 8 %, 2.5x real time, 22 min left",
        ],
    ]


@pytest.mark.parametrize(
    ("done", "total", "unit", "words"),
    [
        (3_400_000, 10_000_000, "bytes", "x: 3.4 of 10.0 MB, 3.4 MB/s"),
        (3_400_000, None, "bytes", "x: 3.4 MB, 3.4 MB/s"),
        (12, 100, "transcripts", "x: 12 of 100 transcripts"),
        (30, 120, "s", "x: 25 %, 30.0x real time"),
    ],
)
def test_an_amount_is_said_in_its_unit(clock, done, total, unit, words) -> None:
    steps = progress.Progress(io.StringIO())
    steps.move("x", 0, total, unit)
    clock[0] += 1
    steps.move("x", done, total, unit)

    assert steps.summary() == words


def test_a_terminal_shows_a_bar_for_each_step_until_another_begins_after_its_end() -> None:
    log = Log("transcribe", as_json=False, stream=Terminal())
    log.progress("recognition", 1, 10)
    log.progress("diarization", 1, 10)
    assert log.steps.bars
    assert len(log.steps.bars.tasks) == 2

    log.progress("recognition", 10, 10)
    assert len(log.steps.bars.tasks) == 2
    log.progress("decode", 1, 10)
    shown = [task.description for task in log.steps.bars.tasks]
    assert shown == ["diarization: 10 %", "decode: 10 %"]

    log.note("a note [with] brackets")
    log.finished("done", [], skipped=False)
    assert log.steps.bars is None
    assert "a note [with] brackets" in said(log)


def test_a_step_that_begins_anew_on_a_terminal_has_one_bar() -> None:
    log = Log("transcribe", as_json=False, stream=Terminal())
    log.progress("recognition", 5, 10)
    log.progress("recognition", 1, 10)

    assert log.steps.bars
    assert len(log.steps.bars.tasks) == 1
    log.close()


def test_lines_of_several_threads_do_not_mix() -> None:
    from concurrent.futures import ThreadPoolExecutor

    log = machines()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: log.note("x" * 5000 + str(number)), range(200)))

    assert len(lines(log)) == 200
