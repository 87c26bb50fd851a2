"""How far jobs are, as one JSON document for programs: contracts/status."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from debate_pipeline import __version__
from debate_pipeline.job.follow import Event, newest_progress
from debate_pipeline.job.record import AT_REST, Job, StageRecord, State, utc_now

SCHEMA_VERSION = "1.0"
MOST_LINES = 8
LONGEST_LINE = 500
Said = Mapping[tuple[str, str], Sequence[Event]]  # by job and stage: the last that it said


def to_report(
    backend: str,
    cost_basis: str | None,
    jobs: list[Job],
    said: Said,
    missing: Any,
    left_out: int,
) -> dict[str, Any]:
    """Return the document for jobs of one backend; `missing` has a sentence for each unknown id."""
    return {
        "schema_version": SCHEMA_VERSION,
        "producer": {"name": "debate-pipeline", "version": __version__},
        "created_at": utc_now(),
        "backend": backend,
        "cost_basis": cost_basis,
        "jobs": [_job(job, said) for job in jobs],
        "left_out": left_out,
        "missing": [{"job_id": part, "message": why} for part, why in missing.items()],
    }


def _job(job: Job, said: Said) -> dict[str, Any]:
    records = [*job.stages.values()]
    began = [record.started_at for record in records if record.started_at]
    ended = [record.finished_at for record in records if record.finished_at]
    return {
        "job_id": job.job_id,
        "source": job.source,
        "recordings": job.recordings,
        "state": job.state,
        "stage": job.current,
        "created_at": job.created_at,
        "started_at": min(began, default=None),
        "finished_at": max(ended, default=None) if job.state in AT_REST else None,
        "message": job.stages[job.current].message,
        "cost_estimate_usd": job.cost,
        "stages": [
            _stage(name, record, said.get((job.job_id, name), ()), job.recordings > 1)
            for name, record in job.stages.items()
        ],
    }


def _stage(name: str, record: StageRecord, events: Sequence[Event], listed: bool) -> dict[str, Any]:
    kept = ("state", "attempts", "started_at", "finished_at", "exit_code", "message")
    facts = asdict(record)
    newest = newest_progress(events) if record.state is State.RUNNING else None
    return {
        "name": name,
        **{field: facts[field] for field in kept},
        "progress": _progress(newest) if newest else None,
        "lines": _lines(events),
        "counts": (record.batch.counts or None) if record.batch else None,
        "cost_estimate_usd": record.batch.cost if record.batch and not listed else None,
    }


def _lines(events: Sequence[Event]) -> list[str]:
    """Return the last words of a log, without how far it was."""
    words = [event.message for event in events if event.kind != "progress" and event.message]
    return [line[:LONGEST_LINE] for line in words[-MOST_LINES:]]


def _progress(event: Event) -> dict[str, Any]:
    known = event.done is not None and event.total is not None and event.total > 0
    return {
        "step": event.step,
        "message": event.message,
        "done": event.done,
        "total": event.total,
        "unit": event.unit,
        "fraction": max(0.0, min((event.done or 0) / (event.total or 1), 1.0)) if known else None,
    }
