"""An IAM role and its one policy."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import iam

from debate_infra.documents import resource_policies


@dataclass(frozen=True)
class Role:
    """A role's name and ARN.

    The ARN is known when the role may do what it is for: a task that starts earlier is refused its
    image or secret, and ECS's circuit breaker gives up after three.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]


def service_role(
    name: str,
    service: str,
    policy: pulumi.Input[str] | None = None,
    opts: pulumi.ResourceOptions | None = None,
    partition: str = "aws",
) -> Role:
    """Make a role for an AWS service, with the policy (JSON) as its only one."""
    trust = resource_policies.assumed_by_service(service, partition)
    return role(name, json.dumps(trust), policy, opts)


def role(
    name: str,
    trust: pulumi.Input[str],
    policy: pulumi.Input[str] | None = None,
    opts: pulumi.ResourceOptions | None = None,
    **settings: Any,
) -> Role:
    """Make a role that the trust policy's principals may take."""
    made = iam.Role(name, assume_role_policy=trust, opts=opts, **settings)
    if policy is None:
        return Role(made.name, made.arn)
    allowed = iam.RolePolicy(name, role=made.id, policy=policy, opts=opts)
    return Role(made.name, pulumi.Output.all(made.arn, allowed.id).apply(lambda known: known[0]))
