import json
from itertools import islice

import pytest
from debate_pipeline.job.follow import Event, Outcome, parse_event, read_events, read_outcome, tail
from debate_pipeline.job.record import State


def line(event, message="", **more):
    return json.dumps({"event": event, "message": message, **more}) + "\n"


def test_a_progress_line_is_read_whole():
    text = (
        '{"time": "2026-11-22T20:00:00.000Z", "level": "info", "stage": "transcribe",'
        ' "event": "progress", "message": "recognising speech", "step": "recognition",'
        ' "done": 42.0, "total": 118.4, "unit": "s", "colour": "red"}'
    )

    assert parse_event(text) == Event(
        kind="progress",
        message="recognising speech",
        time="2026-11-22T20:00:00.000Z",
        level="info",
        step="recognition",
        done=42.0,
        total=118.4,
        unit="s",
    )


@pytest.mark.parametrize("text", ["Traceback (most recent)", "[1, 2]", '{"a": 1}', "12", "{"])
def test_a_line_that_is_not_ours_is_output(text):
    assert parse_event(text) == Event("output", text)


def test_what_is_nested_too_deep_is_output():
    assert parse_event("[" * 100_000).kind == "output"


def test_half_a_character_is_printed_as_a_question_mark():
    event = parse_event(line("failed", "caf\udce9.mp4 is no recording"))

    assert event.message == "caf?.mp4 is no recording"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1" + "0" * 400, '"7"'])
def test_what_other_programs_read_as_no_number_is_none(number):
    event = parse_event(f'{{"event": "progress", "done": {number}, "total": 10}}')

    assert (event.done, event.total) == (None, 10)


def test_a_log_is_followed_while_it_grows_and_half_a_line_waits_for_its_rest(tmp_path):
    log = tmp_path / "log"
    log.write_text("before\n")
    parts = iter([line("started"), '{"event": "no', 'te"}\nlast, without an end'])

    def write_more() -> bool:
        part = next(parts, None)
        with log.open("a") as stream:
            stream.write(part or "")
        return part is not None

    events = tail(log, write_more, start=len("before\n"))

    assert [event.kind for event in islice(events, 2)] == ["started", "note"]
    assert list(events) == [Event("output", "last, without an end")]


def test_bytes_that_are_no_text_do_not_stop_the_reader(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"\xff\xfe\n\n" + line("finished").encode())

    assert [event.kind for event in read_events(log)] == ["output", "finished"]


FAILED = line("failed", "It is no video.", exit_code=65)
FINISHED = line("finished", "All well.")


@pytest.mark.parametrize(
    ("text", "exit_code", "expected"),
    [
        (FINISHED, 0, Outcome(State.DONE, 0, "All well.")),
        ("", 0, Outcome(State.DONE, 0, "")),
        (FAILED, 65, Outcome(State.FAILED, 65, "It is no video.")),
        (FINISHED + "boom\n", 70, Outcome(State.FAILED, 70, "boom")),
        ("", 70, Outcome(State.FAILED, 70, "it said nothing")),
        ("", -15, Outcome(State.INTERRUPTED, 75, "it was killed by SIGTERM")),
        (FINISHED, None, Outcome(State.DONE, 0, "All well.")),
        (FAILED, None, Outcome(State.FAILED, 65, "It is no video.")),
        (line("progress"), None, Outcome(State.INTERRUPTED, None, "the stage was stopped")),
    ],
)
def test_how_an_attempt_ended_is_told_by_its_exit_code_and_its_log(
    tmp_path, text, exit_code, expected
):
    log = tmp_path / "log"
    log.write_text(line("failed", "an attempt before", exit_code=75) + text)

    start = len(log.read_text()) - len(text)

    assert read_outcome(log, start, exit_code) == expected
