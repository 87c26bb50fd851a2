"""What the stage says while it works: JSON lines for machines, plain lines and a bar for people."""

import json
import math
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

STAGE = "transcribe"
SECONDS_BETWEEN_LINES = {"json": 1.0, "human": 15.0}

Format = Literal["json", "human"]


@dataclass(slots=True)
class Step:
    """How far a step has come, in seconds of audio or bytes; `before` in an earlier attempt."""

    total: float
    before: float
    begun: float
    done: float = 0.0
    bar: TaskID | None = None
    unit: str = "s"

    def rate(self, now: float) -> float | None:
        """Seconds of audio (or bytes) per second, once a second has passed."""
        passed = now - self.begun
        return (self.done - self.before) / passed if passed >= 1 else None

    def seconds_left(self, now: float) -> float | None:
        """Time that the rest takes at this rate."""
        rate = self.rate(now)
        return (self.total - self.done) / rate if rate else None

    def describe(self, name: str, now: float) -> str:
        """Share done, rate, time left: as much as is known."""
        text = f"{name}: {100 * self.done / self.total if self.total else 100:.0f} %"
        rate, left = self.rate(now), self.seconds_left(now)
        text += f", {self._speed(rate)}" if rate else ""
        return text + (f", {left / 60:.0f} min left" if left and left >= 60 else "")

    def _speed(self, rate: float) -> str:
        return f"{rate / 1e6:.1f} MB/s" if self.unit == "bytes" else f"{rate:.1f}x real time"


class Log:
    """The event log of contracts/README.md ("Log lines"); several threads may write to it."""

    def __init__(self, fmt: Format, stream: TextIO | None = None) -> None:
        self.fmt = fmt
        self.stream = stream or sys.stderr
        self.steps: dict[str, Step] = {}  # those going on, and the last that ended
        self.said: dict[str, float] = {}  # when a step last had a line; "" is one for people
        self.bar: Progress | None = None
        self.lock = threading.RLock()

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
        """Say how far a step has come; at most once a second, and where it begins."""
        now = time.monotonic()
        with self.lock:
            known = self._step(step, done, total, now)
            known.unit = unit
            if self.fmt == "human" and self.stream.isatty():
                self._draw(step, known, now)
            elif self._is_due("" if self.fmt == "human" else step, now):
                self._say(step, known, now, unit)

    def close(self) -> None:
        """Take the bar off the screen."""
        with self.lock:
            if self.bar:
                self.bar.stop()
            self.bar, self.steps = None, {}

    def _step(self, name: str, done: float, total: float, now: float) -> Step:
        """The step as it is now. One that begins, again it may be, clears away those at an end."""
        known = self.steps.get(name)
        if known is None or done < known.done:
            self._clear_ended()
            known = self.steps[name] = Step(total, done, now)
        known.done, known.total = done, total
        return known

    def _clear_ended(self) -> None:
        for name in [name for name, step in self.steps.items() if step.done >= step.total]:
            step = self.steps.pop(name)
            if self.bar is not None and step.bar is not None:
                self.bar.remove_task(step.bar)

    def _is_due(self, name: str, now: float) -> bool:
        if now - self.said.get(name, -math.inf) < SECONDS_BETWEEN_LINES[self.fmt]:
            return False
        self.said[name] = now
        return True

    def _say(self, name: str, step: Step, now: float, unit: str) -> None:
        if self.fmt == "human":  # one line for all that is being done
            self._print("; ".join(step.describe(name, now) for name, step in self.steps.items()))
            return
        fields: dict[str, object] = {
            "step": name,
            "done": round(step.done, 1),
            "total": round(step.total, 1),
            "unit": unit,
        }
        rate, left = step.rate(now), step.seconds_left(now)
        if rate and left is not None:
            fields |= {"rate": round(rate, 2), "seconds_left": round(left, 1)}
        self._emit("info", "progress", name, **fields)

    def _draw(self, name: str, step: Step, now: float) -> None:
        if self.bar is None:
            columns = (TextColumn("{task.description:<50}"), BarColumn())
            self.bar = Progress(*columns, console=Console(file=self.stream), transient=True)
            self.bar.start()
        if step.bar is None:
            step.bar = self.bar.add_task(name)
        text = step.describe(name, now)
        self.bar.update(step.bar, completed=step.done, total=step.total, description=text)

    def _emit(self, level: str, event: str, message: str, **fields: object) -> None:
        if self.fmt == "human":
            self._print(message)
            return
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"time": stamp, "level": level, "stage": STAGE, "event": event, "message": message}
        with self.lock:
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
