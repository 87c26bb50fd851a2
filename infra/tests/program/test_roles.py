"""Every role of a stack with everything on: each action and each resource, written out."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Program, Recorded, Region
from debate_infra.components.foundation.roles import service_role
from forms import TELLING

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mine-AbCdEf"
BUCKET = "arn:aws:Bucket:debate-analyzer"
LOG = "arn:aws:LogGroup:jobs-log:*"
WEB_LOG = "arn:aws:LogGroup:web-log:*"
TOKEN = "arn:aws:Secret:debate-analyzer-hf-token"
WEB_KEY = "arn:aws:Secret:debate-analyzer-web-key"
EVENT_KEY = "arn:aws:Secret:debate-analyzer-web-events"
HOOK_KEY = "arn:aws:Secret:debate-analyzer-web-webhook-secret"
SMTP_KEY = "arn:aws:Secret:debate-analyzer-web-smtp-url"
DATABASE_KEY = "arn:aws:secretsmanager:rds!db-1"

Rights = dict[str, set[str]]


def repository(*services: str) -> set[str]:
    return {f"arn:aws:Repository:{service}" for service in services}


def start(services: set[str], log: str, *secrets: str) -> Rights:
    """The rights of an execution role."""
    rights: Rights = {
        "ecr:GetAuthorizationToken": {"*"},
        "ecr:BatchCheckLayerAvailability": services,
        "ecr:BatchGetImage": services,
        "ecr:GetDownloadUrlForLayer": services,
        "logs:CreateLogStream": {log},
        "logs:PutLogEvents": {log},
    }
    return rights | ({"secretsmanager:GetSecretValue": set(secrets)} if secrets else {})


JOBS = {f"{BUCKET}/jobs/*"}
CORRECTIONS = {f"{BUCKET}/corrections/*"}
DATASET = {f"{BUCKET}/dataset/*"}
READ: Rights = {"s3:ListBucket": {BUCKET}, "s3:GetObject": JOBS}
COOKIES: Rights = {"secretsmanager:GetSecretValue": {ARN}}
DOWNLOADED = {f"{BUCKET}/jobs/*/{place}" for place in ("media.json", "videos/*", "subtitles/*")}
TRANSCRIBED = {f"{BUCKET}/jobs/*/{place}" for place in ("transcripts/*", ".work/*")}
COUNTED = {
    f"{BUCKET}/jobs/*/transcripts/*_{name}"
    for name in ("speaker_stats.parquet", "interactions.parquet", "transcript_stats.json")
}


def work(written: set[str], cleared: set[str]) -> Rights:
    """The rights of a stage: what it writes, and what of that it may clear away (F13)."""
    write = dict.fromkeys(("s3:PutObject", "s3:AbortMultipartUpload"), written)
    return READ | write | ({"s3:DeleteObject": cleared} if cleared else {})


UPLOADS = {f"{BUCKET}/jobs/.uploads/*"}
SUBMISSIONS = {f"{BUCKET}/submissions/*"}
QUEUES = ("cpu", "gpu", "small", "urgent-cpu", "urgent-gpu")
SUBMITTED = ("download", "transcribe", "stats", "pipeline")
LOOK_AT_JOBS = (
    "batch:DescribeJobDefinitions",
    "batch:DescribeJobQueues",
    "batch:DescribeJobs",
    "batch:ListJobs",
)
STATE_KEY = "arn:aws:kms:eu-central-1:123456789012:key/0000-state"
ALL_IMAGES = repository("downloader", "transcriber", "stats", "webapp")
PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)

EXPECTED: dict[str, Rights] = {
    "host": {"s3:ListBucket": {BUCKET}, "s3:GetObject": {f"{BUCKET}/models/*"}},
    "download-job": work(DOWNLOADED, DOWNLOADED) | COOKIES,
    "download-start": start(repository("downloader"), LOG),
    "transcribe-job": work(TRANSCRIBED, TRANSCRIBED),
    "transcribe-start": start(repository("transcriber"), LOG, TOKEN),
    "stats-job": work(COUNTED, set()),
    "stats-start": start(repository("stats"), LOG),
    "pipeline-job": COOKIES | work(DOWNLOADED | TRANSCRIBED | COUNTED, DOWNLOADED | TRANSCRIBED),
    "pipeline-start": start(repository("downloader", "transcriber", "stats"), LOG, TOKEN),
    "dataset-job": {
        "s3:ListBucket": {BUCKET},
        "s3:GetObject": JOBS | CORRECTIONS | DATASET,
        "s3:PutObject": DATASET,
        "s3:DeleteObject": DATASET,
        "s3:AbortMultipartUpload": DATASET,
    },
    "dataset-start": start(repository("stats"), LOG),
    "dataset-rule": {
        "batch:SubmitJob": {
            "arn:aws:JobQueue:debate-analyzer-small",
            "arn:aws:JobDefinition:dataset:*",
        }
    },
    "web-task": {
        "s3:ListBucket": {BUCKET},
        "s3:GetObject": JOBS | SUBMISSIONS,
        "secretsmanager:GetSecretValue": {DATABASE_KEY},
        "logs:GetLogEvents": {"arn:aws:LogGroup:jobs-log:log-stream:*"},
        "s3:PutObject": UPLOADS | SUBMISSIONS,
        "s3:DeleteObject": UPLOADS,
        "s3:AbortMultipartUpload": UPLOADS,
        "s3:ListMultipartUploadParts": UPLOADS,
        "s3:ListBucketMultipartUploads": {BUCKET},
        "batch:SubmitJob": {
            *(f"arn:aws:JobQueue:debate-analyzer-{kind}" for kind in QUEUES),
            *(f"arn:aws:JobDefinition:{kind}:*" for kind in SUBMITTED),
        },
        "batch:TerminateJob": {"arn:aws:batch:eu-central-1:*:job/*"},
        **{action: {"*"} for action in LOOK_AT_JOBS},
    },
    "web-start": start(repository("webapp"), WEB_LOG, WEB_KEY, EVENT_KEY, HOOK_KEY, SMTP_KEY),
    "arrivals-rule": {
        "events:InvokeApiDestination": {"arn:aws:EventApiDestination:debate-analyzer-arrivals"}
    },
    "corrections-task": {
        "s3:ListBucket": {BUCKET},
        "s3:GetObject": JOBS | CORRECTIONS,
        "secretsmanager:GetSecretValue": {DATABASE_KEY},
        "s3:PutObject": CORRECTIONS,
        "s3:DeleteObject": CORRECTIONS,
    },
    "corrections-rule": {
        "ecs:RunTask": {"arn:aws:TaskDefinition:corrections:*"},
        "iam:PassRole": {
            "arn:aws:Role:debate-analyzer-corrections-task",
            "arn:aws:Role:debate-analyzer-web-start",
        },
    },
    "preview": {
        "ec2:DescribeAvailabilityZones": {"*"},
        "ec2:DescribeInstanceTypeOfferings": {"*"},
        "s3:ListBucket": {"arn:aws:s3:::our-state"},
        "s3:GetObject": {"arn:aws:s3:::our-state/.pulumi/*"},
        "kms:Decrypt": {STATE_KEY},
    },
    "github": dict.fromkeys(PUSH, ALL_IMAGES) | {"ecr:GetAuthorizationToken": {"*"}},
}


@pytest.fixture
def program(run_program: Callable[..., Program]) -> Program:
    return run_program(
        {
            "withWebapp": True,
            "webappDomain": "debates.example.org",
            "certificateArn": "arn:aws:acm:eu-central-1:1:certificate/c",
            "githubRepository": "owner/debates",
            "stateBucket": "our-state",
            "stateKeyArn": STATE_KEY,
            "alarmEmail": "desk@example.org",
            "withAthena": True,
            "ytCookiesSecretArn": ARN,
            "hfToken": "hf_example",
            **TELLING,
        }
    )


def rights_of(program: Program, role: str) -> Rights:
    """Actions and their resources of the role's own policies."""
    rights: Rights = {}
    for policy in program.all("iam.RolePolicy"):
        if policy.inputs["role"] == f"{role}-id":
            for statement in policy.json("policy")["Statement"]:
                assert statement["Effect"] == "Allow"
                for action in statement["Action"]:
                    rights.setdefault(action, set()).update(statement["Resource"])
    return rights


