"""Connections to the three services that a submission needs."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from debate_pipeline.aws.faults import explained
from debate_pipeline.aws.stack import Stack

CONFIG = Config(
    connect_timeout=10,
    read_timeout=60,
    retries={"mode": "standard"},  # three attempts, or AWS_MAX_ATTEMPTS
    max_pool_connections=16,
)
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
        session = boto3.Session(region_name=stack.region)
        return Clients(*(session.client(name, config=CONFIG) for name in ("batch", "logs", "s3")))
