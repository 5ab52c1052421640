"""The model server of our own container image: SageMaker's two routes around the four functions of `model.inference`.

    cd /opt/ml/model/code && python -m model.serve

GET /ping answers once the model is loaded; POST /invocations takes an image and answers a prediction. A mistake of the caller gets
an HTTP error status and the body `{"error": {"type", "message"}}`.
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import torch

from model.inference import Classifier, RequestError, TooLarge, input_fn, model_fn, output_fn, predict_fn

MAX_BODY = 6_291_456  # bytes; the limit of InvokeEndpoint
NOT_FOUND = "the routes are GET /ping and POST /invocations"


class LengthRequired(RequestError):
    status = 411


def main() -> None:
    torch.set_num_threads(1)  # requests run in parallel: one thread per request uses every core best
    root = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    host = os.environ.get("PEDIGREE_BIND_HOST", "0.0.0.0")  # noqa: S104  callers come from outside the container
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    with ModelServer((host, port), model_fn(str(root / "model"))) as server:
        print(f"serving {server.classifier.card.architecture} on port {server.server_port}", flush=True)
        server.serve_forever()


class ModelServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], classifier: Classifier) -> None:
        self.classifier = classifier
        self.computing = threading.BoundedSemaphore(os.cpu_count() or 1)  # more parallel requests than cores only cost memory
        super().__init__(address, Handler)

    def predict(self, body: bytes, content_type: str, accept: str) -> tuple[str, str]:
        image = input_fn(body, content_type)
        with self.computing:
            return output_fn(predict_fn(image, self.classifier), accept)


class Handler(BaseHTTPRequestHandler):
    server: ModelServer
    server_version, sys_version = "pedigree", ""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60  # seconds without a byte from the caller

    def do_GET(self) -> None:
        if self.path == "/ping":
            self.answer(200, "{}")
        else:
            self.refuse(404, "NotFound", NOT_FOUND)

    def do_POST(self) -> None:
        if self.path != "/invocations":
            self.refuse(404, "NotFound", NOT_FOUND)
            return
        answered = False
        try:
            self.invoke()
            answered = True
        finally:
            if not answered:  # an error of the server: the traceback goes to the log, never to the caller
                self.refuse(500, "InternalError", "the model server failed on this request; its log says why")

    def invoke(self) -> None:
        try:
            text, content_type = self.server.predict(self.body(), self.headers.get("Content-Type", ""), self.headers.get("Accept", ""))
        except RequestError as error:
            self.refuse(error.status, type(error).__name__, str(error))
        else:
            self.answer(200, text, content_type)

    def body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise LengthRequired("the request has no Content-Length: send one")
        if int(length) > MAX_BODY:
            self.discard(int(length))
            raise TooLarge(f"the body has {length} bytes, at most {MAX_BODY:,} are allowed")
        return self.rfile.read(int(length))

    def discard(self, length: int) -> None:
        # closing a connection with unread bytes resets it, and the caller would never see the answer
        while length > 0 and (chunk := self.rfile.read(min(length, 1 << 16))):
            length -= len(chunk)

    def refuse(self, status: int, kind: str, message: str) -> None:
        self.close_connection = True  # the request's body may not have been read
        self.answer(status, json.dumps({"error": {"type": kind, "message": message}}))

    def answer(self, status: int, text: str, content_type: str = "application/json") -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if str(code) >= "400":
            super().log_request(code, size)


if __name__ == "__main__":
    main()
