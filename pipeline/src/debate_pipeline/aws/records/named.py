"""Jobs by their ids.

A record lies under its source, not its id. Of a whole id Batch still knows which source it was
handed in with, or under which name, which a list's record has too: no other record is read. For a
part of an id, or where Batch has forgotten, all are.
"""

import re
from functools import cached_property
from typing import Any

from debate_contract.errors import InputNotFound

from debate_pipeline.aws.progress.cost import containers_of
from debate_pipeline.aws.progress.states import Detail, describe_jobs
from debate_pipeline.aws.records.asked import ids_of, token_of
from debate_pipeline.aws.records.ledger import Ledger
from debate_pipeline.aws.records.lists import ListRecord
from debate_pipeline.aws.records.store import Entry
from debate_pipeline.job.record import Job

UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ID = re.compile(rf"({UUID})(?:-(\d+))?")
SOURCES = ("VIDEO_URL", "VIDEO_S3_PREFIX", "TRANSCRIPTS_S3_PREFIX")


def find_named(ledger: Ledger, ids: list[str]) -> dict[str, Job]:
    """Return, by id, those of the jobs that are found so, as they stand now; some may not be.

    A list has an id in Batch for each stage; an alarm names that of its last.

    Calls: two for a hundred jobs, and a read or two for each.
    """
    asked = [match for job_id in ids if (match := ID.fullmatch(job_id))]
    details = describe_jobs(ledger.clients.batch, sorted({match[1] for match in asked}))
    arrays = {job_id for job_id, detail in details.items() if "arrayProperties" in detail}
    told = {job_id: _source(details[job_id]) for job_id in details.keys() - arrays}
    sources = {job_id: source for job_id, source in told.items() if source}
    tokens = {token_of(details[job_id]["jobName"]) for job_id in arrays}
    lists = {record.array_id: record for record in ledger.lists(sorted(tokens))}
    children = [child for match in asked if (child := _child(lists, match))]
    wanted = {*sources.values(), *(child.source for child in children)}
    own = {entry.job.job_id: entry.job for entry in ledger.own(sorted(wanted))}
    listed = [Entry(job, None) for job in children if job.job_id not in own]
    rows = {array_id: record.row() for array_id, record in lists.items()}
    rows |= {array_id: row for row in rows.values() for array_id in ids_of(row)}
    return rows | {entry.job.job_id: entry.job for entry in ledger.look(listed)} | own


def _source(detail: Detail) -> str:
    """Return what a job of Batch was handed in with; nothing for one with a list of sources."""
    told = {pair["name"]: pair["value"] for one in containers_of(detail) for pair in _pairs(one)}
    return next((told[name] for name in SOURCES if name in told), "")


def _pairs(container: dict[str, Any]) -> list[dict[str, str]]:
    return list(container.get("environment", []))


def _child(lists: dict[str, ListRecord], asked: re.Match[str]) -> Job | None:
    record, number = lists.get(asked[1]), int(asked[2] or -1)
    return record.child(number) if record and 0 <= number < len(record.sources) else None


class Search:
    """Looks through all records, which it reads once."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    @cached_property
    def _own(self) -> list[Entry]:
        return self.ledger.store.all()

    @cached_property
    def _lists(self) -> list[ListRecord]:
        return self.ledger.lists()

    def job(self, part: str) -> Job:
        """Return the job whose id contains `part`, the newest when it is empty; a list by its id.

        Raises `InputNotFound` when there is none, and when there are several.
        """
        if not self._own and not self._lists:
            raise InputNotFound("there are no jobs yet")
        lists = {record.array_id: record for record in self._lists}
        return lists[part].row() if part in lists else self._to_the_last_detail(self._entry(part))

    def _to_the_last_detail(self, entry: Entry) -> Job:
        look = self.ledger.look if entry.of else self.ledger.refresh
        return look([entry])[0].job

    def _entry(self, part: str) -> Entry:
        found = {e.job.job_id: e for e in reversed(self._own) if part in e.job.job_id}
        for record in reversed(self._lists):
            for number, job_id in record.matching(part):
                found.setdefault(job_id, Entry(record.child(number), None, record))
        if part in found:
            return found[part]
        if not found:
            raise InputNotFound(f"no job's id contains '{part}'; `debate status` lists them")
        if part and len(found) > 1:
            raise InputNotFound(f"'{part}' fits {len(found)} jobs; give more of the id")
        return max(found.values(), key=lambda entry: (entry.job.created_at, entry.job.job_id))
