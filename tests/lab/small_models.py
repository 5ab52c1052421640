"""Model artifacts made by hand: an inference script that always answers the same logits, and golden images to hold it to."""

import hashlib
import io
import json
import tarfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from PIL import Image

from pedigree.registry.versions import register_model
from pedigree.settings import Guardrails, Serving
from pedigree.trained_model import Candidate, Comparison, Evaluation, TrainedModel
from pedigree.values import ModelVersion
from tests.lab.live_account import LiveAccount

CLASSES = ("001.Rings", "002.Stripes")
Files = Mapping[str, bytes]
NO_FILES: Files = MappingProxyType({})
FIRST, SECOND = (2.5, -1.0), (-0.5, 3.0)  # logits of two models
SERVING = Serving(image="local/pytorch-inference:1", guardrails=Guardrails(bake_seconds=120))
SCRIPT = """
import json
def model_fn(folder): return {logits}
def input_fn(body, content_type): return body
def predict_fn(image, model): return [model]
def output_fn(prediction, accept): return json.dumps(prediction), accept
"""
BROKEN = "def model_fn(folder): raise RuntimeError('these weights do not fit')"


def trained(
    live: LiveAccount, logits: Sequence[float] = FIRST, *, script: str = "", answers: Sequence[float] = (), files: Files = NO_FILES
) -> TrainedModel:
    """As a training job leaves it: an artifact whose golden images have these logits, while it `answers` them or others.

    `files` are further ones of the artifact, or others in place of what it has.
    """
    key = uuid.uuid4().hex[:16]
    code = script or SCRIPT.format(logits=list(answers or logits))
    artifact = live.put(f"training/{key}/output/model.tar.gz", archive(code, logits, files))
    return TrainedModel(key, f"job-{key}", 1, artifact, "c0de", "da7a", 60, [], Evaluation(CLASSES, [[9, 1], [0, 10]], []), "created")


def candidate(live: LiveAccount, model: TrainedModel) -> Candidate:
    """The model with an evaluation job's findings about its artifact as it is now."""
    sha256 = hashlib.sha256(live.get(model.artifact.split("/", 3)[3])).hexdigest()
    return Candidate(
        model,
        Comparison(
            None, "created", Evaluation(CLASSES, [[9, 1], [0, 10]], []), sha256, f"{live.account.project}--evaluate-{model.key}", ""
        ),
    )


def registered(live: LiveAccount, logits: Sequence[float] = FIRST, **model: Any) -> ModelVersion:
    """The version of a model made by `trained`."""
    return register_model(live.account, candidate(live, trained(live, logits, **model)), SERVING)


def registered_of(live: LiveAccount, dataset_key: str) -> ModelVersion:
    """The version of a model that was trained on another dataset, whose manifest may say other classes."""
    return register_model(live.account, candidate(live, replace(trained(live, SECOND), dataset_key=dataset_key)), SERVING)


def archive(script: str, logits: Sequence[float], more: Files) -> bytes:
    golden = [{"file": f"{number}.jpg", "label": CLASSES[0], "logits": list(logits)} for number in range(2)]
    files = {
        "code/inference.py": script.encode(),
        "model.safetensors": weights(len(logits)),
        "model.json": json.dumps({"classes": CLASSES, "golden_tolerance": 1e-3}).encode(),
        "golden/golden.json": json.dumps(golden).encode(),
        "golden/0.jpg": picture("red"),
        "golden/1.jpg": picture("blue"),
        **more,
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def weights(rows: int) -> bytes:
    """A safetensors file of one tensor that has so many rows."""
    header = json.dumps({"fc.bias": {"dtype": "F32", "shape": [rows], "data_offsets": [0, 4 * rows]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(4 * rows)


def picture(color: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(file, "JPEG")
    return file.getvalue()
