"""Show how far a job is: bars on a terminal, a line now and then elsewhere."""

import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from debate_pipeline.job.follow import Event
from debate_pipeline.job.record import StageRecord, State

PLAIN_EVERY = 10.0  # seconds between two progress lines where there is no bar


class Display(Protocol):
    """What the backend tells the user while it works."""

    def begin(self, stage: str) -> None:
        """A stage starts, or is met under way."""

    def event(self, stage: str, event: Event) -> None:
        """A stage has said something."""

    def end(self, stage: str, record: StageRecord) -> None:
        """A stage has ended."""

    def note(self, message: str) -> None:
        """Something worth reading that no stage says."""


def print_plain(console: Console, text: str) -> None:
    """Print a text as it is."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def format_amount(amount: float, unit: str) -> str:
    """Return an amount as people write it: 1:02:05, 3.4 MB, 12 segments."""
    return f"{_number(amount, unit)} {_unit(unit)}".rstrip()


def _number(amount: float, unit: str) -> str:
    if unit == "s":
        minutes, seconds = divmod(int(amount), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{amount / 1e6:.1f}" if unit == "bytes" else f"{amount:g}"


def _unit(unit: str) -> str:
    return {"s": "", "bytes": "MB"}.get(unit, unit)


def describe_progress(event: Event) -> str:
    """Return a progress event in words: "recognition 0:42 of 1:58"."""
    step = event.step.replace("_", " ") or event.message
    if event.done is None:
        return step
    if not event.total:
        return f"{step} {format_amount(event.done, event.unit)}"
    done, total = _number(event.done, event.unit), format_amount(event.total, event.unit)
    return f"{step} {done} of {total}"


class PlainDisplay:
    """Lines for a file, a pipe or a build log."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._shown: tuple[str, float] = ("", 0.0)

    def __enter__(self) -> Self:
        """Nothing to set up; the bars of a terminal need it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to clear away."""

    def begin(self, stage: str) -> None:
        """Say that the stage starts."""
        self._line(f"{stage}: started")

    def event(self, stage: str, event: Event) -> None:
        """Pass notes on, and progress at a new step or every few seconds."""
        if event.kind == "note":
            self._line(f"{stage}: {event.message}")
        elif event.kind == "progress" and self._is_time_for(event.step):
            self._line(f"{stage}: {describe_progress(event)}")

    def _is_time_for(self, step: str) -> bool:
        shown_step, shown_at = self._shown
        if step == shown_step and time.monotonic() - shown_at < PLAIN_EVERY:
            return False
        self._shown = (step, time.monotonic())
        return True

    def end(self, stage: str, record: StageRecord) -> None:
        """Say how the stage ended; why it failed is the caller's to say."""
        done = record.state is State.DONE and record.message
        self._line(f"{stage}: {record.state}" + (f" - {record.message}" if done else ""))

    def note(self, message: str) -> None:
        """Print the message."""
        self._line(message)

    def _line(self, text: str) -> None:
        print_plain(self.console, text)


class BarDisplay:
    """One bar per stage on a terminal, notes above them."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.fields[mark]} {task.fields[stage]:<10}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Start drawing."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the bars as they are and stop drawing."""
        self._progress.stop()

    def begin(self, stage: str) -> None:
        """Draw the stage's bar, a new one for a new attempt."""
        if stage in self._tasks:
            self._progress.remove_task(self._tasks[stage])
        self._tasks[stage] = self._progress.add_task("", total=None, stage=stage, mark=" ")

    def event(self, stage: str, event: Event) -> None:
        """Move the bar; print notes above."""
        if event.kind == "note":
            self.note(f"{stage}: {event.message}")
        elif event.kind == "started":
            self._progress.update(self._tasks[stage], description=escape(event.message))
        elif event.kind == "progress":
            self._progress.update(
                self._tasks[stage],
                total=event.total,
                completed=event.done or 0,
                description=escape(describe_progress(event)),
            )

    def end(self, stage: str, record: StageRecord) -> None:
        """Fill the bar, or leave it where it stood when the stage did not succeed."""
        task, done = self._tasks[stage], record.state is State.DONE
        if done:
            self._progress.update(task, total=1, completed=1)
        mark, text = ("✓", escape(record.message)) if done else ("✗", record.state)
        self._progress.update(task, mark=mark, description=text)
        self._progress.stop_task(task)

    def note(self, message: str) -> None:
        """Print the message above the bars."""
        print_plain(self._progress.console, message)


def make_display(console: Console) -> BarDisplay | PlainDisplay:
    """Return the display that suits where the user reads."""
    return BarDisplay(console) if console.is_terminal else PlainDisplay(console)
