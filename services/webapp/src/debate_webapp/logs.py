"""Event log of the contract: JSON lines for machines, one plain sentence for people."""

import json
import sys
from datetime import UTC, datetime


class Log:
    """Writes to standard error: records when `json` is set, else plain lines."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self.json = False

    def note(self, message: str) -> None:
        """A choice or a warning worth reading."""
        self._write("info", "note", message)

    def finished(self, message: str, outputs: list[str], *, skipped: bool) -> None:
        """Done; `skipped` when there was nothing to do. People read it on standard output."""
        if self.json:
            self._write("info", "finished", message, outputs=outputs, skipped=skipped)

    def failed(self, error: Exception, exit_code: int) -> None:
        """The sentence for the user."""
        name = type(error).__name__
        self._write("error", "failed", str(error), exit_code=exit_code, error=name)

    def _write(self, level: str, event: str, message: str, **fields: object) -> None:
        if not self.json:
            prefix = "error: " if level == "error" else ""
            print(f"{prefix}{message}", file=sys.stderr)  # noqa: T201 - the log is the output
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = {"time": now, "level": level, "stage": self._stage, "event": event}
        print(json.dumps(record | {"message": message} | fields), file=sys.stderr)  # noqa: T201
