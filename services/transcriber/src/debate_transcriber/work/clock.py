"""How long each step of the work took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Clock:
    """Seconds per step; not counted is what lies between pause and resume."""

    timings: dict[str, float] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    paused: float | None = None

    @property
    def total(self) -> float:
        """Seconds since the clock was made."""
        return time.monotonic() - self.begun

    def pause(self) -> None:
        """Stop counting: nobody works on the recording."""
        self.paused = time.monotonic()

    def resume(self) -> None:
        """Go on counting."""
        if self.paused is not None:
            self.begun += time.monotonic() - self.paused
            self.paused = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        start = self.total
        yield
        self.timings[name] = self.timings.get(name, 0.0) + self.total - start
