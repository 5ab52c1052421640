"""The receipt of a run: the lines of its cost plan, with the seconds that AWS billed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pedigree.text import duration
from pedigree.values import CostLine, CostPlan

AGAIN = "second comparison"  # the stage for which nothing is planned: it runs a job only where another run has changed the champion


def receipt_of(plan: CostPlan, values: Mapping[str, Any]) -> tuple[CostLine, ...]:
    """A line for each line of `plan.run`, and for the job of a second comparison; `values` are the results of stages, by stage name.

    An adopted job costs this run nothing: it is on the receipt of the run that started it.
    """
    again = [replace(line, resource=f"second {line.resource}") for line in plan.run if line.stage == "comparison"]
    ran_again = AGAIN in values and values[AGAIN].outcome == "created"
    return tuple(received(line, values.get(line.stage), plan) for line in (*plan.run, *(again if ran_again else ())))


def received(line: CostLine, value: Any, plan: CostPlan) -> CostLine:
    """The line with the hours that `value`, a TrainedModel or Comparison, was billed for."""
    if value is None:
        return replace(line, hours=0.0, basis="the stage did not complete; the AWS console shows the billed time of its job")
    if value.outcome == "created":
        basis = f"{duration(value.billable_seconds)} billed for {value.job_name}{spot_saving(value)}"
        return replace(where_it_ran(line, value, plan), hours=value.billable_seconds / 3600, basis=basis)
    return replace(line, hours=0.0, basis=f"{value.job_name} was adopted")


def spot_saving(value: Any) -> str:
    """The saving of a spot job in words: SageMaker bills it at the on-demand price, for less time than it took."""
    if not getattr(value, "spot", False):
        return ""
    saved = 1 - value.billable_seconds / max(1, value.training_seconds)
    return f", {saved:.0%} less than its {duration(value.training_seconds)} of training, on spot instances"


def where_it_ran(line: CostLine, value: Any, plan: CostPlan) -> CostLine:
    """The line with the instance type that had capacity, at 0 when the price is not known."""
    wanted, ran_on = next(iter(plan.training_hours), ""), getattr(value, "instance_type", "")
    if ran_on in ("", wanted) or not line.resource.endswith(f" x {wanted}"):
        return line
    usd, other = plan.training_hours[wanted], plan.training_hours.get(ran_on)
    usd_per_hour = line.usd_per_hour / usd * other if usd and other else 0.0
    return replace(line, resource=line.resource.replace(wanted, ran_on), usd_per_hour=usd_per_hour)


def share_out(budget_usd: float | None, stages: Iterable[str], plan: CostPlan) -> dict[str, float | None]:
    """Share the budget between these trainings, in proportion to their planned costs."""
    planned = {stage: sum(line.usd for line in plan.run if line.stage == stage) for stage in stages}
    return {stage: budget_usd and budget_usd * usd / sum(planned.values()) for stage, usd in planned.items()}
