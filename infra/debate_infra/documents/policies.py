"""Identity-based policies as plain data: what a role may do, to which thing.

Every function takes resolved names and returns a policy document; `rendering.as_json` feeds them.
The only permissions on all resources are those that AWS offers in no narrower form (signing in to
ECR, looking at jobs); no action is a wildcard.
"""

from collections.abc import Iterable
from typing import Any

Statement = dict[str, Any]
Document = dict[str, Any]

# From "Required IAM permissions for pushing an image" in the ECR user guide.
_PUSH_IMAGE = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
_PULL_IMAGE = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)


def document(*statements: Statement) -> Document:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: tuple[str, ...], resources: list[str]) -> Statement:
    """Permission for these actions on these resources."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources}


def start_container(
    repository_arns: list[str],
    log_group_arn: str,
    secret_arns: list[str],
    key_arns: Iterable[str] = (),
) -> Document:
    """An execution role: fetch the image, write the log, hand over exactly these secrets.

    `key_arns` are the KMS keys that lock them, where they are not AWS's own.
    """
    statements = [
        allow(("ecr:GetAuthorizationToken",), ["*"]),
        allow(_PULL_IMAGE, repository_arns),
        allow(("logs:CreateLogStream", "logs:PutLogEvents"), [f"{log_group_arn}:*"]),
    ]
    if secret_arns:
        statements += [read_secrets(secret_arns), *unlock(key_arns)]
    return document(*statements)


def unlock(key_arns: Iterable[str]) -> list[Statement]:
    """Decrypt what these KMS keys lock, as far as Secrets Manager or S3 asks for it."""
    keys = [*key_arns]
    if not keys:
        return []
    statement = allow(("kms:Decrypt",), keys)
    # "kms:ViaService" in the KMS developer guide: by way of these services only.
    services = [f"{service}.*.amazonaws.com*" for service in ("secretsmanager", "s3")]
    return [statement | {"Condition": {"StringLike": {"kms:ViaService": services}}}]


def read_secrets(secret_arns: list[str]) -> Statement:
    """Read the values of these secrets.

    An ARN may name one key of a secret (`…:secret:name-AbCdEf:key::`), which a container's
    definition understands and IAM does not.
    """
    whole = [":".join(arn.split(":")[:7]) for arn in secret_arns]
    return allow(("secretsmanager:GetSecretValue",), whole)


def read_jobs(bucket_arn: str) -> list[Statement]:
    """List the bucket and read the job trees."""
    return [_list(bucket_arn), allow(("s3:GetObject",), [f"{bucket_arn}/jobs/*"])]


def write_in_jobs(bucket_arn: str, places: Iterable[str]) -> Statement:
    """Write these places of a job: a stage leaves the work of the others as it is."""
    write = ("s3:AbortMultipartUpload", "s3:PutObject")
    return allow(write, _in_jobs(bucket_arn, places))


def replace_in_jobs(bucket_arn: str, places: Iterable[str]) -> Statement:
    """Delete in these places of a job: a stage that repeats its work first removes its old one."""
    return allow(("s3:DeleteObject",), _in_jobs(bucket_arn, places))


def _in_jobs(bucket_arn: str, places: Iterable[str]) -> list[str]:
    return [f"{bucket_arn}/jobs/*/{place}" for place in places]


def serve_debates(
    bucket_arn: str,
    password_secret_arn: str,
    job_log_arn: str,
    queue_arns: list[str],
    definition_arns: list[str],
    job_arns: str,
) -> Document:
    """Read the job trees, the database's password, how jobs are doing; hand recordings to Batch."""
    return document(
        *read_jobs(bucket_arn),
        read_secrets([password_secret_arn]),
        allow(("logs:GetLogEvents",), [f"{job_log_arn}:log-stream:*"]),
        *take_uploads(bucket_arn),
        *hand_in_jobs(bucket_arn, queue_arns, definition_arns, job_arns),
    )


def take_uploads(bucket_arn: str) -> list[Statement]:
    """Sign addresses for the parts of a file, put them together, delete what is no recording.

    "Multipart upload API and permissions" in the S3 user guide.
    """
    whole = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts")
    return [
        allow((*whole, "s3:PutObject"), [f"{bucket_arn}/jobs/.uploads/*"]),
        allow(("s3:ListBucketMultipartUploads",), [bucket_arn]),
    ]


