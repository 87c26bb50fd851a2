"""Which backend a command gets: the one that its options name, or else the stack at hand."""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from debate_contract.errors import UsageFault

from debate_pipeline.aws.stack import find_stack
from debate_pipeline.backend import Backend
from debate_pipeline.local.backend import LocalBackend
from debate_pipeline.settings import find_checkout, make_settings
from debate_pipeline.terminal.flags import PLACE_OPTIONS


def with_backend(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the backend that its options name."""

    @PLACE_OPTIONS
    @wraps(command)
    def wrapped(root: str, home: str, backend: str, **options: Any) -> Any:
        delay = options.pop("retry_delay", 0.0)
        chosen = _aws_backend(backend, home) or _local_backend(root, home, delay)
        return command(chosen, **options)

    return wrapped


def _local_backend(root: str, home: str, retry_delay: float) -> Backend:
    return LocalBackend(make_settings(root, home, retry_delay, os.environ))


def _aws_backend(name: str, home: str) -> Backend | None:
    """Return AWS when it is asked for, or nothing is and a stack is at hand."""
    if name not in ("auto", "aws", "local"):
        raise UsageFault(f"there is no backend '{name}'; it is auto, local or aws")
    stack = find_stack(os.environ, find_checkout(home), name == "aws") if name != "local" else None
    if stack is None:
        return None
    from debate_pipeline.aws.backend import AwsBackend

    return AwsBackend(stack, find_checkout(home))
