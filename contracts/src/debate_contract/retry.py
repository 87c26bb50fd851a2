"""Tries again, a bounded number of times, what may work the next time."""

import time
from collections.abc import Callable
from typing import TypeVar

from debate_contract.errors import DiskFull, Stopped, TemporaryFault
from debate_contract.logs import Log

Result = TypeVar("Result")


def with_retries(action: Callable[[], Result], attempts: int, pause: float, log: Log) -> Result:
    """Run `action`; after a TemporaryFault wait `pause` s, twice as long each time, and again."""
    for attempt in range(1, attempts):
        try:
            return action()
        except (DiskFull, Stopped):
            raise
        except TemporaryFault as fault:
            wait = pause * 2 ** (attempt - 1)
            log.note(f"attempt {attempt} failed, next in {wait:g} s: {fault}", level="warning")
            time.sleep(wait)
    return action()
