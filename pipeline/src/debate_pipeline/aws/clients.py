"""Connections to the three services that a submission needs."""

from dataclasses import dataclass
from typing import Any

from debate_contract.storage.s3 import client

from debate_pipeline.aws.faults import explained
from debate_pipeline.aws.stack import Stack

THREADS = 16  # requests at a time where many are needed; botocore's clients are safe for that


@dataclass(frozen=True)
class Clients:
    """boto3's clients, which have no types."""

    batch: Any
    logs: Any
    s3: Any


def connect(stack: Stack) -> Clients:
    """Return clients for the stack's region. Nothing is sent yet."""
    with explained(stack.region):
        return Clients(*(client(name, stack.region) for name in ("batch", "logs", "s3")))
