"""Read the log lines of a stage (contracts/README.md, "Log lines"), also while they are written."""

import json
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from debate_pipeline.job.record import State

LARGEST = 1e300  # that is a number; none is not below it
LAST_BYTES = 65_536  # of a log, where only its last word is wanted
POLL = 0.1  # seconds between two looks at a growing log


@dataclass(frozen=True)
class Event:
    """One line of a log. A line that is not ours (a warning, a traceback) has the kind "output"."""

    kind: str
    message: str
    time: str = ""
    level: str = "info"
    step: str = ""
    done: float | None = None
    total: float | None = None
    unit: str = ""
    exit_code: int | None = None
    skipped: bool = False


@dataclass(frozen=True)
class Outcome:
    """How an attempt at a stage ended, with its last word."""

    state: State
    exit_code: int | None
    message: str


def parse_event(line: str) -> Event:
    """Return the event in a line."""
    try:
        fields: Any = json.loads(line)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or "event" not in fields:
        return Event("output", line)
    return Event(
        kind=str(fields["event"]),
        message=_text(fields.get("message")),
        time=_text(fields.get("time")),
        level=str(fields.get("level") or "info"),
        step=_text(fields.get("step")),
        done=_number(fields.get("done")),
        total=_number(fields.get("total")),
        unit=_text(fields.get("unit")),
        exit_code=_integer(fields.get("exit_code")),
        skipped=fields.get("skipped") is True,
    )


def _text(value: object) -> str:
    """What can be printed: of a name that is no UTF-8, JSON has halves of characters."""
    return str(value or "").encode("utf-8", "replace").decode()


def _number(value: object) -> float | None:
    """A number that JSON has, too; Python reads and writes NaN and Infinity, programs do not."""
    return float(value) if isinstance(value, int | float) and abs(value) < LARGEST else None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) else None


def tail(log: Path, alive: Callable[[], bool], start: int = 0) -> Iterator[Event]:
    """Yield the events of a log from byte `start` on, until its writer is no longer `alive`."""
    rest = b""
    with log.open("rb") as stream:
        stream.seek(start)
        while True:
            ended = not alive()  # asked before reading, so that the last lines are not missed
            *lines, rest = (rest + stream.read()).split(b"\n")
            yield from _events(lines)
            if ended:
                break
            time.sleep(POLL)
    yield from _events([rest])


def read_events(log: Path, start: int = 0) -> list[Event]:
    """Return the events that a log holds now, from byte `start` on."""
    return list(tail(log, lambda: False, start)) if log.exists() else []


def newest_progress(events: Iterable[Event]) -> Event | None:
    """Return the last progress of a stage's newest attempt."""
    newest = None
    for event in events:
        if event.kind in ("progress", "started"):
            newest = event if event.kind == "progress" else None
    return newest


def read_last_events(log: Path, start: int) -> list[Event]:
    """Return the last events of a log, however long it is, and none from before byte `start`."""
    size = log.stat().st_size if log.exists() else 0
    return read_events(log, max(start, size - LAST_BYTES))


def _events(lines: list[bytes]) -> Iterator[Event]:
    for line in lines:
        if text := line.decode(errors="replace").strip():
            yield parse_event(text)


def read_outcome(log: Path, start: int, exit_code: int | None) -> Outcome:
    """Return how the attempt ended whose log lines begin at byte `start`.

    `exit_code` is None when nobody saw the stage end; then its last event decides, and a stage
    that went without a `finished` or `failed` event was interrupted.
    """
    events = read_events(log, start)
    last = next((e for e in reversed(events) if e.kind in ("finished", "failed")), None)
    if exit_code is None:
        return _unseen_outcome(last)
    if exit_code < 0:
        return Outcome(State.INTERRUPTED, 75, _killed(-exit_code))
    if exit_code == 0:
        return Outcome(State.DONE, 0, last.message if last else "")
    if last is not None and last.kind == "failed":
        return Outcome(State.FAILED, exit_code, last.message)
    return Outcome(State.FAILED, exit_code, events[-1].message if events else "it said nothing")


def _unseen_outcome(last: Event | None) -> Outcome:
    if last is None:
        return Outcome(State.INTERRUPTED, None, "the stage was stopped")
    if last.kind == "finished":
        return Outcome(State.DONE, 0, last.message)
    return Outcome(State.FAILED, last.exit_code or 70, last.message)


def _killed(number: int) -> str:
    hint = "; was the memory used up?" if number == signal.SIGKILL else ""
    return f"it was killed by {signal.Signals(number).name}{hint}"
