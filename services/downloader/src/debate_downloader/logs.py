"""What the stage says: JSON lines for machines, plain lines and a progress bar for people."""

import json
import sys
import time
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from debate_downloader.errors import StageError

JSON_INTERVAL = 1.0  # seconds between two progress lines for machines
PLAIN_INTERVAL = 15.0  # and between two plain ones where no bar can be drawn
SHORTEST_SECRET = 6  # hiding shorter values would garble ordinary text


class Log:
    """The event log of one run on standard error; see the contracts for the fields."""

    def __init__(self, stage: str, *, as_json: bool, stream: TextIO | None = None) -> None:
        self.stage = stage
        self.as_json = as_json
        self.stream = stream or sys.stderr
        self.console = Console(file=self.stream, highlight=False, markup=False, soft_wrap=True)
        self.bar: Progress | None = None
        self.task: TaskID | None = None
        self.step = ""
        self.last = 0.0
        self.shown = ("", 0.0)
        self.secrets: list[str] = []

    def hide(self, secrets: Iterable[str]) -> None:
        """Never show these values, whoever puts them into a message."""
        kept = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        self.secrets = sorted(kept, key=len, reverse=True)

    def started(self, message: str, **facts: Any) -> None:
        """Say what is about to be done."""
        self._say("info", "started", message, facts)

    def note(self, message: str, *, level: str = "info") -> None:
        """Report a choice or a warning worth reading."""
        self._say(level, "note", message, {})

    def finished(self, message: str, *, outputs: list[str], skipped: bool) -> None:
        """Say what was made, or that there was nothing to do."""
        self._say("info", "finished", message, {"outputs": outputs, "skipped": skipped})

    def failed(self, error: BaseException, exit_code: int) -> None:
        """Give the sentence for the user; with the traceback when the fault is ours."""
        facts: dict[str, Any] = {"exit_code": exit_code, "error": type(error).__name__}
        trace = "" if isinstance(error, StageError) else "".join(traceback.format_exception(error))
        if trace and self.as_json:
            facts["traceback"] = self._veiled(trace)
        elif trace:
            self.console.print(self._veiled(trace))
        self._say("error", "failed", str(error) or type(error).__name__, facts)

    def progress(self, step: str, done: float, total: float | None, unit: str) -> None:
        """Report how far a step is; at most one line a second, or a bar on a terminal."""
        if not self.as_json and self.console.is_terminal:
            self._draw(step, done, total, unit)
            return
        new_step, self.step = step != self.step, step
        interval = JSON_INTERVAL if self.as_json else PLAIN_INTERVAL
        ended = done == total and (step, done) != self.shown
        if new_step or ended or time.monotonic() - self.last >= interval:
            self.last, self.shown = time.monotonic(), (step, done)
            facts = {"step": step, "done": done, "total": total, "unit": unit}
            self._say("info", "progress", _amount(step, done, total, unit), facts)

    def close(self) -> None:
        """Remove the progress bar, if one is drawn."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = self.task = None

    def _say(self, level: str, event: str, message: str, facts: dict[str, Any]) -> None:
        message = self._veiled(message)
        if self.as_json:
            head = {"time": _now(), "level": level, "stage": self.stage, "event": event}
            print(json.dumps(head | {"message": message} | facts), file=self.stream, flush=True)
            return
        if event != "progress":
            self.close()
        prefix = {"error": "error: ", "warning": "warning: "}.get(level, "")
        self.console.print(f"{prefix}{message}")

    def _draw(self, step: str, done: float, total: float | None, unit: str) -> None:
        if self.bar is None or step != self.step:
            self.close()
            self.step = step
            amount = DownloadColumn() if unit == "bytes" else TaskProgressColumn()
            columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
            self.bar = Progress(*columns, console=self.console, transient=True)
            self.task = self.bar.add_task(step, total=total)
            self.bar.start()
        if self.task is not None:
            self.bar.update(self.task, completed=done, total=total)

    def _veiled(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "[hidden]")
        return text


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _amount(step: str, done: float, total: float | None, unit: str) -> str:
    scale, name = (1e6, "MB") if unit == "bytes" else (1.0, unit)
    share = f" of {total / scale:.1f}" if total else ""
    return f"{step}: {done / scale:.1f}{share} {name}"
