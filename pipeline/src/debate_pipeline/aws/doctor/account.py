"""Whose account the credentials are of, and the roles that AWS's services have in it."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError
from debate_contract.storage import code_of
from debate_contract.storage.s3 import client

from debate_pipeline.aws.stack import Stack
from debate_pipeline.terminal.findings import Finding, ill, well

# "Using service-linked roles" in the guides of these services. Most are made by the first use from
# the console; Batch started by an API finds none, and Spot's is made by nobody.
LINKED_ROLES = {
    "AWSServiceRoleForBatch": "batch.amazonaws.com",
    "AWSServiceRoleForECS": "ecs.amazonaws.com",
    "AWSServiceRoleForAutoScaling": "autoscaling.amazonaws.com",
    "AWSServiceRoleForEC2Spot": "spot.amazonaws.com",
}
OF_THE_SITE = {
    "AWSServiceRoleForElasticLoadBalancing": "elasticloadbalancing.amazonaws.com",
    "AWSServiceRoleForRDS": "rds.amazonaws.com",
}


def look_at_account(stack: Stack) -> Iterator[Finding]:
    """Find out whether the credentials are of the stack's account, the bucket of its region."""
    account = client("sts", stack.region).get_caller_identity()["Account"]
    owner = next(iter(stack.repositories.values()), account).partition(".")[0]
    if owner != account:
        yield ill(
            "account",
            f"the credentials are of {account}, the stack's images in {owner}: choose the profile "
            "of that account (AWS_PROFILE)",
        )
    else:
        yield well("account", f"{account}, {stack.region}")
    yield _region_of_bucket(stack)


def _region_of_bucket(stack: Stack) -> Finding:
    answer = client("s3", stack.region).get_bucket_location(Bucket=stack.bucket)
    region = answer.get("LocationConstraint") or "us-east-1"  # "GetBucketLocation" in the S3 API
    if region == stack.region:
        return well("region", f"bucket and queues are in {region}")
    return ill("region", f"the bucket is in {region}, the queues in {stack.region}: run `make up`")


def look_at_linked_roles(stack: Stack) -> Iterator[Finding]:
    """Find the roles without which AWS's services start nothing."""
    iam = client("iam", stack.region)
    wanted = LINKED_ROLES | (OF_THE_SITE if stack.webapp_url else {})
    for role, service in wanted.items():
        if _exists(iam, role):
            yield well("linked role", role)
        else:
            cure = f"aws iam create-service-linked-role --aws-service-name {service}"
            yield ill("linked role", f"{role} is missing: {cure}")


def _exists(iam: Any, role: str) -> bool:
    try:
        iam.get_role(RoleName=role)
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return False
        raise
    return True
