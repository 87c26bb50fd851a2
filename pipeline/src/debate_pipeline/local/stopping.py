"""Ctrl-C and SIGTERM while a stage runs: noted, and acted on only where nothing is half done."""

import signal
import threading
from types import FrameType
from typing import Self

from debate_pipeline.errors import Interrupted, Terminated

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Notes the signals of its `with` block, where they raise nothing by themselves.

    Raised from the handler, KeyboardInterrupt comes between any two instructions: one between
    taking and guarding a lock in `subprocess` left that lock taken, and the command hung for good.
    """

    def __init__(self) -> None:
        self._noted: list[int] = []
        self._before: dict[int, signal._HANDLER] = {}

    def __enter__(self) -> Self:
        """Begin to note; outside the main thread no signal comes, and none is asked for."""
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in SIGNALS}
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Let signals be what they were, and pass on those that nobody has asked for.

        A command that ends because it was stopped has nothing left to stop: it is deaf from here.
        """
        ending = isinstance(error, Interrupted)
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_IGN if ending else handler)
        if error is None and self._noted:
            signal.raise_signal(self._noted[0])

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._noted.append(number)

    def check(self) -> None:
        """Raise KeyboardInterrupt, or Terminated, for the oldest noted signal not yet raised."""
        if self._noted:
            raise Terminated if self._noted.pop(0) == signal.SIGTERM else KeyboardInterrupt
