"""The stages' log lines in CloudWatch."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError
from debate_contract.storage import code_of

from debate_pipeline.job.follow import Event, parse_event

LAST_LINES = 200


class StreamReader:
    """Reads streams of a log group, each from where the last reading of it ended."""

    def __init__(self, logs: Any, group: str) -> None:
        self.logs, self.group = logs, group
        self._tokens: dict[str, str] = {}

    def read(self, stream: str) -> Iterator[Event]:
        """Yield what is new in a stream; nothing when it does not exist yet."""
        while True:
            token = self._tokens.get(stream)
            more = {"nextToken": token} if token else {}
            answer = self._get(stream, startFromHead=True, **more)
            yield from (parse_event(line["message"]) for line in answer["events"])
            following = answer.get("nextForwardToken")
            if following in (None, token):
                return
            self._tokens[stream] = str(following)

    def last_sentence(self, streams: list[str]) -> str:
        """Return the sentence with which the newest attempt failed, if it left one."""
        events = self.last_events(streams)
        return next((e.message for e in reversed(events) if e.kind == "failed"), "")

    def last_events(self, streams: list[str]) -> list[Event]:
        """Return what the newest attempt has said last, in one call."""
        if not streams:
            return []
        answer = self._get(streams[-1], startFromHead=False, limit=LAST_LINES)
        return [parse_event(line["message"]) for line in answer["events"]]

    def _get(self, stream: str, **more: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self.logs.get_log_events(
                logGroupName=self.group, logStreamName=stream, **more
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return {"events": []}
            raise
        return answer
