"""An IAM role and its one policy."""

import json
from typing import Any

import pulumi
from pulumi_aws import iam

from debate_infra import policies


def service_role(
    name: str,
    service: str,
    policy: pulumi.Input[str] | None = None,
    opts: pulumi.ResourceOptions | None = None,
) -> iam.Role:
    """Make a role for an AWS service, with the policy (JSON) as its only one."""
    trust = policies.assumed_by_service(service)
    return role(name, json.dumps(trust), policy, opts)


def role(
    name: str,
    trust: pulumi.Input[str],
    policy: pulumi.Input[str] | None = None,
    opts: pulumi.ResourceOptions | None = None,
    **settings: Any,
) -> iam.Role:
    """Make a role that the trust policy's principals may take."""
    made = iam.Role(name, assume_role_policy=trust, opts=opts, **settings)
    if policy is not None:
        iam.RolePolicy(name, role=made.id, policy=policy, opts=opts)
    return made
