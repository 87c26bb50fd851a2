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

Report = dict[str, Any]
_OF_JOB = ("job_id", "state", "stage", "message", "cost_estimate_usd")
_OF_STAGE = ("name", "state", "progress")


def parse_reports(document: bytes) -> tuple[dict[str, Report], dict[str, str]]:
    """Reports by job id, and a sentence for each id that is unknown. Raises ValueError."""
    try:
        read = json.loads(document)
        basis = read["cost_basis"] or ""
        reports = {job["job_id"]: _report(job, basis) for job in read["jobs"]}
        missing = {one["job_id"]: str(one["message"]) for one in read["missing"]}
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"it is no status of jobs ({error!r})") from error
    return reports, missing


def _report(job: Report, basis: str) -> Report:
    stages = [{name: stage[name] for name in _OF_STAGE} | _lines(stage) for stage in job["stages"]]
    return {name: job[name] for name in _OF_JOB} | {"stages": stages, "cost_basis": basis}


def _lines(stage: Report) -> dict[str, list[str]]:
    """The last that it said, as lines of text; a front door of before does not tell."""
    given = stage.get("lines") or []
    return {"lines": [one_line(str(line), LONGEST_LINE) for line in given][-MOST_LINES:]}


def progress_of(report: Report) -> Progress:
    """How far the job is: the stage worth showing, and what it waits for or does."""
    names = [stage["name"] for stage in report["stages"]]
    at = names.index(report["stage"]) if report["stage"] in names else 0
    step = report["stages"][at]["progress"] or {}
    return Progress(
        stage=STAGES.get(names[at], names[at]),
        number=at + 1,
        stages=len(names),
        step=step_in_words(str(step.get("step") or "")) or str(report["message"]),
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
