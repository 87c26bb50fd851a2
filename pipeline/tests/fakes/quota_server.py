"""Service Quotas in small: one value for each code, over HTTP."""

import json

import botocore.session
from botocore.validate import ParamValidator
from serving import Server

OPERATION = (
    botocore.session.get_session()
    .get_service_model("service-quotas")
    .operation_model("GetServiceQuota")
)


class QuotaServer(Server):
    """Answers GetServiceQuota from `values`, by code."""

    def __init__(self, values):
        self.values = values
        super().__init__()

    def answer(self, _path, body):
        """Return status, body and headers."""
        status, answer = self._quota(json.loads(body))
        return status, json.dumps(answer).encode(), {"Content-Type": "application/x-amz-json-1.1"}

    def _quota(self, request):
        ParamValidator().validate(request, OPERATION.input_shape)
        code = request["QuotaCode"]
        if code not in self.values:
            return 400, {"__type": "NoSuchResourceException", "Message": "no such quota"}
        return 200, {"Quota": {"QuotaCode": code, "Value": self.values[code]}}
