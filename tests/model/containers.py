"""Containers as SageMaker prepares them, filled with pictures that a network learns in an epoch."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

import model

COLOURS = {"blue": (40, 60, 220), "green": (40, 200, 60), "red": (220, 50, 40)}
LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"


def encoded(
    colour: tuple[int, int, int], *, seed: int = 0, size: tuple[int, int] = (48, 40), kind: str = "JPEG", mode: str = "RGB"
) -> bytes:
    """A noisy picture of one colour."""
    noise = np.random.default_rng(seed).normal(colour, 20, (size[1], size[0], 3))
    buffer = io.BytesIO()
    Image.fromarray(noise.clip(0, 255).astype(np.uint8)).convert(mode).save(buffer, kind)
    return buffer.getvalue()


def coloured(count: int, *, seed: int) -> list[tuple[str, bytes]]:
    """`count` pictures of each colour as `(class/file, bytes)`."""
    return [(f"{name}/{i:02d}.jpg", encoded(colour, seed=seed + i)) for name, colour in COLOURS.items() for i in range(count)]


def write_shard(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, content in members:
            add(archive, name, content)


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def prepare(root: Path, **hyperparameters: str) -> Path:
    """Configuration, code and three channels of coloured pictures below `root`; torchvision is not to be had there."""
    config = root / "input/config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_text(json.dumps({"image_size": "32", "epochs": "2", "batch_size": "8", **hyperparameters}))
    write_cluster(root, ["algo-1"], "algo-1")
    channels = root / "input/data"
    write_shard(channels / "train/000.tar", coloured(8, seed=100))
    write_shard(channels / "valid/000.tar", coloured(4, seed=200))
    write_shard(channels / "test/000.tar", coloured(2, seed=300))
    write_shard(channels / "test/001.tar", [("red/extra.png", encoded(COLOURS["red"], kind="PNG", mode="RGBA"))])
    shutil.copytree(Path(str(model.__file__)).parent, channels / "code/model", ignore=shutil.ignore_patterns("__pycache__"))
    (channels / "code/torchvision.py").write_text("raise ImportError('the small network does without torchvision')\n")
    return root


def write_cluster(root: Path, hosts: Sequence[str], current: str) -> None:
    resources = {"hosts": hosts, "current_host": current, "network_interface_name": LOOPBACK}
    (root / "input/config/resourceconfig.json").write_text(json.dumps(resources))


def start(root: Path, module: str, folder: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """`python -m module arguments` in a folder of the container."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=root / folder,
        env=container_environment(root) | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def container_environment(root: Path) -> dict[str, str]:
    return {**os.environ, "SAGEMAKER_BASE_DIR": str(root), "OMP_NUM_THREADS": "1"}
