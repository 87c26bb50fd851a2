"""A list that was submitted as arrays: one record for all of it, however long it is.

`submissions/lists/<token>.json` holds the sources, the array job of each stage and which of its
children failed; a source's own job is worked out from that. The token ends the names of the
arrays. A child that is handed in again, or looked at by itself, gets a record of its own
(`store.py`), which comes before its list's.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from debate_pipeline.job.record import Job, State, parse_document, to_document

FOLDER = "submissions/lists/"
INDEX = "{index}"


@dataclass
class ListRecord:
    """An array per stage: `array` is the job of a child whose number is left open.

    `failed` says of each stage which children failed at it, and why; `key` is where the record
    lies in the bucket, `age` how many seconds ago it was written.
    """

    array: Job
    sources: list[str]
    failed: dict[str, dict[int, str]] = field(default_factory=dict)
    etag: str | None = None
    key: str = ""
    age: float = 0.0

    @property
    def array_id(self) -> str:
        """The id of the list as a whole: its first array's."""
        return self.array.job_id.removesuffix(f"-{INDEX}")

    @property
    def token(self) -> str:
        """What ends the names of its arrays, and of no other job."""
        return token_of_key(self.key)

    def child(self, number: int) -> Job:
        """Return the job of one source, as far as it can be told from the whole."""
        job = deepcopy(self.array)
        job.job_id = self.array.job_id.replace(INDEX, str(number))
        job.source = self.sources[number]
        for stage, record in job.stages.items():
            reason = self.failed.get(stage, {}).get(number)
            if record.batch:
                record.batch.job_id += f":{number}"
            if reason is not None:
                interrupted = record.state is State.INTERRUPTED
                record.state = State.INTERRUPTED if interrupted else State.FAILED
                record.message = reason
            elif record.batch and record.state in (State.FAILED, State.INTERRUPTED):
                record.state, record.message = State.DONE, ""
        return job

    def children(self) -> Iterator[tuple[str, int]]:
        """Yield every source and its number."""
        yield from ((source, number) for number, source in enumerate(self.sources))

    def matching(self, part: str) -> Iterator[tuple[int, str]]:
        """Yield the number and the id of every child whose id contains a text; of "" the last."""
        numbers = range(len(self.sources)) if part else (len(self.sources) - 1,)
        for number in numbers:
            job_id = self.array.job_id.replace(INDEX, str(number))
            if part in job_id:
                yield number, job_id

    def failed_children(self) -> list[int]:
        """Return the numbers of those that failed at any stage."""
        return sorted({number for failed in self.failed.values() for number in failed})

    def row(self) -> Job:
        """Return the list as one job, to be shown in a line."""
        shown = deepcopy(self.array)
        shown.job_id, shown.recordings = self.array_id, len(self.sources)
        shown.source = f"{len(self.sources)} recordings"
        return shown


def key_of_list(token: str) -> str:
    """Return where the record of a list lies in the bucket."""
    return f"{FOLDER}{token}.json"


def token_of_key(key: str) -> str:
    """Return the token of a list whose record lies there."""
    return key.removeprefix(FOLDER).removesuffix(".json")


def to_body(record: ListRecord) -> bytes:
    """Return the record as it lies in the bucket."""
    failed = {stage: {str(n): why for n, why in of.items()} for stage, of in record.failed.items()}
    document = to_document(record.array) | {"sources": record.sources, "failed": failed}
    return json.dumps(document, ensure_ascii=False).encode()


def parse_body(document: dict[str, Any]) -> ListRecord:
    """Return the record of a document; raises what `parse_document` raises."""
    failed = {
        stage: {int(number): str(why) for number, why in of.items()}
        for stage, of in document["failed"].items()
    }
    return ListRecord(parse_document(document), list(document["sources"]), failed)
