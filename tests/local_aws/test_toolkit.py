"""The stand-in of the inference toolkit: its own functions where a script has none."""

import io
import json
import sys
from pathlib import Path

import numpy
import pytest
import torch

from local_aws.toolkit import Script, ToolkitError, encode, tensor_of

VALUES = torch.tensor([[1.0, 2.5]])


def saved(array: numpy.ndarray) -> bytes:
    buffer = io.BytesIO()
    numpy.save(buffer, array)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"[[1, 2.5]]", "application/json; charset=utf-8"), (saved(VALUES.numpy()), "application/x-npy")],
)
def test_a_request_becomes_a_tensor(body: bytes, kind: str) -> None:
    assert torch.equal(tensor_of(body, kind), VALUES)


def test_a_csv_becomes_a_tensor() -> None:
    assert tensor_of(b"1,2.5\n3,4", "text/csv").tolist() == [[1, 2.5], [3, 4]]


@pytest.mark.parametrize("accept", ["application/json", "*/*", "image/png, application/json"])
def test_an_answer_is_the_first_accepted_type(accept: str) -> None:
    assert encode(VALUES, accept) == (b"[[1.0, 2.5]]", "application/json")


def test_an_answer_may_be_a_csv_or_numpys() -> None:
    assert encode(VALUES, "text/csv") == (b"1.0,2.5\n", "text/csv")
    body, _ = encode(VALUES, "application/x-npy")
    assert numpy.load(io.BytesIO(body)).tolist() == [[1.0, 2.5]]


def test_other_types_are_refused() -> None:
    with pytest.raises(ToolkitError, match="image/jpeg is not supported"):
        tensor_of(b"", "image/jpeg")
    with pytest.raises(ToolkitError, match="image/png is not supported"):
        encode(VALUES, "image/png")


def script(folder: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> Script:
    (folder / "code").mkdir()
    name = f"inference_{folder.name.replace('-', '_')}"
    (folder / "code" / f"{name}.py").write_text(source)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    return Script(folder, f"{name}.py")


@pytest.mark.filterwarnings("ignore:.torch.jit:FutureWarning")
def test_a_script_without_functions_serves_torchscript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.jit.script(torch.nn.Flatten(0)).save(str(tmp_path / "model.pt"))
    body, kind = script(tmp_path, "", monkeypatch).answer(b"[[1, 2.5]]", "application/json", "application/json")
    assert (json.loads(body), kind) == ([1.0, 2.5], "application/json")


def test_a_script_may_take_the_context_or_transform_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def model_fn(folder, context):\n    return 3\ndef transform_fn(model, body, content_type, accept):\n    return body * model\n"
    assert script(tmp_path, source, monkeypatch).answer(b"x", "text/plain", "text/plain") == (b"xxx", "text/plain")
