"""The lines of a cost plan: prices times hours, as pure functions of the settings and of the answers of AWS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pedigree.cost.history import Expected
from pedigree.prices.prices import HOURS_A_MONTH, Prices
from pedigree.settings import Autoscaling, Function, Mission, Serving, Training
from pedigree.text import dollars
from pedigree.training.ways import Way
from pedigree.values import CostLine, CostPlan
from pedigree.watching.retrain import MOST_HOURS, hours_watched
from pedigree.watching.watch import billed_metrics

NOTEBOOK, INSTANCES_BY_HAND = "ml.t3.medium", 4
IMAGE_GB = 75  # approximate disk space of the container image on an EC2 instance, besides volume_gb
ALARMS = 4  # one to scale out, one to scale in, and two that roll an update back; beside them what people hear of


@dataclass(frozen=True)
class Facts:
    """Answers of AWS: expected hours of each training stage and of an evaluation, instances now (None: no endpoint), GB in the bucket."""

    trainings: Mapping[str, Expected]
    evaluation: Expected
    live_instances: int | None
    stored_gb: float


def plan_of(facts: Facts, prices: Prices, ways: Sequence[Way], mission: Mission) -> CostPlan:
    training = ways[0].training
    trains = [line for way in ways for line in way_lines(way, facts, prices)]
    evaluates = job_lines("evaluation", 1, facts.evaluation, prices, training)
    return CostPlan(
        run=(*trains, *evaluates),
        month=(
            *endpoint_lines(facts, prices, mission.serving, mission.autoscaling),
            *function_lines(prices, mission.function),
            *small_lines(facts, prices, mission),
        ),
        by_hand=by_hand_lines(facts, prices, training, mission.serving),
        prices_of=prices.source,
        training_hours={name: prices.instance("training", name) for name in training.instance_types},
    )


def way_lines(way: Way, facts: Facts, prices: Prices) -> tuple[CostLine, ...]:
    time = facts.trainings[way.stage]
    if way.ec2:
        return ec2_lines(way.stage, time, prices, way.training)
    return job_lines(way.stage, way.training.instance_count, time, prices, way.training)


def ec2_lines(stage: str, time: Expected, prices: Prices, training: Training) -> tuple[CostLine, ...]:
    """The same as `job_lines`, for a training made by `request.on_one_instance`."""
    disk = training.volume_gb + IMAGE_GB
    return (
        priced(f"{stage}, 1 x {training.instance_type}", prices.instance("ec2", training.instance_type), 1, time),
        priced(f"{stage}, {disk} GB of disk", prices.instance_volume_gb, disk, time),
    )


def job_lines(name: str, count: int, time: Expected, prices: Prices, training: Training) -> tuple[CostLine, ...]:
    """The lines of a job's instances and disks; the receipt finds them by the stage name before the comma."""
    instances, disks = f"{count} x {training.instance_type}", f"{count} x {training.volume_gb} GB of disk"
    return (
        priced(f"{name}, {instances}", prices.instance("training", training.instance_type), count, time),
        priced(f"{name}, {disks}", prices.volume_gb, count * training.volume_gb, time),
    )


def training_usd_per_hour(prices: Prices, training: Training) -> float:
    """The price of all instances with their disks; InvalidInput when the price is not known."""
    return training.instance_count * (prices.require("training", training.instance_type) + prices.volume_gb * training.volume_gb)


def ec2_usd_per_hour(prices: Prices, training: Training) -> float:
    """The same price for the EC2 instance of a training."""
    return prices.require("ec2", training.instance_type) + prices.instance_volume_gb * (training.volume_gb + IMAGE_GB)


def endpoint_lines(facts: Facts, prices: Prices, serving: Serving, autoscaling: Autoscaling) -> tuple[CostLine, ...]:
    price, fewest, most = prices.instance("hosting", serving.instance_type), autoscaling.min_instances, autoscaling.max_instances
    count = max(facts.live_instances or serving.initial_instance_count, fewest)
    basis = f"{'as many as now' if facts.live_instances else 'to begin with'}; autoscaling keeps {fewest} to {most}"
    if price is not None:
        basis += f", {dollars(price * fewest * HOURS_A_MONTH)} to {dollars(price * most * HOURS_A_MONTH)}"
    return (priced(f"endpoint, {count} x {serving.instance_type}", price, count, Expected(HOURS_A_MONTH, basis)),)


def function_lines(prices: Prices, function: Function) -> tuple[CostLine, ...]:
    """The line of provisioned concurrency; requests are billed one by one and not planned."""
    if not function.provisioned_concurrency:
        return ()
    resource = f"provisioned concurrency, {function.provisioned_concurrency} x {function.memory_mb} MB"
    gigabytes = function.provisioned_concurrency * function.memory_mb / 1024
    most = f", autoscaling keeps up to {function.provisioned_range[1]}" if function.scales_provisioned else ""
    return (priced(resource, prices.provisioned_gb, gigabytes, always(f"kept warm{most}; each request also costs its own time")),)


def small_lines(facts: Facts, prices: Prices, mission: Mission) -> tuple[CostLine, ...]:
    alarms = alarms_line(prices, mission)
    if not facts.stored_gb:
        return (alarms,)
    stored = always("its size now, without old versions")
    size = f"{facts.stored_gb:.1f} GB" if facts.stored_gb >= 1 else f"{facts.stored_gb * 1024:.0f} MB"
    return alarms, priced(f"bucket, {size}", prices.bucket_gb, facts.stored_gb, stored)


def alarms_line(prices: Prices, mission: Mission) -> CostLine:
    """AWS bills an alarm for each metric; the basis says so when no alarm can wait for the scheduled runs."""
    count, every = ALARMS + billed_metrics(mission), mission.retrained_every_hours
    basis = "metrics in alarms of autoscaling, of rollback and on what is live; the first ten of an account are free"
    if every and hours_watched(every) is None:
        basis += f". No alarm waits for runs that are {every:g} hours apart: it looks back {MOST_HOURS} hours at most"
    return priced(f"alarms, {count}", prices.alarm, count, always(basis))


def by_hand_lines(facts: Facts, prices: Prices, training: Training, serving: Serving) -> tuple[CostLine, ...]:
    """The cost by hand: a notebook that runs all month, four instances that each train the whole model, and an idle endpoint."""
    hours = min(facts.trainings["training"].hours * training.instance_count, training.max_runtime_seconds / 3600)
    alone = Expected(hours, "each instance trains the same model, and one of the four is used")
    hand_made = f"training, {INSTANCES_BY_HAND} x {training.instance_type}"
    return (
        priced(f"notebook, {NOTEBOOK}", prices.instance("notebook", NOTEBOOK), 1, always("never stopped, a month")),
        priced(hand_made, prices.instance("training", training.instance_type), INSTANCES_BY_HAND, alone),
        priced(f"endpoint, {serving.instance_type}", prices.instance("hosting", serving.instance_type), 1, always("idle, a month")),
    )


def always(basis: str) -> Expected:
    return Expected(HOURS_A_MONTH, basis)


def priced(resource: str, usd_per_hour: float | None, quantity: float, time: Expected) -> CostLine:
    if usd_per_hour is None:
        return CostLine(resource, 0.0, time.hours, f"price not known; {time.basis}")
    return CostLine(resource, usd_per_hour * quantity, time.hours, time.basis)
