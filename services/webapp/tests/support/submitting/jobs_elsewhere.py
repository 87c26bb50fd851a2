"""A queue that hands its jobs in elsewhere, as to AWS, and what is said of them there."""

import json
import time
from collections.abc import Callable
from typing import Any

from debate_webapp.incoming.local import LocalStore
from debate_webapp.submitting.front_door import FrontDoor
from debate_webapp.submitting.keeper import Keeper
from newsrooms import FAKE, Newsroom


def report(state: str = "running", stage: str = "transcribe", **more: Any) -> dict[str, Any]:
    """A job as `debate status --json` says it (contracts/status), what the site reads of it."""
    step = {"step": "speech_recognition", "message": "", "fraction": 0.25, "done": 1, "total": 4}
    names = ("download", "transcribe", "stats")
    stages = [
        {"name": name, "state": "pending", "progress": step if name == stage else None}
        for name in names
    ]
    job = {"state": state, "stage": stage, "message": "", "cost_estimate_usd": 0.123}
    return job | {"stages": stages} | more


class Elsewhere(Newsroom):
    """A queue whose front door hands jobs in elsewhere, and what is said of them there."""

    def hand_in(self, *names: str) -> list[str]:
        """Submit so many; the ids of their jobs."""
        ids = self.submit(*names)
        self.until(*["away"] * len(self.states()))
        return [self.row(row_id).job_id for row_id in ids]

    def say(self, **jobs: dict[str, Any]) -> None:
        file = self.control / "elsewhere.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps(known | jobs))

    def look(self) -> None:
        """Have all asked and answered that is due."""
        self.keeper._follower._next_look = 0.0
        before = len(self.calls())
        self._turn_until(lambda: len(self.calls()) > before)
        self._turn_until(lambda: self.keeper._follower._question is None)

    def _turn_until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not done():
            assert time.monotonic() < deadline
            self.keeper.turn()
            time.sleep(0.02)

    def asked(self, command: str) -> list[list[str]]:
        return [call["arguments"] for call in self.calls() if call["arguments"][0] == command]

    def new_keeper(self, at_once: int = 1) -> Keeper:
        self.front_door = FrontDoor("s3://debates", str(FAKE))
        keeper = super().new_keeper(at_once)
        keeper._follower._store = LocalStore(str(self.root / "store"))
        return keeper
