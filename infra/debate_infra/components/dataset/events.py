"""Something that EventBridge starts, on a schedule or after an event."""

from typing import Any

import pulumi
from pulumi_aws import cloudwatch

from debate_infra.components.foundation.roles import service_role

# A start that fails is tried again for so long; EventBridge's own bound is a day.
_RETRY_SECONDS = 6 * 3600


def start_on_event(
    name: str,
    when: dict[str, Any],
    target: dict[str, Any],
    allowed: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Make a rule (`when`), its target, and a role that may start that (`allowed`, JSON)."""
    rule = cloudwatch.EventRule(name, opts=opts, **when)
    role = service_role(f"{name}-rule", "events", allowed, opts)
    cloudwatch.EventTarget(
        name,
        rule=rule.name,
        role_arn=role.arn,
        retry_policy=cloudwatch.EventTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=_RETRY_SECONDS
        ),
        opts=opts,
        **target,
    )
