"""The model artifact, which can serve itself: weights, a model card, the code that runs them, and golden images for the check.

model.safetensors  model.json  golden/golden.json  golden/*.jpg  code/inference.py  code/model/  code/requirements.txt
"""

import json
import shutil
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from model.network import build_network

GOLDEN_TOLERANCE = 0.05  # difference of a logit: another libjpeg, CPU or torch changes a logit by less, another model by more


@dataclass(frozen=True)
class ModelCard:
    """The content of `model.json`.

    `metrics` are means over the test images. `baseline` is the accuracy of the majority-class baseline there.
    """

    architecture: str
    classes: tuple[str, ...]
    image_size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    metrics: dict[str, float]
    baseline: float
    dataset_digest: str = ""
    code_digest: str = ""
    golden_tolerance: float = GOLDEN_TOLERANCE


def write_artifact(folder: Path, network: nn.Module, card: ModelCard) -> None:
    """Write the weights, the model card and the code; `model.golden` adds the golden images."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}, folder / "model.safetensors")
    (folder / "model.json").write_text(json.dumps(asdict(card), indent=2))
    package = Path(__file__).parent
    shutil.copytree(package, folder / "code" / "model", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(package / "requirements.txt", folder / "code" / "requirements.txt")
    shutil.copy(package / "toolkit.py", folder / "code" / "inference.py")


def read_card(folder: Path) -> ModelCard:
    """Read the model card of an artifact; FileNotFoundError or ValueError says what is missing."""
    values = json.loads(artifact_file(folder, "model.json").read_text())
    if "chance" in values:  # cards of earlier releases call the baseline so
        values["baseline"] = values.pop("chance")
    missing = sorted({field.name for field in fields(ModelCard)} - set(values))
    if missing:
        raise ValueError(f"{folder / 'model.json'} has no {', '.join(missing)}: the model card is incomplete, train the model again")
    lists = {name: tuple(values[name]) for name in ("classes", "mean", "std")}
    return ModelCard(**{field.name: values[field.name] for field in fields(ModelCard)} | lists)


def read_network(folder: Path, card: ModelCard) -> nn.Module:
    """Read the network with its weights, in evaluation mode; ValueError when the weights do not fit the model card."""
    network = build_network(card.architecture, len(card.classes))
    try:
        network.load_state_dict(load_file(artifact_file(folder, "model.safetensors")))
    except (RuntimeError, SafetensorError) as error:
        raise ValueError(f"the weights in {folder} do not fit {card.architecture} with {len(card.classes)} classes: {error}") from error
    return network.eval()


def artifact_file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(f"model artifact {folder} has no {name}")
    return path
