"""What a stage says on standard error; the fields are those of contracts/README.md."""

import json
import os
import sys
import threading
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO

from debate_contract.errors import StageError
from debate_contract.logs.progress import Progress

SHORTEST_SECRET = 6  # hiding shorter values would garble ordinary text
PREFIXES = {"error": "error: ", "warning": "warning: "}


def is_json(asked: str) -> bool:
    """Resolve LOG_FORMAT (auto, json, human): auto is JSON in Batch, lines for people elsewhere."""
    return asked == "json" or (asked == "auto" and "AWS_BATCH_JOB_ID" in os.environ)


class Log:
    """The event log of one run; several threads may write to it."""

    def __init__(self, stage: str, *, as_json: bool, stream: TextIO | None = None) -> None:
        self.stage = stage
        self.as_json = as_json
        self.stream = stream or sys.stderr
        self.steps = Progress(self.stream)
        self.lock = threading.RLock()
        self.secrets: list[str] = []

    def hide(self, secrets: Iterable[str]) -> None:
        """Never show these values, whoever puts them into a message."""
        kept = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        self.secrets = sorted(kept, key=len, reverse=True)

    def started(self, message: str, **facts: Any) -> None:
        """Say what is about to be done."""
        self._say("info", "started", message, facts)

    def note(self, message: str, level: str = "info", **facts: Any) -> None:
        """Report a choice or a warning worth reading; people see its `traceback` too."""
        self._say(level, "note", message, facts)

    def progress(self, step: str, done: float, total: float | None, unit: str = "s") -> None:
        """Report how far a step is, in seconds of media, bytes or a `unit` that is counted.

        Of each step a line a second for machines, and for its end; a bar of its own on a terminal.
        """
        with self.lock:
            self.steps.move(step, done, total, unit)
            if self.as_json:
                if self.steps.claims_json_line(step):
                    self._say("info", "progress", step, self.steps.facts(step))
            elif self.stream.isatty():
                self.steps.draw(step)
            elif self.steps.claims_plain_line():
                self._say("info", "progress", self.steps.summary(), {})

    def finished(self, message: str, outputs: Iterable[str], *, skipped: bool) -> None:
        """Say what was made, or that there was nothing to do."""
        self.close()
        self._say("info", "finished", message, {"outputs": [*outputs], "skipped": skipped})

    def failed(self, error: BaseException, exit_code: int) -> None:
        """Give the sentence for the user; with the traceback when the fault is ours."""
        self.close()
        facts: dict[str, Any] = {"exit_code": exit_code, "error": type(error).__name__}
        sentence = str(error) or type(error).__name__
        if isinstance(error, Exception) and not isinstance(error, StageError):
            sentence = f"this is a fault of the program, please report it: {error!r}"
            facts["traceback"] = "".join(traceback.format_exception(error))
        self._say("error", "failed", sentence, facts)

    def close(self) -> None:
        """Take the bars off the screen."""
        with self.lock:
            self.steps.close()

    def _say(self, level: str, event: str, message: str, facts: dict[str, Any]) -> None:
        trace = self._veiled(facts.get("traceback", ""))
        message = self._veiled(message)
        with self.lock:
            if not self.as_json:
                self.steps.print(f"{trace}{PREFIXES.get(level, '')}{message}")
                return
            facts = facts | ({"traceback": trace} if trace else {})
            head = {"time": _now(), "level": level, "stage": self.stage, "event": event}
            line = json.dumps(head | {"message": message} | facts)  # ASCII, so any name passes
            print(line, file=self.stream, flush=True)

    def _veiled(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "[hidden]")
        return text


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
