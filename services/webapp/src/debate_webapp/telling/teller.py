"""Tells failures: each channel one message at a time, again where it did not arrive."""

import logging
import threading
import time
from collections.abc import Sequence

from sqlalchemy.orm import Session

from debate_webapp.telling.channels import Channel
from debate_webapp.telling.failures import Failure, gather, list_untold, note_told

LOOK_EVERY = 20.0
# After so many seconds again, the last of them until it is no news any more.
PAUSES = (60.0, 300.0, 1800.0)

_log = logging.getLogger(__name__)


class Line:
    """To one channel: what it was told so far, and when it is told next.

    It has a thread of its own, so that one that is down or never answers keeps no other waiting.
    """

    def __init__(self, channel: Channel, page: str) -> None:
        self._channel, self._page = channel, page
        self.told: set[Failure] = set()
        self.thread: threading.Thread | None = None
        self.next = 0.0
        self._failures: list[Failure] = []
        self._arrived, self._misses = False, 0

    def is_due(self) -> bool:
        """Whether there is something to enter, or it is time for the next message."""
        if self.thread:
            return not self.thread.is_alive()
        return time.monotonic() >= self.next

    def turn(self, untold: Sequence[Failure]) -> None:
        """Enter what was told; begin with the next message when it is time."""
        if self.thread:
            self.thread = None
            self._settle()
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + LOOK_EVERY
            self._begin([one for one in untold if one not in self.told])

    def _begin(self, failures: Sequence[Failure]) -> None:
        self._failures, self._arrived = gather(failures), False
        if self._failures:
            self.thread = threading.Thread(target=self._tell, name="telling", daemon=True)
            self.thread.start()

    def _tell(self) -> None:
        try:
            self._channel.tell(self._failures, self._page)
            self._arrived = True
        except (OSError, ValueError) as error:  # the latter: what makes no message
            name = type(self._channel).__name__
            _log.warning("failures could not be told (%s): %s", name, error)

    def _settle(self) -> None:
        if self._arrived:
            self.told.update(self._failures)
            self._misses = 0
            return
        pause = PAUSES[min(self._misses, len(PAUSES) - 1)]
        self._misses, self.next = self._misses + 1, time.monotonic() + pause


class Teller:
    """Enters in the rows what all channels were told: told twice is better than never."""

    def __init__(self, channels: Sequence[Channel], address: str | None) -> None:
        page = f"{address}/submissions" if address else ""
        self.lines = [Line(channel, page) for channel in channels]

    def turn(self, session: Session) -> None:
        """Have each channel that is due told what it was not told yet."""
        due = [line for line in self.lines if line.is_due()]
        if not due:
            return
        untold = list_untold(session)
        for line in due:
            line.turn(untold)
        told = set.intersection(*(line.told for line in self.lines))
        note_told(session, told)
        for line in self.lines:
            line.told &= {*untold} - told
