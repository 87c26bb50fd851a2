"""How far the steps of a run are: several may go on at once."""

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import rich.progress

SECONDS_BETWEEN_JSON_LINES = 1.0
SECONDS_BETWEEN_PLAIN_LINES = 15.0  # where no bar can be drawn
MEGABYTE = 1e6


@dataclass(slots=True)
class Step:
    """One step; `before` was done in an earlier attempt, `said` is when it last had a line."""

    unit: str
    before: float
    begun: float
    total: float | None = None
    done: float = 0.0
    said: float = -math.inf
    has_said_its_end: bool = False
    bar: "rich.progress.TaskID | None" = None

    @property
    def is_at_end(self) -> bool:
        """Whether all of it is done, as far as is known."""
        return self.total is not None and self.done >= self.total

    def rate(self, now: float) -> float | None:
        """What is done a second, once a second has passed."""
        passed = now - self.begun
        return (self.done - self.before) / passed if passed >= 1 else None

    def seconds_left(self, now: float) -> float | None:
        """Time that the rest takes at this rate."""
        rate = self.rate(now)
        return None if self.total is None or not rate else (self.total - self.done) / rate

    def describe(self, name: str, now: float) -> str:
        """Share or amount done, rate, time left: as much as is known."""
        rate, left = self.rate(now), self.seconds_left(now)
        text = f"{name}: {self._amount()}" + (self._speed(rate) if rate else "")
        return text + (f", {left / 60:.0f} min left" if left and left >= 60 else "")

    def _amount(self) -> str:
        if self.unit == "s" and self.total is not None:
            return f"{100 * self.done / self.total if self.total else 100:.0f} %"
        if self.unit == "bytes":
            of_all = f" of {self.total / MEGABYTE:.1f}" if self.total else ""
            return f"{self.done / MEGABYTE:.1f}{of_all} MB"
        of_all = f" of {self.total:g}" if self.total else ""
        return f"{self.done:g}{of_all} {self.unit}"

    def _speed(self, rate: float) -> str:
        speeds = {"s": f", {rate:.1f}x real time", "bytes": f", {rate / MEGABYTE:.1f} MB/s"}
        return speeds.get(self.unit, "")


class Progress:
    """The steps going on and the last that ended, and the bars of a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.steps: dict[str, Step] = {}
        self.said = -math.inf  # when people last had a line
        self.bars: rich.progress.Progress | None = None

    def move(self, name: str, done: float, total: float | None, unit: str) -> None:
        """Note how far a step is. One that begins, again it may be, clears away those at an end."""
        step = self.steps.get(name)
        if step is None or done < step.done:
            self._clear_ended()
            self._remove(name)
            step = self.steps[name] = Step(unit, before=done, begun=time.monotonic())
        step.done, step.total = done, total

    def claims_json_line(self, name: str) -> bool:
        """Whether a step gets a line now; it has had it then."""
        step, now = self.steps[name], time.monotonic()
        has_just_ended = step.is_at_end and not step.has_said_its_end
        if now - step.said < SECONDS_BETWEEN_JSON_LINES and not has_just_ended:
            return False
        step.said, step.has_said_its_end = now, step.is_at_end
        return True

    def claims_plain_line(self) -> bool:
        """Whether all steps get a line now; they have had it then."""
        now = time.monotonic()
        if now - self.said < SECONDS_BETWEEN_PLAIN_LINES:
            return False
        self.said = now
        return True

    def facts(self, name: str) -> dict[str, object]:
        """The fields of a step's line for machines."""
        step, now = self.steps[name], time.monotonic()
        total = None if step.total is None else round(step.total, 1)
        facts = {"step": name, "done": round(step.done, 1), "total": total, "unit": step.unit}
        rate, left = step.rate(now), step.seconds_left(now)
        known = {"rate": round(rate, 2)} if rate else {}
        return facts | known | ({} if left is None else {"seconds_left": round(left, 1)})

    def summary(self) -> str:
        """One line for all that is being done."""
        now = time.monotonic()
        return "; ".join(step.describe(name, now) for name, step in self.steps.items())

    def draw(self, name: str) -> None:
        """Show a step's bar as far as it is."""
        if self.bars is None:
            self.bars = _make_bars(self.stream)
            self.bars.start()
        step = self.steps[name]
        if step.bar is None:
            step.bar = self.bars.add_task(name)
        text = step.describe(name, time.monotonic())
        self.bars.update(step.bar, completed=step.done, total=step.total, description=text)

    def print(self, text: str) -> None:
        """Print a text as it is, above the bars."""
        if self.bars is None:
            print(text, file=self.stream, flush=True)
        else:
            self.bars.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Take the bars off the screen and forget the steps."""
        if self.bars is not None:
            self.bars.stop()
        self.bars, self.steps = None, {}

    def _clear_ended(self) -> None:
        for name in [name for name, step in self.steps.items() if step.is_at_end]:
            self._remove(name)

    def _remove(self, name: str) -> None:
        step = self.steps.pop(name, None)
        if step is not None and step.bar is not None and self.bars is not None:
            self.bars.remove_task(step.bar)


def _make_bars(stream: TextIO) -> "rich.progress.Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description:<50}", markup=False), BarColumn())
    return Progress(*columns, console=Console(file=stream), transient=True)
