"""What `debate status --json` answers, read as what strangers wrote."""

import json
import math
from typing import Any

import pytest
from debate_webapp.submitting.away.report import cost_of, parse_reports, progress_of
from jobs_elsewhere import Elsewhere, report


@pytest.mark.parametrize(
    "document",
    [
        b"", b"[]", b"{}", b'{"cost_basis": "", "jobs": [{}]}', b"[" * 100_000, b"7",
        b'{"schema_version": "2.0", "cost_basis": "", "jobs": [], "missing": []}',
        b'{"cost_basis": "", "jobs": "all", "missing": []}',
    ],
)  # fmt: skip
def test_what_is_no_status_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"no status of jobs|Expecting value|reads 1\.x only"):
        parse_reports(document)


@pytest.mark.parametrize(
    "wrong",
    [
        {"stages": []}, {"stages": "download"}, {"stages": [{"name": "download"}]},
        {"stages": [{"name": "download", "state": "running", "progress": "half"}]},
    ],
)  # fmt: skip
def test_what_no_page_could_show_is_refused(wrong: dict[str, Any]) -> None:
    jobs = [report() | {"job_id": "7"} | wrong]
    with pytest.raises(ValueError, match="no status of jobs"):
        parse_reports(json.dumps({"cost_basis": "", "jobs": jobs, "missing": []}).encode())


@pytest.mark.parametrize(
    "number", [math.nan, math.inf, -1.0, pytest.param(10**400, id="1e400"), True, "1", [1]]
)
def test_a_number_that_is_none_is_not_known(number: object) -> None:
    job = report() | {"job_id": "7", "cost_estimate_usd": number}
    job["stages"][1]["progress"]["fraction"] = number
    document = json.dumps({"cost_basis": None, "jobs": [job], "missing": []}).encode()

    found = parse_reports(document)[0]["7"]

    assert cost_of(found) == ""
    share = progress_of(found).share
    assert share is None or share == number


def test_what_strangers_wrote_is_kept_as_one_line_that_every_database_bears(
    elsewhere: Elsewhere,
) -> None:
    (job_id,) = elsewhere.hand_in("council")
    said = "half \ud800, none \0, \x1b[31mred\x1b[0m,\u202e turned\n" + "on and on " * 10_000
    elsewhere.say(**{job_id: report("failed", "download", message=said)})

    elsewhere.look()

    row = elsewhere.row(1)
    assert row.message.startswith("half , none , red, turned on and on")
    assert len(row.message) <= 3000
    assert row.report
    assert row.report["message"] == row.message


@pytest.mark.parametrize(
    ("dollars", "words"), [(None, ""), (0.0, "less than a cent"), (0.01, "about $0.01")]
)
def test_what_it_cost_is_said_in_words(dollars: float | None, words: str) -> None:
    assert cost_of({"cost_estimate_usd": dollars}) == words
