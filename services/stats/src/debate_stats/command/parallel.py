"""One function over many files, in several processes; what fails in one hides none of the others.

Memory does not depend on how many there are: a few chunks are under way at a time.
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
from tempfile import gettempdir
from typing import Generic, TypeVar

from debate_contract.errors import StageError, TemporaryFault
from debate_contract.storage import disk_fault

from debate_stats.command.faults import Fault

# How many items a process is given at a time; on S3 it waits for all of them at the same time.
CHUNK = 8
# To start a process takes as long as to compute some transcripts.
LEAST_CHUNKS = 2
# Items under way in a process at a time: one waits for the disk while the next is computed.
ON_DISK = 2

# Of the 107 bytes of a socket's path the rest is multiprocessing's.
LONGEST_TEMPORARY = 70

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Item, Result]):
    """What came of one item: a result, or why there is none."""

    item: Item
    result: Result | None
    fault: Fault | None


def count_cores() -> int:
    """The processors this program may use."""
    return len(os.sched_getaffinity(0))


def each(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    processes: int,
    *,
    chunk: int = CHUNK,
) -> Iterator[Outcome[Item, Result]]:
    """Call the function with every item, in any order; all of it must be picklable.

    An item whose process dies, of too little memory perhaps, is tried once more by itself.
    """
    queue = deque(list(items[n : n + chunk]) for n in range(0, len(items), chunk))
    processes = min(processes, len(queue) // LEAST_CHUNKS)
    if processes < 2:
        for some in queue:
            yield from _do(function, some)
        return
    while queue:
        suspects: list[Item] = []
        yield from _until_one_dies(function, queue, processes, suspects)
        yield from _one_by_one(function, suspects)


def attempt(function: Callable[[Item], Result], item: Item) -> Outcome[Item, Result]:
    """Call the function; an error becomes the fault of the outcome."""
    try:
        return Outcome(item, function(item), None)
    except StageError as error:
        return Outcome(item, None, Fault.of(error))
    except Exception as error:  # noqa: BLE001 - a surprise in one file is reported with the others
        known = disk_fault(error)  # Parquet's writer knows nothing of ours
        fault = Fault.of(known) if known else Fault.of(error, traceback.format_exc())
        return Outcome(item, None, fault)


def _until_one_dies(
    function: Callable[[Item], Result],
    queue: deque[list[Item]],
    processes: int,
    suspects: list[Item],
) -> Iterator[Outcome[Item, Result]]:
    """Work off the queue; when a process dies, what was under way goes to the suspects."""
    under_way: dict[Future[list[Outcome[Item, Result]]], list[Item]] = {}
    with _pool(function, processes) as pool:
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
            suspects += [item for some in under_way.values() for item in some]
        finally:
            pool.shutdown(cancel_futures=True)


def _one_by_one(
    function: Callable[[Item], Result], suspects: list[Item]
) -> Iterator[Outcome[Item, Result]]:
    """In a process apart, so that the item whose process dies is known."""
    waiting = deque(suspects)
    while waiting:
        with _pool(function, 1) as pool:
            try:
                while waiting:
                    yield pool.submit(_do, function, [waiting[0]]).result()[0]
                    waiting.popleft()
            except BrokenProcessPool:
                dead = TemporaryFault("the process died, perhaps of too little memory")
                yield Outcome(waiting.popleft(), None, Fault.of(dead))


def _do(function: Callable[[Item], Result], items: list[Item]) -> list[Outcome[Item, Result]]:
    at_once = len(items) if str(items[0]).startswith("s3://") else ON_DISK
    with ThreadPoolExecutor(at_once) as threads:
        return list(threads.map(partial(attempt, function), items))


def _pool(function: Callable[[Item], Result], processes: int) -> ProcessPoolExecutor:
    # One thread of linear algebra per process: the processes are what shares the cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # The C library keeps a debate's columns for the next one's instead of giving the memory back
    # and getting it again page by page: 2,000 page faults a debate otherwise.
    os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(256 << 20))
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(32 << 20))
    # What all processes need is loaded once, before they part; by a server at a socket, whose path
    # must be short.
    is_short = len(gettempdir()) < LONGEST_TEMPORARY
    context = get_context("forkserver" if is_short else "spawn")
    context.set_forkserver_preload([getattr(function, "func", function).__module__])
    return ProcessPoolExecutor(processes, context, initializer=_settle)


def _settle() -> None:
    """Leave interruptions to the parent, and end with it even when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(StageError.exit_code)
