"""What an instance type is made of: the table beside this module."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("instances.json")


@dataclass(frozen=True)
class Hardware:
    """One GPU or none: no type in the table has more."""

    vcpus: int
    memory_mib: int
    gpu: str = ""
    gpu_memory_mib: int = 0

    @property
    def memory(self) -> str:
        return gibibytes(self.memory_mib)

    @property
    def graphics(self) -> str:
        return f"{self.gpu}, {gibibytes(self.gpu_memory_mib)}" if self.gpu else ""


@cache
def read_instances() -> dict[str, Hardware]:
    """By the name of the EC2 instance type."""
    return {name: Hardware(**values) for name, values in json.loads(TABLE.read_text())["types"].items()}


def hardware_of(instance_type: str) -> Hardware | None:
    """Of an instance type of SageMaker or EC2; None where the table does not have it."""
    return read_instances().get(machine(instance_type))


def machine(instance_type: str) -> str:
    """`ml.m5.large` is the EC2 instance `m5.large`."""
    return instance_type.removeprefix("ml.")


def family(instance_type: str) -> str:
    """`m5` of `ml.m5.large`: the same processor and, where there is one, the same GPU, in several sizes."""
    return machine(instance_type).partition(".")[0]


def gibibytes(mebibytes: int) -> str:
    return f"{mebibytes / 1024:.0f} GiB"
