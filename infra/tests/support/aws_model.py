"""AWS's own description of its requests, from botocore's data files; nothing is sent."""

from typing import Any

import botocore.session
from botocore.validate import ParamValidator


def faults(service: str, operation: str, request: dict[str, Any]) -> str:
    """What AWS's model finds wrong with a request: wrong types, missing and unknown fields."""
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(operation).input_shape
    return str(ParamValidator().validate(request, shape).generate_report())


def job_definition_faults(**properties: Any) -> str:
    """Faults of a Batch job definition with these `containerProperties` or `ecsProperties`."""
    request = {"jobDefinitionName": "any", "type": "container"} | properties
    return faults("batch", "RegisterJobDefinition", request)
