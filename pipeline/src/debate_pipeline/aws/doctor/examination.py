"""All that is looked at, one thing after the other: one that cannot be asked hides no other."""

from collections.abc import Callable, Iterator
from pathlib import Path

from debate_contract.errors import StageError

from debate_pipeline.aws.doctor.account import look_at_account, look_at_linked_roles
from debate_pipeline.aws.doctor.certificate import look_at_certificate
from debate_pipeline.aws.doctor.images import look_at_images
from debate_pipeline.aws.doctor.queues import look_at_queues
from debate_pipeline.aws.doctor.quotas import look_at_quotas
from debate_pipeline.aws.doctor.stored import look_at_secrets, look_at_weights
from debate_pipeline.aws.faults import explained
from debate_pipeline.aws.stack import Stack
from debate_pipeline.terminal.findings import Finding, Verdict

Look = Callable[[Stack], Iterator[Finding]]


def examine(stack: Stack, checkout: Path | None) -> list[Finding]:
    """Return what is well and what is not about a stack; `checkout` is what its images are for."""
    looks: dict[str, Look] = {
        "account": look_at_account,
        "linked roles": look_at_linked_roles,
        "quotas": look_at_quotas,
        "queues": look_at_queues,
        "images": lambda stack: look_at_images(stack, checkout),
        "weights": look_at_weights,
        "secrets": look_at_secrets,
        "certificate": look_at_certificate,
    }
    return [found for thing, look in looks.items() for found in _looked(thing, look, stack)]


def _looked(thing: str, look: Look, stack: Stack) -> list[Finding]:
    try:
        with explained(stack.region):
            return [*look(stack)]
    except StageError as error:
        return [Finding(thing, Verdict.UNKNOWN, str(error))]
