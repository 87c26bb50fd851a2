"""Tries again, a bounded number of times, what may work the next time."""

import time
from collections.abc import Callable
from typing import TypeVar

from debate_downloader.errors import DiskFull, TemporaryFault
from debate_downloader.logs import Log
from debate_downloader.settings import Settings

Result = TypeVar("Result")


def with_retries(action: Callable[[], Result], settings: Settings, log: Log) -> Result:
    """Run `action`; after a TemporaryFault wait, twice as long each time, and run it again."""
    for attempt in range(1, settings.attempts):
        try:
            return action()
        except DiskFull:
            raise
        except TemporaryFault as fault:
            pause = settings.retry_seconds * 2 ** (attempt - 1)
            log.note(f"attempt {attempt} failed, next in {pause:g} s: {fault}", level="warning")
            time.sleep(pause)
    return action()