def test_there_are_these_roles_and_no_others(program: Program) -> None:
    roles = {role.name.removeprefix("debate-analyzer-") for role in program.all("iam.Role")}

    assert roles == EXPECTED.keys()


def test_every_role_may_do_exactly_what_is_written_here(program: Program) -> None:
    for role, expected in EXPECTED.items():
        assert rights_of(program, f"debate-analyzer-{role}") == expected, role


# AWS offers these in no narrower form.
ON_EVERYTHING = {
    "ecr:GetAuthorizationToken",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstanceTypeOfferings",
    *LOOK_AT_JOBS,
}


def test_no_action_is_a_wildcard_and_on_everything_there_is_only_what_aws_offers_so(
    program: Program,
) -> None:
    for role in program.all("iam.Role"):
        for action, resources in rights_of(program, role.name).items():
            assert "*" not in action
            assert "*" not in resources or action in ON_EVERYTHING


def test_the_only_managed_policy_is_that_of_the_ecs_agent_on_the_machines(
    program: Program,
) -> None:
    (attached,) = program.all("iam.RolePolicyAttachment")

    assert attached.inputs["role"] == "debate-analyzer-host"
    assert attached.inputs["policyArn"].endswith("/AmazonEC2ContainerServiceforEC2Role")


def test_the_download_and_stats_jobs_cannot_read_the_token(program: Program) -> None:
    for stage in ("download", "stats"):
        for part in ("job", "start"):
            rights = rights_of(program, f"debate-analyzer-{stage}-{part}")
            assert TOKEN not in rights.get("secretsmanager:GetSecretValue", set())


