"""HTTP for the fake Batch: what botocore sends, checked against botocore's model of the service."""

import json

import botocore.session
from botocore import xform_name
from botocore.validate import ParamValidator
from serving import Server

MODEL = botocore.session.get_session().get_service_model("batch")
OPERATIONS = {MODEL.operation_model(n).http["requestUri"]: n for n in MODEL.operation_names}
LARGEST_REQUEST = 30 * 1024


class Refused(Exception):
    """What the service answers in place of a result."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class BatchServer(Server):
    """Hands requests to `service`, whose methods have the names of boto3's.

    So many requests are `throttled` first, and of so many jobs that were taken the answer is lost
    on the way (`lost_answers`). `refusal`, when set, is (operation or "*", code,
    message, status): what is answered instead.
    """

    def __init__(self, service):
        self.service, self.refusal = service, None
        self.throttled = self.lost_answers = 0
        super().__init__()

    def answer(self, path, body):
        """Return status, body and headers."""
        try:
            result = self._handle(MODEL.operation_model(OPERATIONS[path]), body)
        except Refused as refusal:
            text = json.dumps({"message": refusal.message}).encode()
            return refusal.status, text, {"x-amzn-errortype": refusal.code}
        return 200, json.dumps(result).encode(), {}

    def _handle(self, operation, body):
        if self.throttled:
            self.throttled -= 1
            raise Refused("TooManyRequestsException", "Too Many Requests", 429)
        if self.refusal and self.refusal[0] in (operation.name, "*"):
            raise Refused(*self.refusal[1:])
        if len(body) > LARGEST_REQUEST:
            raise Refused("RequestEntityTooLargeException", "larger than 30 KiB", 413)
        request = json.loads(body)
        _check(operation.input_shape, request)
        result = getattr(self.service, xform_name(operation.name))(request)
        _check(operation.output_shape, result)
        if self.lost_answers and operation.name == "SubmitJob":
            self.lost_answers -= 1
            raise Refused("ServerException", "the answer is lost", 500)
        return result


def _check(shape, value):
    if faults := ParamValidator().validate(value, shape).generate_report():
        raise Refused("ClientException", faults)
