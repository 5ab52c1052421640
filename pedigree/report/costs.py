"""What the run cost beside what was planned, what stays, and what the same costs by hand, as data."""

from dataclasses import asdict
from typing import Any

from pedigree.cost.receipt import receipt_of
from pedigree.report.record import Record
from pedigree.values import CostLine, CostPlan


def describe_cost(plan: CostPlan, record: Record) -> dict[str, Any]:
    """USD: `receipt` has the lines of `run` again, with the hours that were billed."""
    receipt = receipt_of(plan, record.values)
    return {
        "run": list(map(describe_line, plan.run)),
        "receipt": list(map(describe_line, receipt)),
        "month": list(map(describe_line, plan.month)),
        "by_hand": list(map(describe_line, plan.by_hand)),
        "planned_usd": plan.run_usd,
        "billed_usd": sum(line.usd for line in receipt),
        "month_usd": plan.month_usd,
        "by_hand_usd": sum(line.usd for line in plan.by_hand),
        "prices_of": plan.prices_of,
    }


def describe_line(line: CostLine) -> dict[str, Any]:
    return {**asdict(line), "usd": line.usd}


def cost_of_stage(record: Record, name: str) -> float | None:
    """USD that were billed for what the stage gave; None where it ran no job or no price is known."""
    plan, value = record.value(CostPlan), record.values.get(name)
    if plan is None or not getattr(value, "billable_seconds", None):
        return None
    billed = [line for line in receipt_of(plan, {name: value}) if line.hours]
    return sum(line.usd for line in billed) if all(line.usd_per_hour for line in billed) else None
