"""One function over many places, in several processes; what fails in one hides none of the others.

Memory does not depend on how many places there are: a few chunks of them are under way at a time.
"""

import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import connection, get_context, parent_process
from typing import Generic, TypeVar

from debate_stats.errors import Fault, StageError, TemporaryFault

# How many places a process is given at a time; on S3 it waits for all of them at the same time.
CHUNK = 8
# To start a process takes as long as to compute some transcripts.
LEAST_PER_PROCESS = 16

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Result]):
    """What came of one place: a result, or why there is none."""

    uri: str
    result: Result | None
    fault: Fault | None


def count_cores() -> int:
    """The processors this program may use."""
    return len(os.sched_getaffinity(0))


def each(
    function: Callable[[str], Result], uris: Sequence[str], processes: int
) -> Iterator[Outcome[Result]]:
    """Call the function with every place, in any order; it must be picklable, as its results.

    A place whose process dies, of too little memory perhaps, is tried once more by itself.
    """
    queue = deque(list(uris[n : n + CHUNK]) for n in range(0, len(uris), CHUNK))
    processes = min(processes, len(uris) // LEAST_PER_PROCESS)
    if processes < 2:
        for chunk in queue:
            yield from _do(function, chunk)
        return
    while queue:
        suspects: list[str] = []
        yield from _until_one_dies(function, queue, processes, suspects)
        for uri in suspects:
            yield _alone(function, uri)


def _until_one_dies(
    function: Callable[[str], Result],
    queue: deque[list[str]],
    processes: int,
    suspects: list[str],
) -> Iterator[Outcome[Result]]:
    """Work off the queue; when a process dies, what was under way goes to the suspects."""
    under_way: dict[Future[list[Outcome[Result]]], list[str]] = {}
    with _pool(processes) as pool:
        try:
            while queue or under_way:
                while queue and len(under_way) < 2 * processes:
                    future = pool.submit(_do, function, queue[0])
                    under_way[future] = queue.popleft()
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    outcomes = future.result()
                    del under_way[future]
                    yield from outcomes
        except BrokenProcessPool:
            suspects += [uri for chunk in under_way.values() for uri in chunk]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _alone(function: Callable[[str], Result], uri: str) -> Outcome[Result]:
    with _pool(1) as pool:
        try:
            return pool.submit(_do, function, [uri]).result()[0]
        except BrokenProcessPool:
            dead = TemporaryFault("the process died, perhaps of too little memory")
            return Outcome(uri, None, Fault.of(dead))


def _do(function: Callable[[str], Result], uris: list[str]) -> list[Outcome[Result]]:
    if not uris[0].startswith("s3://"):
        return [_try(function, uri) for uri in uris]
    with ThreadPoolExecutor(len(uris)) as threads:
        return list(threads.map(partial(_try, function), uris))


def _try(function: Callable[[str], Result], uri: str) -> Outcome[Result]:
    try:
        return Outcome(uri, function(uri), None)
    except StageError as error:
        return Outcome(uri, None, Fault.of(error))
    except Exception as error:  # noqa: BLE001 - a surprise in one file is reported with the others
        return Outcome(uri, None, Fault.of(error, traceback.format_exc()))


def _pool(processes: int) -> ProcessPoolExecutor:
    # One thread of linear algebra per process: the processes are what shares the cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return ProcessPoolExecutor(processes, get_context("spawn"), initializer=_follow_parent)


def _follow_parent() -> None:
    """Leave interruptions to the parent, and end with it even when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(StageError.exit_code)
