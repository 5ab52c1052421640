"""What a run has cost: the lines of its plan with the seconds that were really billed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tasks.cost.money import duration
from tasks.values import CostLine, CostPlan

STAGES = {"evaluation": "comparison"}  # what a line of the plan is for -> the stage that was billed for it, where that is another word


def receipt_of(plan: CostPlan, values: Mapping[str, Any]) -> tuple[CostLine, ...]:
    """A line for each of `plan.run`; `values` are what the run's stages gave, by their names.

    What was adopted cost nothing this time: the run that started it has it on its own receipt.
    """
    return tuple(received(line, values.get(stage_of(line))) for line in plan.run)


def stage_of(line: CostLine) -> str:
    """Of a line of what a run costs."""
    name = line.resource.split(",")[0]
    return STAGES.get(name, name)


def received(line: CostLine, value: Any) -> CostLine:
    """The line with the hours that `value`, a TrainedModel or Comparison, was billed for."""
    if value is None:
        return replace(line, hours=0.0, basis="the stage did not complete; what its job was billed stands in the console")
    if value.outcome == "created":
        return replace(line, hours=value.billable_seconds / 3600, basis=f"{duration(value.billable_seconds)} billed for {value.job_name}")
    if value.outcome == "adopted":
        return replace(line, hours=0.0, basis=f"{value.job_name} was adopted")
    return replace(line, hours=0.0, basis="there was nothing to compare with")
