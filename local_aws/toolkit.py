"""The AWS PyTorch inference image without TorchServe: serves `model/code/inference.py` of the unpacked artifact.

`python toolkit.py` under SAGEMAKER_BASE_DIR. The server calls the script's `model_fn`, `input_fn`, `predict_fn` and `output_fn` as the
image does, one request at a time; where the script has none, the image's own. Every exception is a 500, except the errors of
`sagemaker_inference`. The file runs inside a container image, so it imports at its start the standard library only.
https://github.com/aws/sagemaker-pytorch-inference-toolkit
"""

import importlib
import inspect
import io
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable
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
        self._model = self._call("model_fn", load_torchscript, str(model_folder))
        self._one_at_a_time = threading.Lock()  # a TorchServe worker handles one request after the other

    def answer(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Body and content type of the answer; exceptions of the script pass through."""
        with self._one_at_a_time:
            if hasattr(self._functions, "transform_fn"):
                output = self._call("transform_fn", predict, self._model, body, content_type, accept)
            else:
                data = self._call("input_fn", tensor_of, body, content_type)
                prediction = self._call("predict_fn", predict, data, self._model)
                output = self._call("output_fn", encode, prediction, accept)
        content, content_type = output if isinstance(output, tuple) else (output, accept)
        return content.encode() if isinstance(content, str) else bytes(content), content_type

    def _call(self, name: str, default: Callable[..., Any], *arguments: Any) -> Any:
        """Call the script's function, which may take the context of TorchServe as its last argument, or the image's own."""
        function: Callable[..., Any] = getattr(self._functions, name, default)
        takes = len(inspect.signature(function).parameters)
        return function(*arguments, *([None] if takes > len(arguments) else []))


def load_torchscript(folder: str) -> Any:
    """The image's model_fn: `model.pt`, or the only file of its kind, as TorchScript."""
    import torch

    found = [path for path in sorted(Path(folder).iterdir()) if path.suffix in (".pt", ".pth")]
    named = [path for path in found if path.name == "model.pt"] or found
    if len(named) != 1:
        raise ValueError(f"Exactly one .pth or .pt file is required for PyTorch models: {[path.name for path in found]}")
    return torch.jit.load(str(named[0]), map_location="cpu")


def tensor_of(body: bytes, content_type: str) -> Any:
    """The image's input_fn: JSON, CSV or a NumPy file as a tensor."""
    import numpy
    import torch

    kind = content_type.partition(";")[0].strip()
    if kind == "application/json":
        return torch.FloatTensor(json.loads(body))
    if kind == "text/csv":
        return torch.from_numpy(numpy.genfromtxt(io.StringIO(body.decode()), dtype=numpy.float32, delimiter=","))
    if kind == "application/x-npy":
        return torch.from_numpy(numpy.load(io.BytesIO(body), allow_pickle=False))
    raise unsupported(content_type)


def predict(data: Any, model: Any) -> Any:
    """The image's predict_fn."""
    import torch

    with torch.no_grad():
        return model.eval()(data)


def encode(prediction: Any, accept: str) -> tuple[bytes, str]:
    """The image's output_fn: a tensor or array in the first accepted type of JSON, CSV and NumPy's."""
    import numpy

    values = prediction.detach().cpu().numpy().tolist() if hasattr(prediction, "detach") else prediction
    for kind in (each.partition(";")[0].strip() for each in accept.split(",")):
        buffer = io.BytesIO()
        if kind in ("application/json", "*/*"):
            return json.dumps(values.tolist() if hasattr(values, "tolist") else values).encode(), DEFAULT_TYPE
        if kind == "text/csv":
            numpy.savetxt(buffer, numpy.asarray(values), delimiter=",", fmt="%s")
            return buffer.getvalue(), kind
        if kind == "application/x-npy":
            numpy.save(buffer, numpy.asarray(values))
            return buffer.getvalue(), kind
    raise unsupported(accept)


def unsupported(kind: str) -> ToolkitError:
    return ToolkitError(415, f"Content type {kind} is not supported by this framework: implement input_fn or output_fn for it.")


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
