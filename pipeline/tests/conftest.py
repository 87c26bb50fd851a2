import hashlib
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import boto3
import pyarrow as pa
import pytest
from debate_pipeline import cli
from debate_pipeline.jobs import JobStore
from debate_pipeline.stages import COMMANDS, STAGES
from fake_batch import FakeBatch
from moto.server import ThreadedMotoServer
from pyarrow import parquet

FAKE = Path(__file__).with_name("fake_stage.py")
URL = "https://example.org/debate.mp4"


class House:
    """A checkout with fake stages, a store, and the command `debate` to run there."""

    def __init__(self, folder: Path, figures: Path) -> None:
        self.home, self.root, self.control = folder / "home", folder / "data", folder / "control"
        self.control.mkdir()
        shutil.copy(figures, self.control / "stats.parquet")
        self._started: list[subprocess.Popen[str]] = []
        for stage in STAGES:
            self._install(stage)

    def _install(self, stage: str) -> None:
        service, (program, *_) = COMMANDS[stage]
        command = self.home / "services" / service / ".venv" / "bin" / program
        command.parent.mkdir(parents=True)
        words = shlex.join([sys.executable, "-IS", str(FAKE), stage])
        told = f"FAKE_CONTROL={shlex.quote(str(self.control))}"
        command.write_text(f'#!/bin/sh\n{told} exec {words} "$@"\n')
        command.chmod(0o755)

    def environment(self, **more: str) -> dict[str, str]:
        own = {
            "DEBATE_HOME": str(self.home),
            "STORAGE_ROOT": str(self.root),
            "FAKE_CONTROL": str(self.control),
            "RETRY_DELAY": "0.05",
            "COLUMNS": "200",
        }
        return {"PATH": os.environ["PATH"]} | own | more

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "debate_pipeline", *arguments],
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def debate(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command in this process, which is quicker; its stages are processes still."""
        out, err = io.StringIO(), io.StringIO()
        own_environment = mock.patch.dict(os.environ, self.environment(**environment), clear=True)
        with own_environment, redirect_stdout(out), redirect_stderr(err):
            code = cli.run(arguments)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    def order(self, stage: str, *orders: str) -> None:
        (self.control / f"{stage}.script").write_text("\n".join(orders))

    def wait_for(self, stage: str) -> None:
        wait_until((self.control / f"{stage}.waiting").exists)

    def start_and_wait(self, stage: str, *arguments: str) -> subprocess.Popen[str]:
        """Start the command and return when its stage is at its `wait` or `stubborn`, once more."""
        (self.control / f"{stage}.waiting").unlink(missing_ok=True)
        process = self.start(*arguments)
        self.wait_for(stage)
        return process

    def wait_for_rest(self) -> None:
        store = JobStore(self.root)
        [job] = store.all()
        wait_until(lambda: not store.is_running(job.job_id))

    def let_go(self, stage: str) -> None:
        (self.control / f"{stage}.go").touch()

    def calls(self, stage: str) -> list[dict]:
        path = self.control / f"{stage}.calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def count_calls(self) -> list[int]:
        return [len(self.calls(stage)) for stage in STAGES]

    def jobs(self) -> list[dict]:
        records = (self.root / "jobs").glob("*/job.json")
        found = [json.loads(path.read_text()) for path in records]
        return sorted(found, key=lambda job: job["created_at"])

    def states(self) -> list[str]:
        [job] = self.jobs()
        return [stage["state"] for stage in job["stages"]]

    def files(self) -> list[str]:
        """What lies in the only job's folder, apart from the logs."""
        [folder] = (path for path in (self.root / "jobs").iterdir() if path.is_dir())
        found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return sorted(str(path) for path in found if path.parts[0] != "logs")

    def close(self) -> None:
        for stage in STAGES:
            self.let_go(stage)
        for process in self._started:
            process.kill()
            process.communicate()


def wait_until(condition, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def figures(tmp_path_factory):
    """What the fake stats stage hands out."""
    columns = {
        "speaker_id_in_transcript": ["SPEAKER_00", "SPEAKER_01"],
        "total_seconds": [30.0, 90.0],
        "share_speaking_time": [0.25, 0.75],
        "word_count": [70, 1210],
    }
    path = tmp_path_factory.mktemp("figures") / "stats.parquet"
    parquet.write_table(pa.table(columns), path)
    return path


@pytest.fixture
def house(tmp_path, figures):
    house = House(tmp_path, figures)
    yield house
    house.close()


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
            "queues": {"cpu": "d-cpu", "gpu": "d-gpu"},
            "jobDefinitions": {stage: f"d-{stage}" for stage in stages},
            "logGroup": self.LOG_GROUP,
        }
        self.outputs.write_text(json.dumps(outputs | changes))

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
        records = [self.s3.get_object(Bucket=self.BUCKET, Key=key)["Body"].read() for key in found]
        return sorted(map(json.loads, records), key=lambda r: (r["created_at"], r["job_id"]))

    def put_record(self, record: dict) -> None:
        key = f"submissions/{hashlib.sha256(record['source'].encode()).hexdigest()}.json"
        self.s3.put_object(Bucket=self.BUCKET, Key=key, Body=json.dumps(record).encode())

    def objects(self) -> list[str]:
        answer = self.s3.list_objects_v2(Bucket=self.BUCKET)
        return sorted(found["Key"] for found in answer.get("Contents", []))

    def statuses(self) -> list[str]:
        return [job["status"] for job in self.batch.jobs.values()]


@pytest.fixture(scope="session")
def moto_endpoint():
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def cloud(house, moto_endpoint, tmp_path):
    reset = urllib.request.Request(f"{moto_endpoint}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset, timeout=10).close()
    cloud = Cloud(house, moto_endpoint, tmp_path)
    yield cloud
    cloud.batch.server.close()
