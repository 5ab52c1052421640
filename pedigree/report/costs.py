"""The cost of a run beside its plan, the monthly cost, and the cost of the same work by hand."""

from pedigree.cost.receipt import receipt_of
from pedigree.report.record import Record
from pedigree.report.report import CostReport
from pedigree.values import CostPlan


def describe_cost(plan: CostPlan, record: Record) -> CostReport:
    receipt = receipt_of(plan, record.values)
    return CostReport(
        run=plan.run,
        receipt=receipt,
        month=plan.month,
        by_hand=plan.by_hand,
        planned_usd=plan.run_usd,
        billed_usd=sum(line.usd for line in receipt),
        month_usd=plan.month_usd,
        by_hand_usd=sum(line.usd for line in plan.by_hand),
        prices_of=plan.prices_of,
    )


def cost_of_stage(record: Record, name: str) -> float | None:
    """US dollars billed for the job of a stage; None when it ran no job or the price is not known."""
    plan, value = record.value(CostPlan), record.values.get(name)
    if plan is None or not getattr(value, "billable_seconds", None):
        return None
    billed = [line for line in receipt_of(plan, {name: value}) if line.hours]
    return sum(line.usd for line in billed) if all(line.usd_per_hour for line in billed) else None
