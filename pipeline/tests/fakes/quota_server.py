"""Service Quotas in small: one value for each code, over HTTP."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
from botocore.validate import ParamValidator

OPERATION = (
    botocore.session.get_session()
    .get_service_model("service-quotas")
    .operation_model("GetServiceQuota")
)


class QuotaServer:
    """Answers GetServiceQuota from `values`, by code."""

    def __init__(self, values):
        self.values = values
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()

    def answer(self, request):
        ParamValidator().validate(request, OPERATION.input_shape)
        if request["QuotaCode"] not in self.values:
            return 400, {"__type": "NoSuchResourceException", "Message": "no such quota"}
        return 200, {"Quota": {"QuotaCode": request["QuotaCode"]} | self._value(request)}

    def _value(self, request):
        return {"Value": self.values[request["QuotaCode"]]}


def _handler(server):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = server.answer(json.loads(body))
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    return Handler
