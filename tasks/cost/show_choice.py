"""The task that shows what a training would take and cost on each instance type, before it begins."""

from collections.abc import Sequence

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from tasks.aws.clients import client
from tasks.aws.tasking import AWS_TASK
from tasks.cost.choice import Option, is_sagemaker, options_of, recommend, training_types
from tasks.cost.money import dollars, duration, rate
from tasks.cost.prices import read_prices
from tasks.cost.throughput import measured_throughputs
from tasks.report.blocks import code, table
from tasks.settings import Training
from tasks.values import Account, Dataset

HEADER = ("Instances", "vCPU", "Memory", "GPU", "An hour", "Spot", "Time", "Cost", "Basis")
REMARKS = """Time is what is billed, without waiting for an instance. Measured is what a job of the same architecture, image size and
frozen part took, scaled to the images and epochs of this one. An estimate is not a measurement: run once there to have one."""


@task(name="compare instances", **AWS_TASK)
def compare_instances(account: Account, dataset: Dataset, training: Training) -> None:
    """Log the recommended instance, and show all of them as the markdown artifact `<project>-instances`; nothing is decided by it."""
    throughputs = measured_throughputs(client(account.credentials, "sagemaker"), account.project, training)
    asked = {training.instance_type, *(each.instance_type for each in throughputs)}
    prices = read_prices(account, filter(is_sagemaker, asked.union(training_types())))
    options = options_of(throughputs, prices, dataset, training)
    recommended, why = recommend(options, training)
    get_run_logger().info(f"Instances: {why}")
    if flow_run.get_id() is not None:
        page = choice_page(options, recommended, why, prices_of=prices.source)
        create_markdown_artifact(page, key=f"{account.project}-instances", description=why)


def choice_page(options: Sequence[Option], recommended: Option | None, why: str, *, prices_of: str) -> str:
    rows = [row(option, recommended=option is recommended) for option in options]
    return f"**{why}**\n\n{table(HEADER, rows)}\n\n{REMARKS}\n\nPrices: {prices_of}.\n"


def row(option: Option, *, recommended: bool) -> tuple[str, ...]:
    hardware = option.hardware
    return (
        f"{code(option.named)}{' ✓' if recommended else ''}",
        str(hardware.vcpus) if hardware else "",
        hardware.memory if hardware else "",
        hardware.graphics if hardware else "",
        rate(option.usd_per_hour) if option.usd_per_hour else "not known",
        spot(option),
        "" if option.seconds is None else duration(option.seconds),
        "" if option.usd is None else dollars(option.usd),
        option.basis,
    )


def spot(option: Option) -> str:
    """SageMaker publishes no spot price, it tells the saving of a job that has ended; EC2's change all the time."""
    if option.spot_saving is not None:
        return f"{option.spot_saving:.0%} less, measured"
    return "known afterwards" if is_sagemaker(option.instance_type) else "changes hourly"
