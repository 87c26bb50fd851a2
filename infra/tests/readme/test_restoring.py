"""The drill of restoring: the README's commands, run on an emulator of AWS."""

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from readme_sections import section

KEY = "jobs/5f0c9a1e/transcripts/debate_transcription.json"
REGION = "eu-central-1"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account on loopback, which the AWS CLI and boto3 find."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    told = {"ENDPOINT_URL": f"http://{host}:{port}", "DEFAULT_REGION": REGION}
    keys = {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "EC2_METADATA_DISABLED": "true"}
    for name, value in (told | keys).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    yield
    urllib.request.urlopen(f"http://{host}:{port}/moto-api/reset", b"", timeout=10).close()
    server.stop()


@pytest.fixture
def s3(account: None) -> Any:
    """A bucket as the stack makes it: versioned, with a transcript in it."""
    s3 = boto3.client("s3")
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="debates", CreateBucketConfiguration=place)
    s3.put_bucket_versioning(Bucket="debates", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="debates", Key=KEY, Body=b"as it was")
    s3.put_object(Bucket="debates", Key=f"{KEY}.other", Body=b"another")
    return s3


@pytest.fixture
def rds(account: None) -> Any:
    rds = boto3.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="site",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="debates",
        MasterUserPassword="not-a-secret",
    )
    for name in ("older", "newest"):
        rds.create_db_snapshot(DBInstanceIdentifier="site", DBSnapshotIdentifier=name)
    return rds


def follow(title: str, **variables: str) -> None:
    """Run the block of the README that begins with this comment, as a reader would."""
    blocks = re.findall(r"```bash\n(.*?)```", section("Environments, state and restoring"), re.S)
    [block] = [block for block in blocks if block.startswith(f"# {title}\n")]
    environment = os.environ | variables
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    command = ["bash", "-euo", "pipefail", "-c", block]
    subprocess.run(command, env=environment, check=True, timeout=100, stdout=subprocess.DEVNULL)


def read(s3: Any) -> bytes:
    body: bytes = s3.get_object(Bucket="debates", Key=KEY)["Body"].read()
    return body


def test_what_was_deleted_comes_back(s3: Any) -> None:
    s3.delete_object(Bucket="debates", Key=KEY)
    follow("restore what was deleted", bucket="debates", key=KEY)

    assert read(s3) == b"as it was"


def test_what_was_overwritten_comes_back(s3: Any) -> None:
    s3.put_object(Bucket="debates", Key=KEY, Body=b"spoilt")
    follow("restore what was overwritten", bucket="debates", key=KEY)

    assert read(s3) == b"as it was"


@pytest.mark.parametrize("title", ["beside itself", "from a snapshot"])
def test_the_database_comes_back_beside_the_one_that_runs(rds: Any, title: str) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    follow(f"restore the database {title}", database="site", before=now)

    instances = rds.describe_db_instances()["DBInstances"]
    assert [one["DBInstanceIdentifier"] for one in instances] == ["site", "site-restored"]
    assert {one["Engine"] for one in instances} == {"postgres"}
