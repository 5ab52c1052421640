"""A budget shared out among trainings that run side by side."""

from collections.abc import Iterable

from tasks.cost.receipt import stage_of
from tasks.values import CostPlan


def share_out(budget_usd: float | None, stages: Iterable[str], plan: CostPlan) -> dict[str, float | None]:
    """What each of these trainings may cost at most, in proportion to what the plan expects of it: together they keep to the budget."""
    planned = {stage: sum(line.usd for line in plan.run if stage_of(line) == stage) for stage in stages}
    return {stage: budget_usd and budget_usd * usd / sum(planned.values()) for stage, usd in planned.items()}
