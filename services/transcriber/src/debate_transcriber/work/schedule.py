"""What runs beside what, in threads: torch, ffmpeg and numba leave Python's lock while they work.

    recording 1   decode ━ find speech ━┯━ recognise ━━━━━━━━━━━━┯━ merge, write
                                        └─ tell voices apart ────┘
    recording 2                            decode ━ find speech ━━━ (waits) ━┯━ recognise …

Signals reach the main thread only. Whatever ends its work early, a signal or a fault, asks the work
beside it to stop, which it does at its next report of progress.
"""

import os
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from functools import partial
from typing import Generic, NoReturn, TypeVar

PATIENCE = 6.0  # s that work gets to stop; the contract leaves 20 for everything

Item = TypeVar("Item")
Result = TypeVar("Result")
Other = TypeVar("Other")

Check = Callable[[], None]  # raises what makes it pointless to go on


class Halted(BaseException):
    """The work was asked to stop. Not an Exception, which a library might take for a fault."""


class Aside(Generic[Result]):
    """Work in a thread of its own; `work` is given this object, to ask and to wait."""

    def __init__(self, work: Callable[["Aside[Result]"], Result]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._stop, self._wanted = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="aside")
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._work(self)
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
            self._error = error

    def check(self) -> None:
        """For the work: raise Halted once it shall stop."""
        if self._stop.is_set():
            raise Halted

    def wait_until_wanted(self) -> None:
        """For the work: go on when somebody waits for the result; raise Halted if nobody will."""
        self._wanted.wait()
        self.check()

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for the result."""
        return self._wanted.is_set()

    def raise_failure(self) -> None:
        """Raise what the work failed with, if it has."""
        if self._error is not None:
            raise self._error

    def result(self) -> Result:
        """Wait for the work; return what it returned or raise what it raised."""
        self._wanted.set()
        self._thread.join()
        self.raise_failure()
        return self._result

    def stop(self, patience: float = PATIENCE) -> None:
        """Ask the work to stop and give it so many seconds."""
        self._stop.set()
        self._wanted.set()
        self._thread.join(patience)


def gains_side_by_side(devices: Iterable[object]) -> bool:
    """Whether engines on these devices gain by working at once.

    A GPU idles while an engine's Python or CPU part runs, which the other fills. On a CPU alone
    they would only compete for the cores, each of which one engine keeps busy.
    """
    return any(str(device).startswith("cuda") for device in devices)


def side_by_side(
    here: Callable[[Check], Result], there: Callable[[Check], Other]
) -> tuple[Result, Other]:
    """Do both at once, `there` in a thread; each is given a check to call now and then.

    What the one fails with ends the other and is raised.
    """
    aside = Aside(lambda task: there(task.check))
    try:
        return here(aside.raise_failure), aside.result()
    except BaseException:
        aside.stop()
        raise


def one_after_the_other(
    first: Callable[[Check], Result], second: Callable[[Check], Other]
) -> tuple[Result, Other]:
    """Do both, where doing them at once would gain nothing."""
    return first(_go_on), second(_go_on)


def _go_on() -> None: ...


def prepared_ahead(
    items: Iterable[Item], prepare: Callable[[Item, Aside[Result]], Result]
) -> Generator[Result, None, None]:
    """Give `prepare` of each item in order; the next item's is made while this one's is used.

    What preparing an item raises is raised when its turn comes. Close the generator (contextlib's
    `closing`) to stop what is being prepared.
    """
    current: Aside[Result] | None = None
    try:
        for item in items:
            ready = current and (current.result(),)
            current = Aside(partial(prepare, item))
            if ready:
                yield ready[0]
                del ready  # may be large
        if current:
            yield current.result()
    finally:
        if current:
            current.stop()


def leave(code: int, *, at_once: bool = False) -> NoReturn:
    """Exit; at once after a signal, when seconds count, or where work aside did not stop.

    The interpreter's own end frees gigabytes, piece by piece, and can crash beside such work.
    """
    running = any(thread.name == "aside" and thread.is_alive() for thread in threading.enumerate())
    if not (at_once or running):
        sys.exit(code)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
