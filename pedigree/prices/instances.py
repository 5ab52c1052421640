"""The hardware of each instance type, from the table beside this module."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("instances.json")
# types with several GPUs: https://aws.amazon.com/sagemaker/ai/pricing/
SEVERAL_GPUS = {
    **dict.fromkeys(("g4dn.12xlarge", "g5.12xlarge", "g5.24xlarge", "g6.12xlarge", "g6.24xlarge", "g6e.12xlarge", "g6e.24xlarge"), 4),
    **dict.fromkeys(("g5.48xlarge", "g6.48xlarge", "g6e.48xlarge", "p2.8xlarge", "p3.16xlarge", "p3dn.24xlarge", "p4d.24xlarge"), 8),
    **dict.fromkeys(("p4de.24xlarge", "p5.48xlarge", "p5e.48xlarge", "p5en.48xlarge", "p6-b200.48xlarge", "p6-b300.48xlarge"), 8),
    "p2.16xlarge": 16,
    "p3.8xlarge": 4,
}


@dataclass(frozen=True)
class Hardware:
    """The hardware of an instance type, with one GPU or none: no type in the table has more."""

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
    """The table's hardware by EC2 instance type."""
    return {name: Hardware(**values) for name, values in json.loads(TABLE.read_text())["types"].items()}


def hardware_of(instance_type: str) -> Hardware | None:
    """The hardware of a SageMaker or EC2 instance type; None when the table does not have the type."""
    return read_instances().get(machine(instance_type))


def gpus_of(instance_type: str) -> int | None:
    """How many GPUs a type has; None when neither table has the type."""
    hardware = hardware_of(instance_type)
    return SEVERAL_GPUS.get(machine(instance_type), None if hardware is None else int(bool(hardware.gpu)))


def machine(instance_type: str) -> str:
    """The EC2 instance type behind a SageMaker type: `m5.large` for `ml.m5.large`."""
    return instance_type.removeprefix("ml.")


def family(instance_type: str) -> str:
    """The instance family, `m5` for `ml.m5.large`: several sizes with the same processor and, if any, the same GPU."""
    return machine(instance_type).partition(".")[0]


def gibibytes(mebibytes: int) -> str:
    return f"{mebibytes / 1024:.0f} GiB"
