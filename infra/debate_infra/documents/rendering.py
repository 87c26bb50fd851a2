"""Where Pulumi's future values meet the pure functions."""

import json
from collections.abc import Callable
from typing import Any

import pulumi


def as_json(build: Callable[..., Any], **inputs: Any) -> pulumi.Output[str]:
    """JSON text of `build(**inputs)`, built once every input is known.

    Inputs may be plain values, outputs, or lists and dicts of both.
    """
    return pulumi.Output.all(**inputs).apply(lambda known: json.dumps(build(**known)))
