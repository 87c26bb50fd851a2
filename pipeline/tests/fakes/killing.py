"""Commands that die at a call to AWS, and what Batch is left with."""

from contextlib import contextmanager, suppress
from unittest import mock

from botocore.client import BaseClient
from conftest import URL

STAGE_NAMES = ["download", "transcribe", "stats"]
STAGES = [f"d-{name}" for name in STAGE_NAMES]


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


@contextmanager
def killed_at(call, *, of="", answered):
    """Die at so many calls (`of` one kind) from now, before it is sent or once it was answered.

    Nothing gets through after that. Tells what it died at, nothing when it did not come to that.
    """
    made, ask, died = 0, BaseClient._make_api_call, []

    def dying(client, operation, arguments):
        nonlocal made
        made += of in ("", operation)
        if died or (made == call and not answered):
            died.append(operation)
            raise Killed
        try:
            return ask(client, operation, arguments)
        finally:  # a refusal is an answer too
            if made == call:
                died.append(operation)
                raise Killed

    with mock.patch.object(BaseClient, "_make_api_call", dying), suppress(Killed):
        yield died


def live(cloud):
    """What Batch has been asked for and nobody has taken back, children left out.

    Each waits for the one before it, and for nothing else.
    """
    jobs = [job for job in cloud.batch.jobs.values() if job["index"] is None]
    jobs = [job for job in jobs if not job.get("terminated")]
    for job, before in zip(jobs, [None, *jobs], strict=False):
        waits_for = [one["jobId"] for one in job["request"].get("dependsOn", [])]
        assert waits_for == ([before["id"]] if before else [])
    return [job["request"]["jobDefinition"] for job in jobs]


def write_list(tmp_path, count):
    path = tmp_path / "list.txt"
    path.write_text("".join(f"{URL}?{number}\n" for number in range(count)))
    return str(path)
