"""What `debate status --json` says of a job (contracts/status), as the page shows it. Pure."""

import json
from typing import Any

from debate_webapp.incoming.texts import one_line
from debate_webapp.submitting.progress import (
    LONGEST_LINE,
    MOST_LINES,
    STAGES,
    Progress,
    step_in_words,
)
from debate_webapp.submitting.runs import LONGEST_SENTENCE

Report = dict[str, Any]
# Of ten jobs it is some ten thousand.
MOST_BYTES = 4_000_000
_VERSION = "1"
_LONGEST_NAME = 120
_MOST_STAGES = 20


def parse_reports(document: bytes) -> tuple[dict[str, Report], dict[str, str]]:
    """Reports by job id, and a sentence for each id that is unknown. Raises ValueError.

    What strangers wrote is in it, such as a recording's title: no text comes through that a
    database or a page cannot bear, and no number that is none.
    """
    try:
        read = json.loads(document)
        if (version := str(read.get("schema_version", _VERSION))).partition(".")[0] != _VERSION:
            raise ValueError(f"its schema version is {version}, and the site reads 1.x only")
        basis = _text(read["cost_basis"])
        reports = {str(job["job_id"]): _report(job, basis) for job in read["jobs"]}
        missing = {str(one["job_id"]): _text(one["message"]) for one in read["missing"]}
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is no status of jobs ({error!r})") from error
    return reports, missing


def _report(job: Report, basis: str) -> Report:
    stages = [_stage(stage) for stage in job["stages"][:_MOST_STAGES]]
    if not stages:
        raise KeyError("stages")
    names = {name: _text(job[name], _LONGEST_NAME) for name in ("job_id", "state", "stage")}
    cost = _number(job["cost_estimate_usd"], 1e9)
    said = {"message": _text(job["message"]), "cost_estimate_usd": cost, "cost_basis": basis}
    return names | said | {"stages": stages}


def _stage(stage: Report) -> Report:
    names = {name: _text(stage[name], _LONGEST_NAME) for name in ("name", "state")}
    return names | {"progress": _progress(stage["progress"])} | _lines(stage)


def _progress(progress: Report | None) -> Report | None:
    if progress is None:
        return None
    step = _text(progress["step"], _LONGEST_NAME)
    return {"step": step, "fraction": _number(progress["fraction"], 1.0)}


def _text(value: object, most: int = LONGEST_SENTENCE) -> str:
    return "" if value is None else one_line(str(value), most)


def _number(value: object, most: float) -> float | None:
    """One from 0 to `most`; None for what is another, or none, as NaN is."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_known = is_number and 0 <= value <= most  # type: ignore[operator]
    return value if is_known else None  # type: ignore[return-value]


def _lines(stage: Report) -> dict[str, list[str]]:
    """The last that it said, as lines of text; a front door of before does not tell."""
    given = stage.get("lines") or []
    return {"lines": [_text(line, LONGEST_LINE) for line in given][-MOST_LINES:]}


def progress_of(report: Report) -> Progress:
    """How far the job is: the stage worth showing, and what it waits for or does."""
    names = [stage["name"] for stage in report["stages"]]
    at = names.index(report["stage"]) if report["stage"] in names else 0
    step = report["stages"][at]["progress"] or {}
    return Progress(
        stage=STAGES.get(names[at], names[at]),
        number=at + 1,
        stages=len(names),
        step=step_in_words(step.get("step") or "") or report["message"],
        share=step.get("fraction"),
        rate="",
        seconds_left=None,
        lines=tuple(report["stages"][at].get("lines", ())),
    )


def cost_of(report: Report | None) -> str:
    """What the job has cost so far, about; nothing where that is not known."""
    dollars = report["cost_estimate_usd"] if report else None
    if dollars is None:
        return ""
    return f"about ${dollars:.2f}" if dollars >= 0.01 else "less than a cent"
