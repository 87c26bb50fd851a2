"""What the stage says: JSON lines for machines, plain lines and a progress bar for people."""

import json
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

from debate_stats.errors import Fault, StageError

JSON_INTERVAL = 1.0  # seconds between two progress lines for machines
PLAIN_INTERVAL = 15.0  # and between two plain ones where no bar can be drawn


class Log:
    """The event log of one run on standard error; contracts/README.md fixes the fields."""

    def __init__(self, stage: str, *, as_json: bool, stream: TextIO | None = None) -> None:
        self.stage = stage
        self.as_json = as_json
        self.stream = stream or sys.stderr
        self.bar: Progress | None = None
        self.task: TaskID | None = None
        self.last = time.monotonic()

    def started(self, message: str) -> None:
        """Say what is about to be done."""
        self._say("info", "started", message)

    def note(self, message: str, *, level: str = "info") -> None:
        """Report a choice or a warning worth reading."""
        self._say(level, "note", message)

    def progress(self, step: str, done: int, total: int, unit: str) -> None:
        """Report how far a step is; at most one line a second, or a bar on a terminal."""
        if not self.as_json and self.stream.isatty():
            self._draw(step, done, total)
        elif time.monotonic() - self.last >= (JSON_INTERVAL if self.as_json else PLAIN_INTERVAL):
            self.last = time.monotonic()
            message = f"{step}: {done} of {total} {unit}"
            self._say("info", "progress", message, step=step, done=done, total=total, unit=unit)

    def fault(self, uri: str, fault: Fault) -> None:
        """Report what went wrong with one of many files; with the traceback where it is ours."""
        facts = {"traceback": fault.trace} if fault.trace else {}
        self._say("warning", "note", f"{uri}: {fault.sentence}", **facts)

    def finished(self, message: str, *, outputs: list[str], skipped: bool) -> None:
        """Say what was made, or that there was nothing to do."""
        self._say("info", "finished", message, outputs=outputs, skipped=skipped)

    def failed(self, error: BaseException, exit_code: int) -> None:
        """Give the sentence for the user; with the traceback when the fault is ours."""
        facts: dict[str, Any] = {"exit_code": exit_code, "error": type(error).__name__}
        if exit_code == StageError.exit_code and not isinstance(error, StageError):
            facts["traceback"] = "".join(traceback.format_exception(error))
        self._say("error", "failed", str(error) or type(error).__name__, **facts)

    def _say(self, level: str, event: str, message: str, **facts: Any) -> None:
        if not self.as_json:
            self._tell(level, event, message, facts.get("traceback", ""))
            return
        head = {"time": _now(), "level": level, "stage": self.stage, "event": event}
        line = json.dumps(head | {"message": message} | facts, ensure_ascii=False)
        print(line, file=self.stream, flush=True)

    def _tell(self, level: str, event: str, message: str, trace: str) -> None:
        if event in {"finished", "failed"} and self.bar is not None:
            self.bar.stop()
            self.bar = None
        prefix = {"error": "error: ", "warning": "warning: "}.get(level, "")
        line = f"{trace}{prefix}{message}"
        if self.bar is None:
            print(line, file=self.stream, flush=True)
        else:  # above the bar
            self.bar.console.print(line)

    def _draw(self, step: str, done: int, total: int) -> None:
        if self.bar is None:
            self.bar = _make_bar(self.stream)
            self.task = self.bar.add_task(step, total=total)
            self.bar.start()
        if self.task is not None:
            self.bar.update(self.task, completed=done)


def _make_bar(stream: TextIO) -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(file=stream, highlight=False, markup=False, soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, transient=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
