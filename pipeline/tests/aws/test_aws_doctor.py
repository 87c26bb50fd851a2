"""`debate doctor` on AWS (F17, F18): each thing that a first job fails on, and its cure."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from debate_pipeline.aws.doctor import certificate, images
from debate_pipeline.aws.doctor.account import LINKED_ROLES
from debate_pipeline.terminal.findings import Verdict
from quota_server import QuotaServer

ACCOUNT = "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com"
ROLES = ("batch", "ecs", "autoscaling", "spot")
ENOUGH = {"L-3819A6DF": 64.0, "L-DB2E81BA": 8.0, "L-3032A538": 6.0}


class Account:
    """What a stack's account has, by the emulator; `doctor` is the command's answer."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.quotas = QuotaServer(dict(ENOUGH))
        self.secret = self.client("secretsmanager").create_secret(Name="hf-token")["ARN"]
        self.tell()

    def client(self, name):
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        return boto3.client(name, "eu-central-1", endpoint_url=self.cloud.endpoint, **keys)

    def tell(self, **more):
        self.cloud.write_outputs(
            repositories={"stats": f"{REGISTRY}/debates/stats"},
            images={"stats": "stats-v1.0.0"},
            secrets={"hfToken": self.secret, "youtubeCookies": None},
            modelsPrefix=f"s3://{self.cloud.BUCKET}/models",
            **more,
        )

    def make_ready(self):
        for role in LINKED_ROLES:  # moto gives them names of its own otherwise
            self.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument="{}")
        self.client("ecr").create_repository(repositoryName="debates/stats")
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        manifest = {"schemaVersion": 2, "mediaType": kind, "config": {"digest": "sha256:0"}}
        manifest = json.dumps(manifest | {"layers": []})
        self.client("ecr").put_image(
            repositoryName="debates/stats", imageManifest=manifest, imageTag="stats-v1.0.0"
        )
        self.client("secretsmanager").put_secret_value(SecretId=self.secret, SecretString="hf_x")
        for key in ("models/whisper/turbo/model.bin", "models/voices/campplus.onnx"):
            self.cloud.s3.put_object(Bucket=self.cloud.BUCKET, Key=key, Body=b"weights")

    def doctor(self, **environment):
        told = {"AWS_ENDPOINT_URL_SERVICE_QUOTAS": self.quotas.url} | environment
        return self.cloud.debate("doctor", **told)


@pytest.fixture
def account(cloud):
    account = Account(cloud)
    yield account
    account.quotas.close()


def test_where_all_is_there_nothing_is_to_be_done(account):
    account.make_ready()
    result = account.doctor()

    assert result.returncode == 0, result.stdout
    assert "to do" not in result.stdout.partition("\n")[2]
    for thing in ("account", "linked role", "quota", "queue", "image", "weights", "secret"):
        assert f"  {thing} " in result.stdout


def test_in_an_empty_account_every_line_says_what_to_do(account):
    account.quotas.values = dict.fromkeys(ENOUGH, 0.0)
    result = account.doctor()

    assert result.returncode == 64
    said = result.stdout
    for service in ROLES:
        cure = f"aws iam create-service-linked-role --aws-service-name {service}.amazonaws.com"
        assert cure in said
    assert "vCPUs of GPU machines on Spot in eu-central-1: 0, and 4 are needed for one job" in said
    assert "--service-code fargate --quota-code L-3032A538" in said
    assert "stats:stats-v1.0.0 is not there: `make images push`" in said
    assert 'is empty: make models OUT="s3://debates/models"' in said
    assert "hfToken has no value yet: aws secretsmanager put-secret-value --secret-id " in said


def test_a_closed_queue_is_found(account):
    account.make_ready()
    account.cloud.batch.queues["d-gpu"]["state"] = "DISABLED"
    result = account.doctor()

    assert result.returncode == 64
    assert "d-gpu is disabled" in result.stdout


def test_credentials_of_another_account_are_found(account):
    account.make_ready()
    elsewhere = "999999999999.dkr.ecr.eu-central-1.amazonaws.com/debates/stats"
    account.tell()
    account.cloud.write_outputs(
        **(account.cloud.outputs_now() | {"repositories": {"stats": elsewhere}})
    )

    assert "the credentials are of 123456789012, the stack's images in 999999999999" in (
        account.doctor().stdout
    )


def test_what_may_not_be_asked_is_said_and_hides_nothing_else(account):
    account.make_ready()
    account.quotas.values = {}
    result = account.doctor()

    assert result.returncode == 0
    [line] = [line for line in result.stdout.splitlines() if line.startswith("unknown")]
    assert "quotas" in line
    assert "hfToken has a value" in result.stdout


# --- F18 ---


@pytest.mark.parametrize(
    ("tags", "content", "verdict"),
    [
        (["stats-v1.0.0", "tree-1"], "tree-1", Verdict.WELL),
        (["stats-v1.0.0", "tree-0"], "tree-1", Verdict.ILL),
        (["stats-v1.0.0"], "", Verdict.WELL),  # without a checkout nobody can tell
        (None, "tree-1", Verdict.ILL),
    ],
)
def test_an_image_of_other_files_than_the_checkouts_is_ill(tags, content, verdict):
    assert images.judge("stats", "stats-v1.0.0", tags, content).verdict == verdict


def test_an_image_that_was_chosen_by_its_tag_is_well_whatever_it_is_made_of():
    found = images.judge("stats", "commit-0123456789ab", ["commit-0123456789ab"], "tree-1")

    assert found.verdict == Verdict.WELL


# --- the site's certificate ---

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VALID = {"DomainName": "debates.example.org", "Status": "ISSUED", "NotAfter": NOW + timedelta(365)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "debates.example.org until 2027-01-01"),
        ({"DomainName": "*.example.org"}, "debates.example.org until"),
        ({"Status": "PENDING_VALIDATION"}, "its state is PENDING_VALIDATION"),
        ({"DomainName": "other.example.org"}, "it is for other.example.org, not for debates"),
        ({"NotAfter": NOW + timedelta(7)}, "it ends on 2026-01-08"),
    ],
)
def test_a_certificate_is_valid_for_the_site_and_for_a_while(change, words):
    assert words in certificate.judge(VALID | change, "debates.example.org", NOW).words


def test_the_certificate_is_looked_at_where_there_is_a_site(account):
    account.make_ready()
    arn = account.client("acm").request_certificate(DomainName="debates.example.org")
    account.tell(webappUrl="https://debates.example.org", certificateArn=arn["CertificateArn"])

    assert "  certificate " in account.doctor().stdout


def test_a_digest_is_taken_where_the_checkout_has_the_script(tmp_path):
    script = tmp_path / "scripts" / "content.sh"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\necho 0123456789ab\n")
    script.chmod(0o755)

    assert images.content_of(tmp_path, "stats") == "tree-0123456789ab"
    assert images.content_of(Path("/nowhere"), "stats") == ""
    assert images.content_of(None, "stats") == ""
