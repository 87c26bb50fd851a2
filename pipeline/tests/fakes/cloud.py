"""A stack on loopback, and the command `debate` that has it selected."""

import hashlib
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import boto3
from debate_pipeline.aws.records.lists import parse_body
from debate_pipeline.job.record import to_document
from fake_batch import KINDS, SHARED, FakeBatch
from house import House
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends


class Cloud:
    """A stack: a bucket and a log group in moto, queues in our fake of Batch."""

    BUCKET, LOG_GROUP, REGION = "debates", "/aws/batch/d", "eu-central-1"

    def __init__(self, house: House, endpoint: str, folder: Path) -> None:
        self.house, self.endpoint = house, endpoint
        self.outputs = folder / "outputs.json"
        self.s3, self.logs = self._client("s3"), self._client("logs")
        self.s3.create_bucket(
            Bucket=self.BUCKET, CreateBucketConfiguration={"LocationConstraint": self.REGION}
        )
        self.logs.create_log_group(logGroupName=self.LOG_GROUP)
        self.batch = FakeBatch(house.control, self.s3, self.logs, self.BUCKET, self.LOG_GROUP)
        self.write_outputs()

    def _client(self, service: str):
        return boto3.client(
            service,
            region_name=self.REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )

    def write_outputs(self, **changes) -> None:
        stages = ("download", "transcribe", "stats", "pipeline")
        outputs = {
            "bucket": self.BUCKET,
            "region": self.REGION,
            "queues": {kind: f"d-{kind}" for kind in KINDS},
            "sharedQueues": SHARED,
            "jobDefinitions": {stage: f"d-{stage}" for stage in stages},
            "logGroup": self.LOG_GROUP,
        }
        self.outputs.write_text(json.dumps(outputs | changes))

    def outputs_now(self) -> dict:
        return json.loads(self.outputs.read_text())

    def environment(self, **more: str) -> dict[str, str]:
        own = {
            "DEBATE_STACK_OUTPUTS": str(self.outputs),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_BATCH": self.batch.server.url,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        }
        return own | more

    def debate(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.house.debate(*arguments, **self.environment(**environment))

    def records(self) -> list[dict]:
        """What was submitted, oldest first."""
        found = [key for key in self.objects() if key.startswith("submissions/")]
        bodies = [self.s3.get_object(Bucket=self.BUCKET, Key=key)["Body"].read() for key in found]
        records = [record for body in bodies for record in _of_each(json.loads(body))]
        records.sort(key=lambda record: (record["created_at"], record["job_id"]))
        return [*{record["source"]: record for record in records}.values()]

    def put_record(self, record: dict) -> None:
        self.s3.put_object(Bucket=self.BUCKET, Key=_key(record), Body=json.dumps(record).encode())

    def put_thousands(self, records: Iterable[dict]) -> None:
        """Lay records into moto's memory, past HTTP, which would take minutes."""
        memory = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        for record in records:
            memory.put_object(self.BUCKET, _key(record), json.dumps(record).encode())

    def objects(self) -> list[str]:
        answer = self.s3.list_objects_v2(Bucket=self.BUCKET)
        return sorted(found["Key"] for found in answer.get("Contents", []))

    def statuses(self) -> list[str]:
        return [job["status"] for job in self.batch.jobs.values()]


def _key(record: dict) -> str:
    return f"submissions/{hashlib.sha256(record['source'].encode()).hexdigest()}.json"


def _of_each(document: dict) -> list[dict]:
    """A record of each source: a list's has all of its in one."""
    if "sources" not in document:
        return [document]
    record = parse_body(document)
    return [to_document(record.child(number)) for number in range(len(record.sources))]
