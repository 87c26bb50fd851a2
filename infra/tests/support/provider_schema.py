"""The AWS provider's schema, as far as pulumi_aws's own generated classes carry it.

Pulumi's mocks accept any nested key; `problems` finds those that no class knows.
"""

import importlib
import inspect
import typing
from collections.abc import Iterator
from typing import Any

from conftest import Recorded, unwrap
from pulumi._types import input_type_py_to_pulumi_names, input_type_types, is_input_type


def problems(resource: Recorded) -> list[str]:
    """Keys that the provider does not know, and required ones that are missing."""
    return list(_check(_args_class(resource.kind), resource.inputs, resource.name))


def _args_class(kind: str) -> type:
    """`aws:batch/jobQueue:JobQueue` → the class that lists JobQueue's inputs."""
    module, name = kind.removeprefix("aws:").split("/")
    name = name.split(":")[1]
    resource = getattr(importlib.import_module(f"pulumi_aws.{module}"), name)
    file = importlib.import_module(resource.__module__)
    # "Init" where a nested object has taken the plain name.
    found: type = getattr(file, f"{name}InitArgs", None) or getattr(file, f"{name}Args")
    return found


def _check(cls: type, inputs: dict[str, Any], path: str) -> Iterator[str]:
    names = input_type_py_to_pulumi_names(cls)
    for name in _required(cls):
        if inputs.get(names[name]) is None:
            yield f"{path}.{names[name]}: missing"
    kinds = input_type_types(cls)
    for key, value in inputs.items():
        if key not in kinds:
            yield f"{path}.{key}: unknown"
            continue
        nested = next((kind for kind in _parts(kinds[key]) if is_input_type(kind)), None)
        values = unwrap(value)
        if nested and not isinstance(values, str):  # a policy may be a text or an object
            for index, item in enumerate(values if isinstance(values, list) else [values]):
                yield from _check(nested, item, f"{path}.{key}[{index}]")


def _required(cls: type) -> list[str]:
    parameters = inspect.signature(cls).parameters.values()
    return [each.name for each in parameters if each.default is inspect.Parameter.empty]


def _parts(annotation: Any) -> Iterator[type]:
    """The classes in an annotation such as `Sequence[Input[RuleArgs]] | None`."""
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        yield annotation
    for part in typing.get_args(annotation):
        yield from _parts(part)
