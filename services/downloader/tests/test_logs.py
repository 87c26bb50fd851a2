"""What the stage says, and what it keeps to itself."""

import io
import json

from debate_downloader.logs import Log

SECRET = "keks-4711"


def test_a_secret_is_hidden_in_every_kind_of_line():
    for as_json in (True, False):
        stream = io.StringIO()
        log = Log("download", as_json=as_json, stream=stream)
        log.hide([SECRET, "1"])
        log.note(f"got {SECRET} 1")
        log.failed(KeyError(SECRET), 70)

        assert SECRET not in stream.getvalue()
        assert "got [hidden] 1" in stream.getvalue()


def test_progress_for_machines_is_at_most_one_line_a_second_and_ends_complete():
    stream = io.StringIO()
    log = Log("download", as_json=True, stream=stream)
    for done in range(101):
        log.progress("download", done, 100, "bytes")
    log.progress("download", 100, 100, "bytes")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]

    assert [line["done"] for line in lines] == [0, 100]


def test_an_unknown_total_is_null():
    stream = io.StringIO()
    Log("download", as_json=True, stream=stream).progress("download", 5, None, "bytes")

    assert json.loads(stream.getvalue())["total"] is None
