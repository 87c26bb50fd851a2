"""Who of this process may write to SQLite next, and when waiting is in vain.

SQLite has one place for a writer. Those of one process come to it one by one, so while another
program has it, one of them waits there. The others would each wait as long after that one, in
threads that readers need: they are told soon, until somebody has had the place again.
"""

import time
from threading import Lock

# How long a writer waits for the one before in this process, and for another program.
BUSY_SECONDS = 10.0
ELSEWHERE_SECONDS = 5.0
# How long it may take to have the place before those behind are told that another program has it.
_PATIENCE = 0.5


class Turns:
    """The turns of one process; each `take` that is true is followed by `has_begun` and `end`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waits_since: float | None = None

    def take(self) -> bool:
        """Wait for one's turn; false where it does not come, or nothing can be done with it."""
        deadline = time.monotonic() + BUSY_SECONDS
        while not self._lock.acquire(timeout=_PATIENCE):
            if self._is_in_vain() or time.monotonic() > deadline:
                return False
        if self._waits_since is None:
            self._waits_since = time.monotonic()
        return True

    def has_begun(self) -> None:
        """The place was free, or became so."""
        self._waits_since = None

    def end(self) -> None:
        """Let the next one have its turn."""
        self._lock.release()

    def _is_in_vain(self) -> bool:
        since = self._waits_since
        return since is not None and time.monotonic() - since > _PATIENCE
