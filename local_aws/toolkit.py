"""The AWS PyTorch inference image without TorchServe: serves `model/code/inference.py` of the unpacked artifact.

`python toolkit.py` under SAGEMAKER_BASE_DIR. The script's `model_fn`, `input_fn`, `predict_fn` and `output_fn` are called as the
image calls them: one request at a time, and whatever one of them raises is a 500 but for the errors of `sagemaker_inference`.
Runs inside an image, so it imports the standard library only.
"""

import importlib
import json
import os
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

DEFAULT_TYPE = "application/json"


class ToolkitError(Exception):
    """The image's `sagemaker_inference.errors.GenericInferenceToolkitError`, by which a script chooses the status of a refusal."""

    def __init__(self, status_code: int, message: str | None = None, phrase: str | None = None) -> None:
        super().__init__(message or "Invalid Request")
        self.status_code, self.phrase = status_code, phrase


class Script:
    """`inference.py` and the model it loaded."""

    def __init__(self, model_folder: Path, program: str) -> None:
        code = model_folder / "code"
        provide_errors()
        sys.path[0] = str(code)  # in place of this file's own folder, which the image would not have
        self._functions: Any = importlib.import_module(program.removesuffix(".py"))
        self._model = self._functions.model_fn(str(model_folder))
        self._one_at_a_time = threading.Lock()  # a TorchServe worker takes one request after the other

    def answer(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Body and content type of the answer; raises what the script raises."""
        with self._one_at_a_time:
            data = self._functions.input_fn(body, content_type)
            prediction = self._functions.predict_fn(data, self._model)
            output = self._functions.output_fn(prediction, accept)
        content, content_type = output if isinstance(output, tuple) else (output, accept)
        return content.encode() if isinstance(content, str) else bytes(content), content_type


def provide_errors() -> None:
    errors = ModuleType("sagemaker_inference.errors")
    errors.GenericInferenceToolkitError = ToolkitError  # type: ignore[attr-defined]
    sys.modules |= {"sagemaker_inference": ModuleType("sagemaker_inference"), errors.__name__: errors}


class Handler(BaseHTTPRequestHandler):
    """GET /ping and POST /invocations."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    script: Script

    def do_GET(self) -> None:
        self._reply(200 if self.path == "/ping" else 404, b"{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/invocations":
            return self._reply(404, b"{}")
        accept = self.headers.get("Accept", "*/*")
        try:
            content, content_type = self.script.answer(
                body, self.headers.get("Content-Type", DEFAULT_TYPE), DEFAULT_TYPE if accept == "*/*" else accept
            )
        except ToolkitError as error:
            return self._reply(error.status_code, f"{error}\n{traceback.format_exc()}".encode(), "text/plain")
        except Exception as error:  # whatever the script raises, the image answers
            traceback.print_exc()
            message = {"code": 500, "type": "InternalServerException", "message": f"{type(error).__name__}: {error}"}
            return self._reply(500, json.dumps(message).encode())
        return self._reply(200, content, content_type)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nothing: the image is as quiet."""

    def _reply(self, status: int, body: bytes, content_type: str = DEFAULT_TYPE) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def main() -> None:
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    Handler.script = Script(base / "model", os.environ.get("SAGEMAKER_PROGRAM", "inference.py"))
    host, port = os.environ.get("PEDIGREE_BIND_HOST", ""), int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    Server((host, port), Handler).serve_forever()


if __name__ == "__main__":
    main()
