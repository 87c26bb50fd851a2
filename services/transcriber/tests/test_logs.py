import io
import json

import pytest
from debate_transcriber import logs
from debate_transcriber.logs import Log


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the log sees, in its only element."""
    now = [1000.0]
    monkeypatch.setattr(logs.time, "monotonic", lambda: now[0])
    return now


def test_machines_get_a_line_a_second_of_each_step_with_its_rate_and_time_left(
    clock: list[float],
) -> None:
    said = io.StringIO()
    log = Log("json", said)
    for tenth in range(21):
        clock[0] = 1000 + tenth / 10
        log.progress("recognition", 30 + tenth, 130)
        log.progress("diarization", tenth, 100)

    lines = [json.loads(line) for line in said.getvalue().splitlines()]

    assert [line["step"] for line in lines] == ["recognition", "diarization"] * 3
    assert "rate" not in lines[0]
    assert (lines[-2]["done"], lines[-2]["rate"], lines[-2]["seconds_left"]) == (50, 10.0, 8.0)


def test_a_step_of_unknown_length_keeps_its_bar_and_its_rate(clock: list[float]) -> None:
    said = io.StringIO()
    log = Log("json", said)
    for second in range(3):
        clock[0] = 1000 + second
        log.progress("decode", 500 * second, 500 * second)

    assert [json.loads(line).get("rate") for line in said.getvalue().splitlines()] == [
        None,
        500.0,
        500.0,
    ]


def test_a_step_begins_anew_for_the_next_recording(clock: list[float]) -> None:
    said = io.StringIO()
    log = Log("json", said)
    for second, done in enumerate((0, 100, 0, 10)):
        clock[0] = 1000 + second
        log.progress("recognition", done, 100)

    assert json.loads(said.getvalue().splitlines()[-1])["rate"] == 10.0


def test_people_get_one_line_for_all_that_is_being_done(clock: list[float]) -> None:
    said = io.StringIO()
    log = Log("human", said)
    log.progress("decode", 0, 3600)
    log.progress("decode", 3600, 3600)
    for minute in range(3):
        clock[0] = 1000 + 60 * minute
        log.progress("recognition", 600 * minute, 3600)
        log.progress("diarization", 300 * minute, 3600)

    decoding, *lines = said.getvalue().splitlines()
    assert decoding == "decode: 0 %"
    assert [line.split("; ") for line in lines] == [
        ["recognition: 17 %, 10.0x real time, 5 min left", "diarization: 0 %"],
        [
            "recognition: 33 %, 10.0x real time, 4 min left",
            "diarization: 8 %, 2.5x real time, 22 min left",
        ],
    ]


def test_a_terminal_shows_a_bar_for_each_step_until_another_begins_after_its_end() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    log = Log("human", Terminal())
    log.progress("recognition", 1, 10)
    log.progress("diarization", 1, 10)
    assert log.bar
    assert len(log.bar.tasks) == 2

    log.progress("recognition", 10, 10)
    assert len(log.bar.tasks) == 2
    log.progress("decode", 1, 10)
    assert [task.description for task in log.bar.tasks] == ["diarization: 10 %", "decode: 10 %"]
    log.close()
