"""What the stage says while it works: JSON lines for machines, plain lines and a bar for people."""

import json
import sys
import time
from datetime import UTC, datetime
from typing import Literal, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

STAGE = "transcribe"
SECONDS_BETWEEN_LINES = {"json": 1.0, "human": 15.0}

Format = Literal["json", "human"]


class Log:
    """The event log of contracts/README.md ("Log lines")."""

    def __init__(self, fmt: Format, stream: TextIO | None = None) -> None:
        self.fmt = fmt
        self.stream = stream or sys.stderr
        self.last_line = 0.0
        self.step = ""
        self.bar: Progress | None = None
        self.task: TaskID | None = None

    def started(self, message: str) -> None:
        """Say what is about to be done."""
        self._emit("info", "started", message)

    def note(self, message: str, level: str = "info") -> None:
        """Say a choice or a warning worth reading."""
        self._emit(level, "note", message)

    def finished(self, message: str, outputs: list[str], *, skipped: bool) -> None:
        """Say that all is done and where it lies."""
        self.close()
        self._emit("info", "finished", message, outputs=outputs, skipped=skipped)

    def failed(self, message: str, exit_code: int, error: str) -> None:
        """Say why nothing came of it: `message` is the sentence for the user."""
        self.close()
        if self.fmt == "human":
            self._print(f"error: {message}")
        else:
            self._emit("error", "failed", message, exit_code=exit_code, error=error)

    def progress(self, step: str, done: float, total: float, unit: str = "s") -> None:
        """Say how far a step has come; at most once a second, and once at its end."""
        now = time.monotonic()
        if self.fmt == "human" and self.stream.isatty():
            self._draw(step, done, total)
        elif self._is_due(step, now, at_end=done >= total):
            self.last_line, self.step = now, step
            self._say_progress(step, done, total, unit)

    def close(self) -> None:
        """Take the bar off the screen."""
        if self.bar:
            self.bar.stop()
        self.bar = self.task = None

    def _is_due(self, step: str, now: float, *, at_end: bool) -> bool:
        wait = SECONDS_BETWEEN_LINES[self.fmt]
        new_step = step != self.step and self.fmt == "json"
        return (
            new_step
            or now - self.last_line >= wait
            or (at_end and self.fmt == "json" and self._fresh(now))
        )

    def _fresh(self, now: float) -> bool:
        return now - self.last_line >= 1.0

    def _say_progress(self, step: str, done: float, total: float, unit: str) -> None:
        if self.fmt == "human":
            share = 100 * done / total if total else 100
            self._print(f"{step}: {share:.0f} %")
            return
        fields = {"step": step, "done": round(done, 1), "total": round(total, 1), "unit": unit}
        self._emit("info", "progress", step, **fields)

    def _draw(self, step: str, done: float, total: float) -> None:
        if self.bar is None:
            columns = (TextColumn("{task.description:<18}"), BarColumn(), TimeRemainingColumn())
            self.bar = Progress(*columns, console=Console(file=self.stream), transient=True)
            self.bar.start()
            self.task = None
        if self.task is None or step != self.step:
            self._new_task(step)
        if self.task is not None:
            self.bar.update(self.task, completed=done, total=total)

    def _new_task(self, step: str) -> None:
        if self.bar is None:
            return
        if self.task is not None:
            self.bar.remove_task(self.task)
        self.task, self.step = self.bar.add_task(step), step

    def _emit(self, level: str, event: str, message: str, **fields: object) -> None:
        if self.fmt == "human":
            self._print(message)
            return
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"time": stamp, "level": level, "stage": STAGE, "event": event, "message": message}
        print(json.dumps({**line, **fields}, ensure_ascii=False), file=self.stream, flush=True)

    def _print(self, text: str) -> None:
        if self.bar:
            self.bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=self.stream, flush=True)


def choose_format(asked: str, *, in_batch: bool) -> Format:
    """Resolve LOG_FORMAT=auto: JSON in Batch, lines for people elsewhere."""
    if asked == "auto":
        return "json" if in_batch else "human"
    return "json" if asked == "json" else "human"
