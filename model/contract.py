"""The contract of a training container: SageMaker's folders for input and output, the same on every machine.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

import json
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from model.interruption import end_on_sigterm


@dataclass(frozen=True)
class Hyperparameters:
    """The hyperparameters of a training; the defaults suit the generated dataset on a laptop."""

    architecture: str = "small_cnn"
    pretrained: bool = False
    freeze_backbone: bool = False
    image_size: int = 64
    epochs: int = 12
    batch_size: int = 32
    learning_rate: float = 0.01
    seed: int = 0


def parse_hyperparameters(texts: Mapping[str, str]) -> Hyperparameters:
    """Parse hyperparameters from strings, as SageMaker passes them; ValueError names a key that is unknown or has a bad value."""
    types = {field.name: type(field.default) for field in fields(Hyperparameters)}
    unknown = sorted(set(texts) - set(types))
    if unknown:
        raise ValueError(f"unknown hyperparameters {', '.join(unknown)}: allowed are {', '.join(types)}")
    values = {name: PARSERS[types[name]](name, text) for name, text in texts.items()}
    return Hyperparameters(**values)


def parse_bool(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"hyperparameter {name} is {text!r}: it must be true or false")
    return text == "true"


def parse_int(name: str, text: str) -> int:
    smallest = 0 if name == "seed" else 1
    if not text.isdecimal() or int(text) < smallest:
        raise ValueError(f"hyperparameter {name} is {text!r}: it must be a whole number of at least {smallest}")
    return int(text)


def parse_float(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ValueError(f"hyperparameter {name} is {text!r}: it must be a number above 0")
    return number


PARSERS: dict[type, Callable[[str, str], Any]] = {str: lambda _name, text: text, bool: parse_bool, int: parse_int, float: parse_float}


@dataclass(frozen=True)
class Cluster:
    """The hosts of a job, in the same order on every host; the current host; and the network interface between them."""

    hosts: tuple[str, ...]
    current: str
    interface: str

    @property
    def number(self) -> int:
        return self.hosts.index(self.current)


@dataclass(frozen=True)
class Container:
    """The folders of the container, below `root`."""

    root: Path

    @classmethod
    def from_environment(cls) -> "Container":
        return cls(Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")))

    def hyperparameters(self) -> Hyperparameters:
        return parse_hyperparameters(json.loads((self.root / "input/config/hyperparameters.json").read_text()))

    def cluster(self) -> Cluster:
        resources = json.loads((self.root / "input/config/resourceconfig.json").read_text())
        return Cluster(tuple(resources["hosts"]), resources["current_host"], resources["network_interface_name"])

    def channel(self, name: str) -> Path:
        return self.root / "input/data" / name

    def weights(self) -> Path | None:
        """The file to start from; None for a job without the channel `weights`."""
        return next(iter(sorted(self.channel("weights").glob("*"))), None)

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def output_data(self) -> Path:
        return self.root / "output/data"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    @property
    def failure(self) -> Path:
        return self.root / "output/failure"


@contextmanager
def running_job() -> Iterator[Container]:
    """Run a job that ends on SIGTERM, and writes the reason to `output/failure` when it fails."""
    end_on_sigterm()
    container = Container.from_environment()
    try:
        yield container
    except Exception as error:
        with suppress(OSError):  # of a full disk: the first error is the one to tell
            write_reason(container.failure, error)
        raise


def write_reason(failure: Path, error: Exception) -> None:
    """Write the error for people: SageMaker copies the first 1,024 characters into the job's FailureReason."""
    failure.parent.mkdir(parents=True, exist_ok=True)
    if not failure.exists():  # the rank that fails first knows the cause; the others only lose their connection to it
        failure.write_text(f"{type(error).__name__}: {error}\n\n{traceback.format_exc()}", errors="replace")
