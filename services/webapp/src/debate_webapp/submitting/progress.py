"""How far a job is: its record and the end of its stage's log (contracts/job), read and no more."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from debate_webapp.incoming.texts import one_line
from debate_webapp.submitting.runs import read_tail

MOST_LINES = 8
LONGEST_LINE = 500
_PAGE = re.compile(r"/debates/[0-9]{1,10}\Z")
_JOB = re.compile(r"[A-Za-z0-9._-]{1,120}\Z")
# As the log's events and steps are called there; people read these.
STAGES = {
    "download": "Download",
    "transcribe": "Transcription",
    "stats": "Figures",
    "register": "Registration",
}
STEPS = {
    "download": "fetching the recording",
    "examination": "looking through the file",
    "conversion": "making it playable",
    "decode": "reading the sound",
    "voice_activity": "finding where somebody speaks",
    "recognition": "writing down what is said",
    "diarization": "telling the voices apart",
    "merge": "putting words and voices together",
    "statistics": "counting",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """What a page shows of a job under way. `share` is of the step, 0 to 1; seconds."""

    stage: str
    number: int
    stages: int
    step: str
    share: float | None
    rate: str
    seconds_left: float | None
    lines: tuple[str, ...]


def job_folder(root: str, job_id: str) -> Path | None:
    """Where a job of the store is; None for a name that cannot be one."""
    is_name = _JOB.match(job_id) and job_id[0] != "."
    return Path(root, "jobs", job_id) if is_name else None


def read_progress(folder: Path) -> Progress | None:
    """How far a job is; None where it says nothing yet."""
    stages = _stages(folder)
    if not stages:
        return None
    number = next((at for at, one in enumerate(stages) if one.get("state") != "done"), None)
    number = len(stages) - 1 if number is None else number
    name = str(stages[number].get("name"))
    events = _events(folder / "logs" / f"{Path(name).name}.jsonl")
    step: dict[str, Any] = next(
        (one for one in reversed(events) if one.get("event") == "progress"), {}
    )
    ended = stages[number].get("state") in ("done", "failed")
    return Progress(
        stage=STAGES.get(name, name),
        number=number + 1,
        stages=len(stages),
        step=step_in_words(str(step.get("step") or step.get("message") or "")),
        share=1.0 if ended else _share(step),
        rate=_rate(step),
        seconds_left=_number(step.get("seconds_left")),
        lines=_lines(events),
    )


def step_in_words(step: str) -> str:
    """What a job does just now, for people; a step that is new here by its own name."""
    return STEPS.get(step) or one_line(step.replace("_", " "), 80)


def stamps(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of the files that `read_progress` reads: the same, it says the same."""
    files = (folder / "job.json", *sorted((folder / "logs").glob("*.jsonl")))
    found = []
    for file in files:
        with suppress(OSError):
            facts = file.stat()
            found.append((file.name, facts.st_size, facts.st_mtime_ns))
    return found


def read_page(folder: Path) -> str:
    """The path of the debate that a job became, as its last stage said; empty without one."""
    for event in reversed(_events(folder / "logs" / "register.jsonl")):
        outputs = event.get("outputs")
        if event.get("event") == "finished" and isinstance(outputs, list) and outputs:
            return str(outputs[0]) if _PAGE.match(str(outputs[0])) else ""
    return ""


def _stages(folder: Path) -> list[dict[str, Any]]:
    try:
        record = json.loads((folder / "job.json").read_text("utf-8"))
        stages = record["stages"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [one for one in stages if isinstance(one, dict)] if isinstance(stages, list) else []


def _events(log: Path) -> list[dict[str, Any]]:
    """The log's last events; what a library printed between them counts as one."""
    return [_event(line) for line in read_tail(log).splitlines() if line.strip()]


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    return event if isinstance(event, dict) else {"event": "output", "message": line}


def _lines(events: list[dict[str, Any]]) -> tuple[str, ...]:
    """What was said last.

    A step is said once, however often it was told how far it is: in an hour of recognition nothing
    else may be said.
    """
    steps = (str(one.get("step")) if one.get("event") == "progress" else "" for one in events)
    said = [(step, "" if step else _line(one)) for step, one in zip(steps, events, strict=True)]
    return tuple(line or step_in_words(step) for (step, line), _ in groupby(said))[-MOST_LINES:]


def _line(event: dict[str, Any]) -> str:
    return one_line(str(event.get("message") or ""), LONGEST_LINE)


def _share(step: dict[str, Any]) -> float | None:
    done, total = _number(step.get("done")), _number(step.get("total"))
    return None if done is None or not total else max(0.0, min(1.0, done / total))


def _rate(step: dict[str, Any]) -> str:
    rate, unit = _number(step.get("rate")), str(step.get("unit") or "")
    if rate is None:
        return ""
    if unit == "s":
        return f"{rate:.1f}\N{MULTIPLICATION SIGN} real time"
    return f"{rate / 1e6:.1f} MB/s" if unit == "bytes" else f"{rate:.1f} {unit}/s"


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1e15 else None  # type: ignore[arg-type]
