"""EventBridge's "Batch Job State Change", as far as the site needs it.

The fields are those of "AWS Batch events" in the Batch user guide: `detail` is what DescribeJobs
says of the job. It is believed for its place only: the transcript is read from the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from debate_contract.errors import BadInput

from debate_webapp.incoming.texts import one_line

# In the reason where a queue has cancelled what found no machine (AWS: job state time limits).
GIVEN_UP = "JobStateTimeLimit"
# The longest that is kept of a name or a reason that somebody else wrote.
MOST_TEXT = 500
# In whose environment a stage finds its job's folder.
_PLACES = ("TRANSCRIPTS_S3_PREFIX", "VIDEO_S3_PREFIX")


@dataclass(frozen=True, slots=True)
class JobEvent:
    """How a job ended. `transcripts` is the address of its transcripts/, where it has one.

    A job that somebody ended on purpose, here or elsewhere, has not succeeded, nor has it failed.
    """

    job_id: str
    name: str
    succeeded: bool
    transcripts: str
    reason: str
    log_stream: str
    at: datetime
    listed: bool  # a list as a whole
    on_purpose: bool


def parse_event(event: object, root: str) -> JobEvent:
    """The event of a job that ended; `root` is the store's. Raises BadInput for anything else."""
    try:
        return _parse(event, root)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadInput(f"this is no event of a job that ended ({error!r})") from error


def _parse(event: Mapping[str, Any], root: str) -> JobEvent:
    detail = event["detail"]
    if event["source"] != "aws.batch" or detail["status"] not in ("SUCCEEDED", "FAILED"):
        raise ValueError(event["source"], detail["status"])
    return JobEvent(
        job_id=one_line(detail["jobId"], MOST_TEXT),
        name=one_line(detail["jobName"], MOST_TEXT),
        succeeded=detail["status"] == "SUCCEEDED",
        transcripts=_transcripts(detail, root),
        reason=_reason(detail),
        log_stream=one_line(detail.get("container", {}).get("logStreamName") or "", MOST_TEXT),
        at=datetime.fromisoformat(event["time"]).astimezone(UTC),
        listed=_is_list(detail),
        on_purpose=_is_on_purpose(detail),
    )


def _transcripts(detail: Mapping[str, Any], root: str) -> str:
    """Where a stage was told to look; a job with all stages has the folder of its own id."""
    own = f"{root}/jobs/{_folder(detail)}/transcripts"
    pairs = detail.get("container", {}).get("environment", [])
    told = {pair["name"]: pair["value"] for pair in pairs}
    place = next((told[name] for name in _PLACES if told.get(name)), own)
    folder, _, last = place.rstrip("/").rpartition("/")
    place = f"{folder}/transcripts" if last == "videos" else place.rstrip("/")
    index = detail.get("arrayProperties", {}).get("index", "")
    if not place.isprintable():
        raise ValueError(place)
    return place.replace("{index}", str(index))


def _is_on_purpose(detail: Mapping[str, Any]) -> bool:
    """Whether somebody ended it: not the queue, nor where it was done before it could be."""
    asked = detail.get("isTerminated") or detail.get("isCancelled")
    given_up = GIVEN_UP in str(detail.get("statusReason"))
    return detail["status"] == "FAILED" and bool(asked) and not given_up


def _is_list(detail: Mapping[str, Any]) -> bool:
    return bool(detail.get("arrayProperties", {}).get("statusSummary"))


def _folder(detail: Mapping[str, Any]) -> str:
    """The name of a job's folder; of a list what its recordings' have in common, at every stage."""
    whole = "-" if _is_list(detail) else ""
    return f"{detail['jobId'].replace(':', '-')}{whole}"


def _reason(detail: Mapping[str, Any]) -> str:
    """Why it failed; of a list how many of it did."""
    counted = detail.get("arrayProperties", {}).get("statusSummary", {})
    if counted:
        return f"{counted.get('FAILED', 0)} of {sum(counted.values())} recordings failed"
    own = detail.get("container", {}).get("reason")
    return one_line(own or detail.get("statusReason") or "AWS gives no reason", MOST_TEXT)