def test_without_a_token_no_role_reads_one(run_program: Callable[..., Program]) -> None:
    program = run_program()

    for kind in ("transcribe-start", "pipeline-start"):
        assert "secretsmanager:GetSecretValue" not in rights_of(program, f"debate-analyzer-{kind}")


def test_containers_take_their_roles_from_ecs_machines_from_ec2_and_rules_from_events(
    program: Program,
) -> None:
    others = {
        "host": "ec2",
        "dataset-rule": "events",
        "arrivals-rule": "events",
        "corrections-rule": "events",
    }
    for role in program.all("iam.Role"):
        if role.name.endswith(("-github", "-preview")):
            continue
        (statement,) = role.json("assumeRolePolicy")["Statement"]
        service = others.get(role.name.removeprefix("debate-analyzer-"), "ecs-tasks")
        assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}


def test_only_the_main_branch_of_the_named_repository_may_take_the_github_role(
    program: Program,
) -> None:
    (statement,) = program.one("iam.Role", "github").json("assumeRolePolicy")["Statement"]

    issuer = "token.actions.githubusercontent.com"
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            f"{issuer}:aud": "sts.amazonaws.com",
            f"{issuer}:sub": "repo:owner/debates:ref:refs/heads/main",
        }
    }


@pytest.mark.parametrize(
    ("partition", "name"), [("aws", "amazonaws.com"), ("aws-cn", "amazonaws.com.cn")]
)
def test_machines_take_their_role_by_the_name_that_ec2_has_in_the_partition(
    run_program: Callable[..., Program], partition: str, name: str
) -> None:
    program = run_program({}, Region(partition=partition))
    principals = {
        role.name: role.json("assumeRolePolicy")["Statement"][0]["Principal"]["Service"]
        for role in program.all("iam.Role")
    }

    assert principals["debate-analyzer-host"] == f"ec2.{name}"
    assert principals["debate-analyzer-stats-job"] == "ecs-tasks.amazonaws.com"


def test_cookies_on_s3_may_be_read_as_that_one_object(
    run_program: Callable[..., Program],
) -> None:
    program = run_program({"ytCookiesS3Uri": "s3://private-bucket/a/cookies.txt"})

    rights = rights_of(program, "debate-analyzer-download-job")

    assert rights["s3:GetObject"] == JOBS | {"arn:aws:s3:::private-bucket/a/cookies.txt"}
    assert "secretsmanager:GetSecretValue" not in rights


KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab"


def test_secrets_and_cookies_under_a_key_of_the_users_can_be_read_and_nothing_else_unlocked(
    run_program: Callable[..., Program],
) -> None:
    """F12."""
    given = {"hfTokenSecretArn": ARN, "ytCookiesSecretArn": ARN, "kmsKeyArns": [KEY]}
    program = run_program(given)

    unlocking = {
        role.name.removeprefix("debate-analyzer-")
        for role in program.all("iam.Role")
        if rights_of(program, role.name).get("kms:Decrypt") == {KEY}
    }
    assert unlocking == {"transcribe-start", "pipeline-start", "download-job", "pipeline-job"}
    statements = program.one("iam.RolePolicy", "download-job").json("policy")["Statement"]
    (unlock,) = (one for one in statements if one["Action"] == ["kms:Decrypt"])
    assert unlock["Condition"]["StringLike"]["kms:ViaService"] == [
        "secretsmanager.*.amazonaws.com*",
        "s3.*.amazonaws.com*",
    ]


def test_a_key_of_a_secret_is_told_to_the_container_and_the_whole_secret_to_iam(
    run_program: Callable[..., Program],
) -> None:
    """F12: `arn:json-key::` is how Batch names one; no resource in IAM is called so."""
    program = run_program({"hfTokenSecretArn": f"{ARN}:hf_token::"})

    transcribe = program.one("batch.JobDefinition", "transcribe").json("containerProperties")
    (told,) = transcribe["secrets"]
    assert told == {"name": "HF_TOKEN", "valueFrom": f"{ARN}:hf_token::"}
    rights = rights_of(program, "debate-analyzer-transcribe-start")
    assert rights["secretsmanager:GetSecretValue"] == {ARN}


def test_nothing_uses_a_role_before_it_may_do_what_it_is_for(
    record: Callable[..., list[Recorded]],
) -> None:
    """F22: ECS's circuit breaker gives up after three tasks that were refused their image."""
    waited: list[Any] = []

    def use() -> None:
        arn = service_role("r", "ecs-tasks", "{}").arn
        waited.append(asyncio.ensure_future(arn.resources()))

    record(use)

    needed = {type(resource).__name__ for resource in waited[0].result()}
    assert needed == {"Role", "RolePolicy"}


def test_only_pull_requests_of_the_named_repository_may_take_the_previews_role(
    program: Program,
) -> None:
    (statement,) = program.one("iam.Role", "preview").json("assumeRolePolicy")["Statement"]

    issuer = "token.actions.githubusercontent.com"
    assert statement["Condition"]["StringEquals"] == {
        f"{issuer}:aud": "sts.amazonaws.com",
        f"{issuer}:sub": "repo:owner/debates:pull_request",
    }
