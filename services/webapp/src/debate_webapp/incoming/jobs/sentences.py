"""A stage's own sentence on why it failed, from its log in CloudWatch."""

import json
from dataclasses import dataclass
from typing import Any

from debate_webapp.incoming.texts import one_line

LAST_LINES = 50
LONGEST = 3000


@dataclass(frozen=True)
class Sentences:
    """Reads in one log group; without a name it knows nothing."""

    log_group: str = ""
    region: str | None = None

    def last(self, stream: str) -> str:
        """The message of the last `failed` line of a stream; nothing where it cannot be had.

        The failure is kept in any case: with Batch's reason where the log is not to be read.
        """
        if not self.log_group:
            return ""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client().get_log_events(
                logGroupName=self.log_group,
                logStreamName=stream,
                startFromHead=False,
                limit=LAST_LINES,
            )
        except (BotoCoreError, ClientError):
            return ""
        lines = (_parsed(event["message"]) for event in reversed(answer["events"]))
        said = (str(line.get("message") or "") for line in lines if line.get("event") == "failed")
        return next((one_line(one, LONGEST) for one in said if one), "")

    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        patience = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
        return boto3.client("logs", region_name=self.region, config=patience)


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
