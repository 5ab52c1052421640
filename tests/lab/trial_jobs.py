"""Trials for tests: a stand-in for `model.trial` whose losses follow from its hyperparameters alone."""

import math
from pathlib import Path

from pedigree.settings import Training, Tuning
from pedigree.values import Dataset
from tests.lab.live_account import LiveAccount

BEST_RATE = 0.01
SCRIPT = """
import json, math, os, pathlib, time
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
given = json.loads((base / "input/config/hyperparameters.json").read_text())
epochs, rate = int(given["epochs"]), float(given["learning_rate"])
history = []
{body}
for epoch in range(1, epochs + 1):
    loss = 0.1 + abs(math.log10(rate / 0.01)) + 0.1 / epoch
    print(f"epoch={{epoch}} train:loss=0.5 valid:loss={{loss:.4f}} valid:accuracy=0.9", flush=True)
    history.append({{"epoch": epoch, "valid_loss": loss, "valid_accuracy": 0.9}})
    time.sleep({seconds})
(base / "output/data/history.json").write_text(json.dumps(history))
evaluation = {{"classes": ["a", "b"], "confusion": [[18, 2], [2, 18]], "samples": []}}
(base / "output/data/evaluation.json").write_text(json.dumps(evaluation))
"""
TRAINING = Training(image="local/pytorch-training:1", instance_type="ml.m5.large", epochs=3, learning_rate=BEST_RATE)
TUNING = Tuning(trials=6, parallel=2, batch_sizes=(16, 32, 64), prune=False)


def loss_of(learning_rate: float) -> float:
    """What a trial with three epochs reaches."""
    return 0.1 + abs(math.log10(learning_rate / BEST_RATE)) + 0.1 / 3


def write_code(folder: Path, body: str = "", *, seconds: float = 0.0) -> dict[str, Path]:
    """The files of a code channel in which each epoch takes so many seconds."""
    files = {f"model/{name}.py": folder / f"{name}.py" for name in ("__init__", "trial")}
    files["model/__init__.py"].touch()
    files["model/trial.py"].write_text(SCRIPT.format(body=body, seconds=seconds))
    return files


def put_dataset(live: LiveAccount) -> Dataset:
    for split in ("train", "valid", "test"):
        live.put(f"datasets/d1/{split}/00000.tar", split.encode())
    uri = f"s3://{live.account.bucket}/datasets/d1/"
    return Dataset("d1", uri, ("a", "b"), {"train": 4, "valid": 40, "test": 8}, "created")
