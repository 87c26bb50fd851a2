"""Jobs and their logs as tables and lines."""

from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from rich.table import Table

from debate_pipeline.job.follow import Event
from debate_pipeline.job.record import Job
from debate_pipeline.terminal.display import describe_progress


def jobs_table(jobs: list[Job], now: datetime) -> Table:
    """Return one row and one line per job: where room is short, the message gives way."""
    table = Table(box=None, pad_edge=False)
    costs = [format_cost(job) for job in jobs]
    for column in ("job", "source", "stage", "state", "age", *["cost"] * any(costs), "message"):
        short = column in ("source", "message")
        table.add_column(column, no_wrap=True, overflow="ellipsis", ratio=1 if short else None)
    for job, cost in zip(jobs, costs, strict=True):
        record, age = job.stages[job.current], format_age(job.created_at, now)
        where = (job.job_id, shorten_source(job.source), job.current, record.state, age)
        table.add_row(*where, *[cost] * any(costs), record.message)
    return table


def format_cost(job: Job) -> str:
    """Return what a job in Batch has cost so far, about; nothing for others."""
    return "" if job.cost is None else _dollars(job.cost)


def _dollars(amount: float) -> str:
    return f"~${amount:.2f}"


def stages_table(job: Job) -> Table:
    """Return one row per stage of a job."""
    in_batch = job.cost is not None
    table = Table(box=None, pad_edge=False)
    columns = ("stage", "state", "attempts", "took", *["cost"] * in_batch, "exit", "message")
    for column in columns:
        table.add_column(column)
    for name, record in job.stages.items():
        code = "" if record.exit_code is None else str(record.exit_code)
        took = _took(record.started_at, record.finished_at)
        cost = [_dollars(record.batch.cost) if record.batch else ""] * in_batch
        attempts = str(record.attempts)
        table.add_row(name, record.state, attempts, took, *cost, code, record.message)
    return table


def shorten_source(source: str) -> str:
    """Return what tells one source from another: a file's name, a URL without its scheme."""
    parts = urlsplit(source)
    if parts.scheme in ("http", "https"):
        return source.removeprefix(f"{parts.scheme}://")
    return unquote(parts.path.rpartition("/")[2]) or source


def format_age(since: str, now: datetime) -> str:
    """Return the time since then in one unit: 12 s, 5 min, 3 h, 2 d."""
    seconds = (now - datetime.fromisoformat(since)).total_seconds()
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def _took(start: str | None, end: str | None) -> str:
    if start is None:
        return ""
    until = datetime.fromisoformat(end) if end else datetime.now(UTC)
    return format_age(start, until)


def log_line(stage: str, event: Event) -> str:
    """Return an event as a line: its local time, its stage, what it says."""
    text = describe_progress(event) if event.kind == "progress" else event.message
    mark = "" if event.kind in ("progress", "note", "output") else f"{event.kind}: "
    moment = _local_time(event.time)
    return f"{moment} {stage:<10} {mark}{text}".strip()


def _local_time(moment: str) -> str:
    """Return the clock time, blank for a line that carries none."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone():%H:%M:%S}"
    except ValueError:
        return " " * len("00:00:00")
