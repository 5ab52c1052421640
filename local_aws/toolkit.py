"""The AWS PyTorch inference image without TorchServe: serves `model/code/inference.py` of the unpacked artifact.

`python toolkit.py` under SAGEMAKER_BASE_DIR. The server calls the script's `model_fn`, `input_fn`, `predict_fn` and `output_fn` as the
image does, one request at a time. Every exception is a 500, except the errors of `sagemaker_inference`.
The file runs inside a container image, so it imports the standard library only.
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
    """The image's `sagemaker_inference.errors.GenericInferenceToolkitError`, with which a script sets the HTTP status of an error."""

    def __init__(self, status_code: int, message: str | None = None, phrase: str | None = None) -> None:
        super().__init__(message or "Invalid Request")
        self.status_code, self.phrase = status_code, phrase


class Script:
    """The script `inference.py` and the model that it loaded."""

    def __init__(self, model_folder: Path, program: str) -> None:
        code = model_folder / "code"
        provide_errors()
        sys.path[0] = str(code)  # replaces the folder of this file, which is not in the image
        self._functions: Any = importlib.import_module(program.removesuffix(".py"))
        self._model = self._functions.model_fn(str(model_folder))
        self._one_at_a_time = threading.Lock()  # a TorchServe worker handles one request after the other

    def answer(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Body and content type of the answer; exceptions of the script pass through."""
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
    """The routes GET /ping and POST /invocations."""

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
        except Exception as error:  # the image answers every exception of the script
            traceback.print_exc()
            message = {"code": 500, "type": "InternalServerException", "message": f"{type(error).__name__}: {error}"}
            return self._reply(500, json.dumps(message).encode())
        return self._reply(200, content, content_type)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Write nothing, as the image does."""

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
