"""The records of submissions, brought up to date with what Batch knows."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from debate_pipeline.aws.clients import THREADS, Clients
from debate_pipeline.aws.progress.artefacts import folder_of, list_results, stages_with_results
from debate_pipeline.aws.progress.states import Detail, describe_jobs, enter_details, is_at_rest
from debate_pipeline.aws.progress.streams import StreamReader
from debate_pipeline.aws.records.arrays import (
    describe_arrays,
    enter_arrays,
    settle_forgotten,
)
from debate_pipeline.aws.records.asked import enter_found
from debate_pipeline.aws.records.lists import ListRecord
from debate_pipeline.aws.records.store import Entry, Lost, SubmissionStore
from debate_pipeline.aws.stack import Stack
from debate_pipeline.job.record import Job, StageRecord, State

# Batch knows a job for some days after its end; one younger than this it just does not know yet.
SURELY_KNOWN = timedelta(hours=1)


@dataclass(frozen=True)
class Ledger:
    """Finds the jobs of sources, and all of them, as they stand now."""

    stack: Stack
    clients: Clients
    store: SubmissionStore

    def find(self, source: str) -> Entry | None:
        """Return the record of a source as it stands now, to the last detail."""
        entry = self.find_all([source])[source]
        return self.look([entry])[0] if entry and entry.of else entry

    def find_all(self, sources: list[str]) -> dict[str, Entry | None]:
        """Return the records of several sources; of those in lists what can be told of the whole.

        The newer of a source's own record and its lists' is the one that holds.
        """
        own = self.store.read_many(sources)
        known = {entry.job.source: entry for entry in self.refresh([*own.values()])}
        listed = self._listed({*sources}, known)
        return {source: listed.get(source) or known.get(source) for source in sources}

    def _listed(self, sources: set[str], own: dict[str, Entry]) -> dict[str, Entry]:
        """Return those of the sources whose newest submission was in a list."""
        found: dict[str, Entry] = {}
        for record in self.lists():
            for source, number in record.children():
                before = own.get(source)
                newer = before is None or before.job.created_at < record.array.created_at
                if source in sources and source not in found and newer:
                    etag = before.etag if before else None
                    found[source] = Entry(record.child(number), etag, record, record.age)
        return found

    def own(self, sources: list[str]) -> list[Entry]:
        """Return the sources' own records as they stand now, a read for each."""
        return self.refresh(self.store.read_each(sources))

    def lists(self, tokens: list[str] | None = None) -> list[ListRecord]:
        """Return every list, or those with these tokens, as Batch knows it now.

        What came to rest is kept in the records.
        """
        batch, records = self.clients.batch, self.store.lists(tokens)
        found = {record.key for record in records if enter_found(batch, record.array, record.age)}
        details = describe_arrays(batch, records)
        for record in records:
            came_to_rest = enter_arrays(batch, record, details)
            forgotten = settle_forgotten(self.clients.s3, self.stack.bucket, record, details)
            if (came_to_rest or forgotten or record.key in found) and not record.array.asked:
                with suppress(Lost):  # who was quicker has entered the same
                    self.store.write_list(record)
        return records

    def look(self, entries: list[Entry]) -> list[Entry]:
        """Return children of lists to the last detail, as far as Batch still knows them."""
        ids = {
            record.batch.job_id
            for entry in entries
            for record in entry.job.stages.values()
            if record.batch
        }
        details, now = describe_jobs(self.clients.batch, sorted(ids)), datetime.now(UTC)
        for entry in entries:
            for stage, record in entry.job.stages.items():
                if record.batch and record.batch.job_id in details:
                    entry.job.stages[stage] = StageRecord(
                        options=record.options, batch=record.batch
                    )
        changed = [enter_details(entry.job, details, now) for entry in entries]
        with ThreadPoolExecutor(THREADS) as pool:
            return [*pool.map(self._kept, entries, changed)]

    def refresh(self, entries: list[Entry]) -> list[Entry]:
        """Return the entries as Batch knows them now; what came to rest is kept in the records."""
        batch = self.clients.batch
        found = [enter_found(batch, entry.job, entry.age) for entry in entries]
        open_ids = {
            record.batch.job_id
            for entry in entries
            for record in entry.job.stages.values()
            if record.batch and not is_at_rest(record)
        }
        details, now = describe_jobs(batch, sorted(open_ids)), datetime.now(UTC)
        entered = [self._enter(entry.job, details, now) for entry in entries]
        changed = [one or other for one, other in zip(found, entered, strict=True)]
        with ThreadPoolExecutor(THREADS) as pool:
            return [*pool.map(self._kept, entries, changed)]

    def _enter(self, job: Job, details: dict[str, Detail], now: datetime) -> bool:
        """Tell whether a stage came to rest."""
        came_to_rest = enter_details(job, details, now)
        return self._settle_forgotten(job, details, now) or came_to_rest

    def _settle_forgotten(self, job: Job, details: dict[str, Detail], now: datetime) -> bool:
        """Judge by their results the stages that Batch no longer knows; tell whether any was."""
        lost = {
            stage: record
            for stage, record in job.stages.items()
            if record.batch and not is_at_rest(record) and record.batch.job_id not in details
        }
        if not lost or now - datetime.fromisoformat(job.created_at) < SURELY_KNOWN:
            return False
        folder = folder_of(job, self.stack)
        done = stages_with_results(list_results(self.clients.s3, self.stack.bucket, folder))
        for stage, record in lost.items():
            record.state = State.DONE if stage in done else State.INTERRUPTED
            record.message = "Batch no longer knows the job"
        return True

    def _kept(self, entry: Entry, changed: bool) -> Entry:
        if not changed or entry.job.asked:  # which somebody may be handing in at this moment
            return entry
        for record in entry.job.stages.values():
            if record.state is State.FAILED and record.batch and record.exit_code:
                reader = StreamReader(self.clients.logs, self.stack.log_group)
                said = reader.last_sentence(record.batch.streams)
                record.message = said or record.message
        with suppress(Lost):  # who was quicker has entered the same
            return self.store.write(entry.job, entry.etag)
        return entry
