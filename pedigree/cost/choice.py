"""The instance type for a training: the known time and cost on each type, and a recommendation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pedigree.cost.throughput import Throughput
from pedigree.prices.instances import Hardware, family, hardware_of, machine
from pedigree.prices.prices import Prices, read_table
from pedigree.settings import Training
from pedigree.text import dollars, duration
from pedigree.values import Dataset

NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Option:
    """A number of instances of one type, with their price an hour (SageMaker's with disks) and the time of the training there.

    None means not known. `basis` names the source of `seconds`; `measured` is true only when a job ran on this type.
    """

    instance_type: str
    instances: int
    usd_per_hour: float | None
    seconds: float | None
    basis: str
    measured: bool = False
    spot_saving: float | None = None

    @property
    def usd(self) -> float | None:
        return None if self.usd_per_hour is None or self.seconds is None else self.usd_per_hour * self.seconds / 3600

    @property
    def named(self) -> str:
        return self.instance_type if self.instances == 1 else f"{self.instances} x {self.instance_type}"

    @property
    def hardware(self) -> Hardware | None:
        return hardware_of(self.instance_type)


def training_types() -> list[str]:
    """Instance types of SageMaker and EC2 that have a training price and known hardware."""
    uses = read_table().instance_hours
    return [name for name, hours in uses.items() if hours.keys() & {"training", "ec2"} and hardware_of(name)]


@dataclass(frozen=True)
class Asked:
    """The requested training, on `images` training images, with the prices; every option is computed for it."""

    prices: Prices
    images: int
    training: Training

    def seconds(self, throughput: Throughput) -> float:
        """The billed seconds of this training at this throughput."""
        return throughput.seconds(self.images, self.training.epochs)

    def usd_per_hour(self, instance_type: str, instances: int) -> float | None:
        """The price of all instances in USD an hour, SageMaker's with disks; None when the price is not known."""
        if not is_sagemaker(instance_type):
            return read_table().instance("ec2", instance_type)
        hourly = self.prices.instance("training", instance_type)
        return None if hourly is None else instances * (hourly + self.prices.volume_gb * self.training.volume_gb)


def options_of(throughputs: Sequence[Throughput], prices: Prices, dataset: Dataset, training: Training) -> list[Option]:
    """The measured options first, then every other type with the requested number of instances; the cheapest first in each part."""
    asked = Asked(prices, dataset.counts["train"], training)
    measured = [measured_option(each, asked) for each in throughputs]
    known = {(option.instance_type, option.instances) for option in measured}
    wanted = [
        (name, training.instance_count if is_sagemaker(name) else 1)
        for name in {training.instance_type: 0} | dict.fromkeys(training_types())
    ]
    others = [other_option(*each, throughputs, asked) for each in wanted if each not in known]
    return sorted(
        [*measured, *others], key=lambda option: (not option.measured, option.usd is None, option.usd or option.usd_per_hour or 0)
    )


def measured_option(each: Throughput, asked: Asked) -> Option:
    return Option(
        each.instance_type,
        each.instances,
        asked.usd_per_hour(each.instance_type, each.instances),
        asked.seconds(each),
        f"measured by {each.job}",
        measured=True,
        spot_saving=each.spot_saving,
    )


def other_option(instance_type: str, instances: int, throughputs: Sequence[Throughput], asked: Asked) -> Option:
    hourly = asked.usd_per_hour(instance_type, instances)
    estimated = estimate(instance_type, instances, throughputs)
    if estimated is None:
        return Option(instance_type, instances, hourly, None, NOT_MEASURED)
    throughput, basis = estimated
    return Option(instance_type, instances, hourly, asked.seconds(throughput), f"estimate: {basis}")


def estimate(instance_type: str, instances: int, throughputs: Sequence[Throughput]) -> tuple[Throughput, str] | None:
    """Estimate the throughput from a measured type of the same family, with the basis in words; None without one.

    Sizes of a family differ only in the hardware that AWS lists.
    """
    ours = hardware_of(instance_type)
    alike = [each for each in throughputs if each.instances == instances and family(each.instance_type) == family(instance_type)]
    # the same machine comes before another size of its family
    for each in sorted(alike, key=lambda each: machine(each.instance_type) != machine(instance_type)):
        theirs = hardware_of(each.instance_type)
        if ours is None or theirs is None:
            continue
        if machine(each.instance_type) == machine(instance_type):
            return each, f"the machine of {each.instance_type}"
        if ours.gpu:
            return each, f"the GPU of {each.instance_type}, if that is what limits"
        factor = ours.vcpus / theirs.vcpus
        scaled = replace(each, images_per_second=each.images_per_second * factor)
        return scaled, f"{factor:g} times the vCPUs of {each.instance_type}, if they all help"
    return None


def is_sagemaker(instance_type: str) -> bool:
    return instance_type.startswith("ml.")


def recommend(options: Sequence[Option], training: Training) -> tuple[Option | None, str]:
    """The cheapest measured option that ends within the time limit, with the reason in a sentence; None when nothing is measured."""
    priced = [option for option in options if option.measured and option.usd is not None]
    in_time = [option for option in priced if (option.seconds or 0) <= training.max_runtime_seconds]
    if not in_time:
        reason = (
            f"none of the {len(priced)} measured types ends within max_runtime_seconds"
            if priced
            else "no similar job has run in this account"
        )
        return None, f"No recommendation: {reason}. The settings ask for {training.instance_type}."
    cheapest = min(in_time, key=lambda option: option.usd or 0)
    fastest = min(in_time, key=lambda option: option.seconds or 0)
    why = f"the cheapest of {len(in_time)} measured types" if len(in_time) > 1 else "the only measured type"
    faster = f"; the fastest is {fastest.named}: {amount(fastest)}" if fastest is not cheapest else ""
    return cheapest, f"{cheapest.named}: {why}, {amount(cheapest)}{faster}."


def amount(option: Option) -> str:
    assert option.usd is not None, "only what has a cost is compared"
    assert option.seconds is not None, "its cost is made of them"
    return f"about {dollars(option.usd)} in {duration(option.seconds)}"
