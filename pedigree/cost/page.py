"""The cost plan line by line, and the time and cost of a training on each instance type, for people."""

import logging
from collections.abc import Sequence

from pedigree.aws.clients import client
from pedigree.cost.choice import Option, is_sagemaker, options_of, recommend, training_types
from pedigree.cost.throughput import measured_throughputs
from pedigree.prices.prices import read_prices
from pedigree.settings import Training
from pedigree.text import Page, code, dollars, duration, rate, table
from pedigree.values import Account, CostLine, CostPlan, Dataset

LOG = logging.getLogger(__name__)


def plan_rows(plan: CostPlan) -> list[dict[str, str]]:
    """The table of a cost plan, with one row for each line."""
    parts = {"this run": plan.run, "each month": plan.month, "by hand": plan.by_hand}
    return [plan_row(when, line) for when, lines in parts.items() for line in lines]


def plan_row(when: str, line: CostLine) -> dict[str, str]:
    return {
        "When": when,
        "What": line.resource,
        "An hour": rate(line.usd_per_hour) if line.usd_per_hour else "not known",
        "Hours": f"{line.hours:.3g}",
        "Cost": dollars(line.usd) if line.usd_per_hour else "not known",
        "Basis": line.basis,
    }


HEADER = ("Instances", "vCPU", "Memory", "GPU", "An hour", "Spot", "Time", "Cost", "Basis")
REMARKS = """Time is the billed time, without the wait for an instance. Measured times are of a job of the same architecture, image size and
frozen part, scaled to the images and epochs of this one. An estimate is not a measurement: run once on that type to measure it."""


def compare_instances(account: Account, dataset: Dataset, training: Training) -> Page:
    """List all instance types with their time and cost, and recommend one; the page changes no setting."""
    throughputs = measured_throughputs(client(account.credentials, "sagemaker"), account.project, training)
    asked = {training.instance_type, *(each.instance_type for each in throughputs)}
    prices = read_prices(account, filter(is_sagemaker, asked.union(training_types())))
    options = options_of(throughputs, prices, dataset, training)
    recommended, why = recommend(options, training)
    LOG.info(f"Instances: {why}")
    return Page(choice_page(options, recommended, why, prices_of=prices.source), why)


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
    """The spot saving: SageMaker reports it only after a job, and EC2 spot prices change all the time."""
    if option.spot_saving is not None:
        return f"{option.spot_saving:.0%} less, measured"
    return "known afterwards" if is_sagemaker(option.instance_type) else "changes hourly"
