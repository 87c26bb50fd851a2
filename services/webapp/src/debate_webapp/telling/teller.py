"""Tells failures in a thread of its own, one message at a time, again where it did not arrive."""

import logging
import threading
import time
from collections.abc import Sequence

from sqlalchemy.orm import Session

from debate_webapp.telling.channels import Channel
from debate_webapp.telling.failures import Failure, list_untold, note_told

LOOK_EVERY = 20.0
# After so many seconds again, the last of them until it is no news any more.
PAUSES = (60.0, 300.0, 1800.0)

_log = logging.getLogger(__name__)


class Teller:
    """Enters in the rows what all channels were told: told twice is better than never."""

    def __init__(self, channels: Sequence[Channel], address: str | None) -> None:
        self._channels, self._page = channels, f"{address}/submissions" if address else ""
        self._thread: threading.Thread | None = None
        self._failures: list[Failure] = []
        self._left: list[Channel] = []
        self._misses, self._next = 0, 0.0

    def turn(self, session: Session) -> None:
        """Enter what was told; begin with the next message when it is time."""
        if not self._channels or (self._thread and self._thread.is_alive()):
            return
        if self._thread:
            self._thread = None
            self._settle(session)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LOOK_EVERY
            self._begin(session)

    def _begin(self, session: Session) -> None:
        if not self._left:
            self._failures, self._left = list_untold(session), [*self._channels]
        if not self._failures:
            self._left = []
            return
        self._thread = threading.Thread(target=self._tell, name="telling", daemon=True)
        self._thread.start()

    def _tell(self) -> None:
        for channel in [*self._left]:
            try:
                channel.tell(self._failures, self._page)
                self._left.remove(channel)
            except OSError as error:  # requests' and smtplib's are such, too
                _log.warning("failures could not be told (%s): %s", type(channel).__name__, error)

    def _settle(self, session: Session) -> None:
        if self._left:
            pause = PAUSES[min(self._misses, len(PAUSES) - 1)]
            self._misses, self._next = self._misses + 1, time.monotonic() + pause
            return
        note_told(session, self._failures)
        self._failures, self._misses = [], 0
