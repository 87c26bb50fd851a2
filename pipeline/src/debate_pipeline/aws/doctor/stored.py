"""What somebody has to put in: weights into the bucket, values into the secrets."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from debate_contract.storage.s3 import client

from debate_pipeline.aws.stack import Stack
from debate_pipeline.terminal.findings import Finding, ill, well


def look_at_weights(stack: Stack) -> Iterator[Finding]:
    """Find out whether the transcriber's weights lie where machines fetch them."""
    place = urlsplit(stack.models_prefix)
    if place.scheme != "s3":
        yield well("weights", f"expected in the image, at {stack.models_prefix or '(unknown)'}")
        return
    s3, prefix = client("s3", stack.region), place.path.strip("/")
    for folder in ("whisper", "voices"):
        key = f"{prefix}/{folder}/"
        found = s3.list_objects_v2(Bucket=place.netloc, Prefix=key, MaxKeys=1)
        if found.get("Contents"):
            yield well("weights", f"{stack.models_prefix}/{folder}")
        else:
            cure = f'make models OUT="{stack.models_prefix}"'
            yield ill("weights", f"{stack.models_prefix}/{folder} is empty: {cure}")


def look_at_secrets(stack: Stack) -> Iterator[Finding]:
    """Find secrets without a value: a container that is to get one does not start."""
    secrets = client("secretsmanager", stack.region)
    for name, arn in stack.secrets.items():
        if not arn:
            continue
        whole = ":".join(arn.split(":")[:7])  # without the key of one that has several
        versions = secrets.describe_secret(SecretId=whole).get("VersionIdsToStages", {})
        if any("AWSCURRENT" in stages for stages in versions.values()):
            yield well("secret", f"{name} has a value")
        else:
            cure = f"aws secretsmanager put-secret-value --secret-id {whole} --secret-string …"
            yield ill("secret", f"{name} has no value yet: {cure}")
