"""What happens to a request: what is known of its source, what is due, how it is handed in."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from debate_contract.errors import StageError, TemporaryFault, UsageFault

from debate_pipeline.aws.progress.states import is_at_rest
from debate_pipeline.aws.records.asked import (
    KNOWN_FOR,
    WHOLE,
    is_new,
    rest_of_grace,
    stages_of,
)
from debate_pipeline.aws.records.ledger import Ledger
from debate_pipeline.aws.records.lists import ListRecord
from debate_pipeline.aws.records.store import Entry, Lost
from debate_pipeline.aws.stack import INSTEAD
from debate_pipeline.aws.submission.due import describe_standing, due_stages
from debate_pipeline.aws.submission.ready import check_output, check_place, check_ready
from debate_pipeline.aws.submission.requests import LARGEST_ARRAY
from debate_pipeline.aws.submission.submitter import Submitter, lane_of, steps_of
from debate_pipeline.aws.submission.uploads import upload_file
from debate_pipeline.job.options import renew
from debate_pipeline.job.record import Job, State
from debate_pipeline.job.stages import VOCABULARY, Request
from debate_pipeline.many import Result
from debate_pipeline.terminal.display import Display

POLL = 3.0  # seconds between two looks at what another command hands in
TRIES = 3  # when others were quicker


class Intake:
    """Takes requests, one or many, and hands in what is due of them; `where` is that in words."""

    def __init__(self, where: str, ledger: Ledger, submitter: Submitter) -> None:
        self.where, self.ledger, self.submitter = where, ledger, submitter
        self.stack, self.batch, self.s3 = ledger.stack, ledger.clients.batch, ledger.clients.s3

    def run(self, request: Request, display: Display) -> Job:
        """Hand in what is due of the request; return the job that is under way or done, if any."""
        request = self._placed(request, display)
        return self._go_on(request, self._known(request, display), display)

    def _known(self, request: Request, display: Display) -> Entry | None:
        entry = self._settled([request.source], display)[request.source]
        return self.ledger.look([entry])[0] if entry and entry.of else entry

    def _settled(self, sources: list[str], display: Display) -> dict[str, Entry | None]:
        """Return what is known of the sources, once no other command may be handing them in."""
        deadline = time.monotonic() + rest_of_grace(0)
        entries = self.ledger.find_all(sources)
        while (rest := min(_rest(entries), deadline - time.monotonic())) > 0:
            display.note(f"another command is at it, or was stopped: waiting {rest:.0f} s at most")
            time.sleep(min(rest, POLL))
            entries = self.ledger.find_all(sources)
        return entries

    def _go_on(
        self, request: Request, entry: Entry | None, display: Display, tries: int = TRIES
    ) -> Job:
        """Hand in what is due after what is known of the request's source.

        Where another command has just begun to, go on after it: it may be stopped on the way.
        """
        due = due_stages(entry.job if entry else None, request)
        if entry and not due:
            standing = describe_standing(entry.job, request)
            display.note(f"job {entry.job.job_id} {self.where}: {standing}")
            return entry.job
        check_ready(self.batch, self.stack, lane_of(request), steps_of(request, due))
        try:
            job = self.submitter.submit(request, due, entry)
        except Lost:
            if tries == 1:
                raise TemporaryFault(f"others are handing in {request.source}; try again") from None
            request = replace(request, force=False)  # theirs is as new
            return self._go_on(request, self._known(request, display), display, tries - 1)
        display.note(f"job {job.job_id} {self.where}: handed in {', '.join(due)}")
        return job

    def run_many(
        self, sources: list[str], request_of: Callable[[str], Request], display: Display
    ) -> list[Result]:
        """Hand in all that are new as arrays, the others where they stopped."""
        results: dict[str, Result] = {}
        requests: dict[str, Request] = {}
        for source in sources:
            try:
                requests[source] = self._placed(request_of(source), display)
            except StageError as error:
                results[source] = Result(source, error.exit_code, str(error))
        results |= self._hand_in_many(requests, display)
        return [results[source] for source in sources]

    def _hand_in_many(self, requests: dict[str, Request], display: Display) -> dict[str, Result]:
        entries = self._settled([request.source for request in requests.values()], display)
        entries |= self._gone_on_with(entries, requests, display)
        entries |= self._repeated(entries, requests, display)
        entries |= self._seen_inside(entries)
        new = {s: r for s, r in requests.items() if _is_new(entries[r.source], r)}
        jobs = self._hand_in_new(new, display) if new else {}
        standing: Counter[str] = Counter()
        for source, request in requests.items():
            entry = entries[request.source]
            if source not in new and entry and not due_stages(entry.job, request):
                jobs[source] = entry.job
                standing[describe_standing(entry.job, request)] += 1
            elif source not in new:
                jobs[source] = self._go_on(request, entry, display)
        for words, count in standing.items():
            display.note(f"{count} of the list {self.where}: {words}")
        return {source: Result(source, message=f"job {job.job_id}") for source, job in jobs.items()}

    def _gone_on_with(
        self,
        entries: dict[str, Entry | None],
        requests: dict[str, Request],
        display: Display,
    ) -> dict[str, Entry | None]:
        """Hand in the rest of lists that were interrupted, where all of a list is asked for."""
        by_source = {request.source: request for request in requests.values()}
        lists = {entry.of.key: entry.of for entry in entries.values() if entry and entry.of}
        found: dict[str, Entry | None] = {}
        for record in lists.values():
            request = by_source.get(record.sources[0])
            if request and not request.force and _goes_on_as_one(record, entries):
                self._go_on_with(record, request, display)
                found |= _children(record)
        return found

    def _repeated(
        self,
        entries: dict[str, Entry | None],
        requests: dict[str, Request],
        display: Display,
    ) -> dict[str, Entry | None]:
        """Hand in a later stage of whole lists, where it is due of half of one or more."""
        due_of = {
            request.source: due_stages(entry.job, request)
            for request in requests.values()
            if (entry := entries[request.source]) and entry.of and not request.force
        }
        lists = {entry.of.key: entry.of for entry in entries.values() if entry and entry.of}
        found: dict[str, Entry | None] = {}
        for record in lists.values():
            if due := _due_of_most(record, entries, due_of):
                request = next(r for r in requests.values() if r.source == record.sources[0])
                check_ready(self.batch, self.stack, lane_of(request), due)
                self._ask_for_list(self.submitter.repeat_list, record, request, due)
                where = f"{len(record.sources)} recordings {self.where}"
                display.note(f"{where}: handed in {', '.join(due)} once more")
                found |= _children(record)
        return found

    def _go_on_with(self, record: ListRecord, request: Request, display: Display) -> None:
        due = tuple(stage for step in record.array.asked for stage in stages_of(step))
        check_ready(self.batch, self.stack, lane_of(request), steps_of(request, due))
        self._ask_for_list(self.submitter.hand_in_list, record, request, due)
        where = f"{len(record.sources)} recordings {self.where}"
        display.note(f"{where}: handed in {', '.join(due)}, which was interrupted before")

    @staticmethod
    def _ask_for_list(
        ask: Callable[[ListRecord, Request, tuple[str, ...]], None],
        record: ListRecord,
        request: Request,
        due: tuple[str, ...],
    ) -> None:
        try:
            ask(record, request, due)
        except Lost:
            raise TemporaryFault("another command is handing in the same list; try again") from None

    def _seen_inside(self, entries: dict[str, Entry | None]) -> dict[str, Entry | None]:
        """Return those whose whole job failed, with the stage at which it did."""
        unclear = [entry for entry in entries.values() if entry and _failed_as_a_whole(entry)]
        return {entry.job.source: entry for entry in self.ledger.look(unclear)}

    def _hand_in_new(self, new: dict[str, Request], display: Display) -> dict[str, Job]:
        first, *others = new.values()
        if not others:
            return {source: self.run(first, display) for source in new}
        check_ready(self.batch, self.stack, lane_of(first), steps_of(first, WHOLE))
        jobs = self.submitter.submit_arrays([*new.values()])
        arrays = -(-len(jobs) // LARGEST_ARRAY)
        how = "as one array job" if arrays == 1 else f"as {arrays} array jobs"
        display.note(f"{len(jobs)} recordings {how} {self.where}")
        return dict(zip(new, jobs, strict=True))

    def _placed(self, request: Request, display: Display) -> Request:
        """Return the request with its input where AWS can read it."""
        if request.place and not request.place.startswith("s3://"):
            raise UsageFault(f"Batch cannot see {request.place}: give an s3:// prefix; {INSTEAD}")
        if request.typed:  # Batch shows what a job was told to everybody who may look at jobs
            raise UsageFault(
                f"AWS would keep and show the password of {request.source}; {INSTEAD}, or give the "
                "stack cookies that open it"
            )
        check_place(request.place, self.stack)
        check_output(request.options, self.stack)
        request = self._with_vocabulary(request, display)
        if request.place or not request.source.startswith("/"):
            return request
        file = Path(request.source)
        return replace(request, source=upload_file(self.s3, self.stack.bucket, file, display))

    def _with_vocabulary(self, request: Request, display: Display) -> Request:
        file = request.options.get(VOCABULARY, "")
        if not file.startswith("/"):
            return request
        placed = upload_file(self.s3, self.stack.bucket, Path(file), display)
        return replace(request, options={**request.options, VOCABULARY: placed})


def _failed_as_a_whole(entry: Entry) -> bool:
    """Tell whether only the job of all stages is known to have failed, not which of them."""
    whole = any(record.batch and record.batch.container for record in entry.job.stages.values())
    return bool(entry.of) and whole and entry.job.state is State.FAILED


def _rest(entries: dict[str, Entry | None]) -> float:
    """Return the seconds in which another command may be handing any of these in."""
    open_ones = (entry for entry in entries.values() if entry and entry.job.asked)
    return max((rest_of_grace(entry.age) for entry in open_ones), default=0)


def _goes_on_as_one(record: ListRecord, entries: dict[str, Entry | None]) -> bool:
    """Tell whether Batch lacks steps of a list which can be handed in for all of it at once."""
    known = is_new(record.array) or record.age < KNOWN_FOR  # what they have to wait for
    own = (entries.get(source) for source in record.sources)
    return bool(record.array.asked) and known and all(e and e.of is record for e in own)


def _children(record: ListRecord) -> dict[str, Entry | None]:
    children = enumerate(record.sources)
    return {source: Entry(record.child(number), None, record) for number, source in children}


def _due_of_most(
    record: ListRecord,
    entries: dict[str, Entry | None],
    due_of: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """Return the later stages of a list that can be handed in for all of it at once, if any.

    They are due of half of it at least: what is done starts a container to find that out.
    """
    own = [entries.get(source) for source in record.sources]
    if record.array.asked or not all(e and e.of is record for e in own):
        return ()
    if not all(is_at_rest(stage) for stage in record.array.stages.values()):
        return ()
    counted = Counter(due_of.get(source, ()) for source in record.sources)
    later = [due for due in counted if due and due[0] != WHOLE[0]]
    most = max(later, key=lambda due: counted[due], default=())
    return most if 2 * counted[most] >= len(record.sources) else ()


def _is_new(entry: Entry | None, request: Request) -> bool:
    """Tell whether a request may go into an array, whose children all have the same options."""
    if entry is None or request.force:
        return True
    failed_early = due_stages(entry.job, request)[:1] == ("download",)
    return failed_early and entry.job.options == renew({}, request.options)
