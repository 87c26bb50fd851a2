"""Stops a download from outside: SIGTERM and the overall time limit.

Signals, because a server that sends a byte now and then never trips a socket's timeout, and a
worker thread that hangs in one cannot be asked to stop.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from debate_contract.errors import TemporaryFault

from debate_downloader.errors import Interrupted

PATIENCE = 3.0  # seconds for cleaning up before the next, harder nudge


class Stopper:
    """Raises Interrupted in the main thread; `reason` is set from then on."""

    def __init__(self, time_limit: float) -> None:
        self.time_limit = time_limit
        self.reason: TemporaryFault | None = None

    def on_terminate(self, _signal: int, _frame: FrameType | None) -> None:
        """SIGTERM: the machine is wanted back."""
        self._stop(TemporaryFault("stopped by SIGTERM: run the same command again to go on"))

    def on_alarm(self, _signal: int, _frame: FrameType | None) -> None:
        """Time is up; or the first stop got stuck waiting for a thread."""
        self._stop(
            TemporaryFault(
                f"the download took more than {self.time_limit:.0f} s: try again later, or raise "
                "the limit with --time-limit"
            )
        )

    def _stop(self, reason: TemporaryFault) -> None:
        self.reason = self.reason or reason
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        raise Interrupted(self.reason)


@contextmanager
def stoppable(time_limit: float) -> Iterator[Stopper]:
    """While the block runs, SIGTERM and the time limit (seconds) raise Interrupted."""
    stopper = Stopper(time_limit)
    before = signal.signal(signal.SIGTERM, stopper.on_terminate)
    before_alarm = signal.signal(signal.SIGALRM, stopper.on_alarm)
    signal.setitimer(signal.ITIMER_REAL, time_limit)
    try:
        yield stopper
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGALRM, before_alarm)
