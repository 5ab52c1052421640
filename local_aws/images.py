"""Container images without containers: a virtual environment of links to the packages of the image, with their console scripts.

No image contains this repository's own packages: a child process gets its code from its channel, artifact or zip.
"""

import fnmatch
import re
import shlex
import sys
import sysconfig
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution
from pathlib import Path

from local_aws.cloud import REGION
from local_aws.processes import base_environment
from local_aws.rules import rule


@dataclass(frozen=True)
class Image:
    """A container image; `uri` is a pattern for image URIs.

    `train` and `serve` are the commands that SageMaker starts as `docker run <image> train` and `docker run <image> serve`.
    """

    name: str
    uri: str
    distributions: tuple[str, ...]
    serve: tuple[str, ...] = ()
    train: tuple[str, ...] = ()


def program(name: str) -> tuple[str, ...]:
    """The command that runs a program of this folder in an image."""
    return ("python", str(Path(__file__).with_name(name)))


TORCH = ("torch", "torchvision", "numpy", "pillow", "safetensors", "boto3")
IMAGES = (
    Image("pytorch", "*/pytorch-training*:*", TORCH, train=program("script_mode.py")),
    Image("pytorch", "*/pytorch-inference*:*", TORCH, serve=program("toolkit.py")),
    Image(
        "pytorch",
        "*/pedigree-serving:*",
        TORCH,
        serve=("bash", "-c", "cd ${SAGEMAKER_BASE_DIR:-/opt/ml}/model/code && exec python -m model.serve"),
    ),
)
# of AWS's own PyTorch images for SageMaker: {repository: {version: Python}}
AWS_IMAGES = {
    "pytorch-training": {
        **dict.fromkeys(("2.0.0", "2.0.1", "2.1.0", "2.2.0"), "py310"),
        **dict.fromkeys(("2.3.0", "2.4.0", "2.5.1"), "py311"),
        **dict.fromkeys(("2.6.0", "2.7.1", "2.8.0", "2.9.0"), "py312"),
        "2.10.0": "py313",
    },
    "pytorch-inference": {
        **dict.fromkeys(("2.0.0", "2.0.1", "2.1.0", "2.2.0"), "py310"),
        **dict.fromkeys(("2.3.0", "2.4.0", "2.5.1"), "py311"),
        "2.6.0": "py312",
    },
}
ECR = re.compile(r"\d{12}\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")
AWS_IMAGE = re.compile(r"763104351884\.dkr\.ecr[^/]*/(?P<repository>[^:]+):(?P<tag>.+)")
AWS_TAG = re.compile(r"(?P<version>[\d.]+)-(cpu|gpu)-(?P<python>py\d+)(-cu\d+)?(-ubuntu\d\d\.04(-sagemaker(-v[\d.]+)?)?)?")
BUILDING = threading.Lock()
LAMBDA_PYTHON = Image("lambda-python", "lambda:python*", ("awslambdaric", "boto3"))


def find_image(uri: str) -> Image | None:
    """The image that a URI names; None where there is none."""
    image = next((image for image in IMAGES if fnmatch.fnmatchcase(uri, image.uri)), None)
    return image if is_there(uri) else None


def is_there(uri: str) -> bool:
    """Whether SageMaker can pull the image of a URI here, as far as its region and tag say so."""
    return in_region(uri) and has_tag(uri)


@rule(
    "SageMaker CreateTrainingJob, CreateModel",
    "An image in ECR must be in the region of the training job or model.",
    "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
)
def in_region(uri: str) -> bool:
    """Whether an image of ECR is in this region; true of all other images."""
    found = ECR.match(uri)
    return found is None or found["region"] == REGION


@rule(
    "SageMaker CreateTrainingJob, CreateModel; ECR BatchGetImage",
    "An image of AWS's own repositories `pytorch-training` and `pytorch-inference` exists for certain versions, each with one Python.",
    "https://github.com/aws/deep-learning-containers/blob/master/available_images.md",
)
def has_tag(uri: str) -> bool:
    """Whether a URI of AWS's own repositories has a tag that exists; true of all other repositories."""
    image = AWS_IMAGE.fullmatch(uri)
    if image is None or image["repository"] not in AWS_IMAGES:
        return True
    tag, versions = AWS_TAG.fullmatch(image["tag"]), AWS_IMAGES[image["repository"]]
    minors = {version.rpartition(".")[0]: python for version, python in versions.items()}
    return tag is not None and (versions | minors).get(tag["version"]) == tag["python"]


def image_environment(image: Image, root: Path) -> dict[str, str]:
    """Environment variables that make `python` the image's Python; the folder of the image is built under `root` on first use."""
    folder = root / image.name
    with BUILDING:
        if not (folder / "complete").exists():
            build(image, folder)
    base = base_environment()
    return base | {"PATH": f"{folder / 'bin'}:{base['PATH']}"}


def build(image: Image, folder: Path) -> None:
    write_python(folder)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    for name in closure(image.distributions):
        link_distribution(name, packages)
        for script in distribution(name).entry_points.select(group="console_scripts"):
            write_script(folder / "bin", script)
    write_pip(folder / "bin")
    (folder / "complete").touch()


def link_distribution(name: str, folder: Path) -> None:
    """Link the top-level files of an installed distribution into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    site_packages = Path(sysconfig.get_paths()["purelib"])
    tops = {file.parts[0] for file in distribution(name).files or () if file.parts[0] not in ("..", "__pycache__")}
    for top in tops:
        link = folder / top
        if not link.is_symlink() and not top.endswith(".pth"):
            link.symlink_to(site_packages / top)


def closure(names: Iterable[str]) -> set[str]:
    """These distributions and, transitively, all installed distributions that they require."""
    from packaging.requirements import Requirement

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
    """Make `folder` a virtual environment: its Python, and all that it starts by `sys.executable`, sees no package but its own."""
    binaries, base = folder / "bin", Path(sys._base_executable).resolve()  # type: ignore[attr-defined]  # venv of the standard library too
    binaries.mkdir(parents=True, exist_ok=True)
    (folder / "pyvenv.cfg").write_text(f"home = {base.parent}\ninclude-system-site-packages = false\n")
    for name in ("python", "python3"):
        link = binaries / name
        link.unlink(missing_ok=True)
        link.symlink_to(base)


def write_pip(folder: Path) -> None:
    """A pip that says why it installs nothing: scripts look for it before they need it."""
    for name in ("pip", "pip3"):
        (folder / name).write_text('#!/bin/sh\necho "The images of local_aws have no network and install no packages." >&2\nexit 1\n')
        (folder / name).chmod(0o755)


def write_script(folder: Path, script: EntryPoint) -> None:
    """A console script, such as `torchrun`, which pip would have written."""
    attribute = script.attr.partition(".")[0]
    code = f"import sys; from {script.module} import {attribute}; sys.argv[0] = {script.name!r}; sys.exit({script.attr}())"
    file = folder / script.name
    file.write_text(f'#!/bin/sh\nexec "${{0%/*}}/python" -c {shlex.quote(code)} "$@"\n')
    file.chmod(0o755)
