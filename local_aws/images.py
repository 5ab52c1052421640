"""Container images without containers: a folder of links to the packages of the image, and a `python` that sees only these packages.

No image contains this repository's own packages: a child process gets its code from its channel, artifact or zip.
"""

import fnmatch
import sys
import sysconfig
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from local_aws.processes import base_environment


@dataclass(frozen=True)
class Image:
    """A container image; `uri` is a pattern for image URIs, `serve` the command that SageMaker starts as `docker run <image> serve`."""

    name: str
    uri: str
    distributions: tuple[str, ...]
    serve: tuple[str, ...] = ()


TORCH = ("torch", "torchvision", "numpy", "pillow", "safetensors", "boto3")
IMAGES = (
    Image("pytorch", "*/pytorch-training*:*", TORCH),
    Image("pytorch", "*/pytorch-inference*:*", TORCH, serve=("python", str(Path(__file__).with_name("toolkit.py")))),
    Image(
        "pytorch",
        "*/pedigree-serving:*",
        TORCH,
        serve=("bash", "-c", "cd ${SAGEMAKER_BASE_DIR:-/opt/ml}/model/code && exec python -m model.serve"),
    ),
)
BUILDING = threading.Lock()
LAMBDA_PYTHON = Image("lambda-python", "lambda:python*", ("awslambdaric", "boto3"))


def find_image(uri: str) -> Image | None:
    return next((image for image in IMAGES if fnmatch.fnmatchcase(uri, image.uri)), None)


def image_environment(image: Image, root: Path) -> dict[str, str]:
    """Environment variables that make `python` the image's Python; the folder of the image is built under `root` on first use."""
    folder = root / image.name
    packages, binaries = folder / "packages", folder / "bin"
    with BUILDING:
        if not binaries.exists():
            link_distributions(image.distributions, packages)
            write_python(binaries)
    base = base_environment()
    return base | {"PATH": f"{binaries}:{base['PATH']}", "PYTHONPATH": str(packages)}


def link_distributions(names: Iterable[str], folder: Path) -> None:
    """Link the top-level files of these distributions, and of all that they require, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    site_packages = Path(sysconfig.get_paths()["purelib"])
    for name in closure(names):
        tops = {file.parts[0] for file in distribution(name).files or () if file.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            link = folder / top
            if not link.is_symlink() and not top.endswith(".pth"):
                link.symlink_to(site_packages / top)


def closure(names: Iterable[str]) -> set[str]:
    """These distributions and, transitively, all installed distributions that they require."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower()
        if name in seen:
            continue
        try:
            required = distribution(name).requires or []
        except PackageNotFoundError:
            continue  # not installed: an optional requirement
        seen.add(name)
        parsed = [Requirement(text) for text in required]
        waiting += [r.name for r in parsed if r.marker is None or r.marker.evaluate({"extra": ""})]
    return seen


def write_python(folder: Path) -> None:
    # -S: no site-packages and no .pth file, so neither the virtual environment nor the editable install is visible
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("python", "python3"):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
        script.chmod(0o755)