def hand_in_jobs(
    bucket_arn: str, queue_arns: list[str], definition_arns: list[str], job_arns: str
) -> list[Statement]:
    """What `debate submit`, `status` and `cancel` do, and their records in the bucket.

    "Actions, resources, and condition keys for AWS Batch" in the Service Authorization Reference:
    what only looks is asked of all resources or not at all.
    """
    looks = ("batch:DescribeJobDefinitions", "batch:DescribeJobQueues", "batch:DescribeJobs")
    definitions = [f"{arn}:*" for arn in definition_arns]
    return [
        allow(("batch:SubmitJob",), [*queue_arns, *definitions]),
        allow(("batch:TerminateJob",), [job_arns]),
        allow((*looks, "batch:ListJobs"), ["*"]),
        allow(("s3:GetObject", "s3:PutObject"), [f"{bucket_arn}/submissions/*"]),
    ]


def write_corrections(bucket_arn: str, password_secret_arn: str) -> Document:
    """Read job trees and password; write what editors corrected, delete what they took back."""
    write = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")
    return document(
        *read_jobs(bucket_arn),
        read_secrets([password_secret_arn]),
        allow(write, [f"{bucket_arn}/corrections/*"]),
    )


def write_dataset(bucket_arn: str) -> Document:
    """Read the job trees and their corrections; write the dataset, delete what is no longer true.

    The corrections also without a web application on AWS: one elsewhere can write to the bucket.
    """
    write = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject")
    return document(
        *read_jobs(bucket_arn),
        allow(("s3:GetObject",), [f"{bucket_arn}/corrections/*"]),
        allow(write, [f"{bucket_arn}/dataset/*"]),
    )


def submit_jobs(queue_arn: str, definition_arn: str) -> Document:
    """Submit one job definition, given without its revision, to one queue."""
    return document(allow(("batch:SubmitJob",), [queue_arn, f"{definition_arn}:*"]))


def run_task(definition_arn: str, role_arns: list[str]) -> Document:
    """Run one task definition, given without its revision, and hand it its roles."""
    return document(
        allow(("ecs:RunTask",), [f"{definition_arn}:*"]), allow(("iam:PassRole",), role_arns)
    )


def call_address(address_arn: str) -> Document:
    """Call one API destination of EventBridge."""
    return document(allow(("events:InvokeApiDestination",), [address_arn]))


def fetch_models(bucket_arn: str) -> Document:
    """List and read the model weights: a machine fetches them once for all its jobs."""
    statement = allow(("s3:ListBucket",), [bucket_arn])
    statement["Condition"] = {"StringLike": {"s3:prefix": ["models", "models/*"]}}
    return document(statement, allow(("s3:GetObject",), [f"{bucket_arn}/models/*"]))


def read_cookies(
    secret_arn: str | None, s3_uri: str | None, bucket_arn: str, key_arns: Iterable[str] = ()
) -> list[Statement]:
    """Read the YouTube cookies, wherever they lie; `bucket_arn`, our own, has our partition."""
    statements = [read_secrets([secret_arn])] if secret_arn else []
    if s3_uri:
        key = s3_uri.removeprefix("s3://")
        statements.append(allow(("s3:GetObject",), [f"arn:{bucket_arn.split(':')[1]}:s3:::{key}"]))
    return statements + (unlock(key_arns) if statements else [])


def push_images(repository_arns: list[str]) -> Document:
    """Put images into these repositories; no other right at all."""
    return document(
        allow(("ecr:GetAuthorizationToken",), ["*"]), allow(_PUSH_IMAGE, repository_arns)
    )


def preview(state_bucket_arn: str | None, state_key_arn: str | None) -> Document:
    """Say what a change would do: read the state, and what `settings/account.py` asks for.

    Both questions to EC2 are asked of all resources or not at all.
    """
    statements = [
        allow(("ec2:DescribeAvailabilityZones", "ec2:DescribeInstanceTypeOfferings"), ["*"])
    ]
    if state_bucket_arn:
        read = allow(("s3:GetObject",), [f"{state_bucket_arn}/.pulumi/*"])
        statements += [_list(state_bucket_arn), read]
    if state_key_arn:
        statements.append(allow(("kms:Decrypt",), [state_key_arn]))
    return document(*statements)


def _list(bucket_arn: str) -> Statement:
    # Not only below one prefix: S3 would then answer "forbidden" where a file is just missing.
    return allow(("s3:ListBucket",), [bucket_arn])
