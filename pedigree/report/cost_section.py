"""The page's section on cost."""

from collections.abc import Sequence

from pedigree.report.report import CostReport
from pedigree.text import code, dollars, plain, table
from pedigree.values import CostLine


def cost_sentence(cost: CostReport) -> str:
    by_hand, here = dollars(cost.by_hand_usd), dollars(cost.first_month_usd)
    return (
        f"This run cost {dollars(cost.billed_usd)} ({dollars(cost.planned_usd)} was planned); live, it costs "
        f"{dollars(cost.month_usd)} a month. By hand the first month costs {by_hand}, here {here}."
    )


def cost_section(cost: CostReport | None) -> str:
    """Three tables: the cost of the run, of a month, and of the same work by hand."""
    if not cost:
        return ""
    rows = [
        (code(planned.resource), amount(planned), amount(billed), plain(planned.basis), plain(billed.basis))
        for planned, billed in zip(cost.run, cost.receipt, strict=True)
    ]
    return "\n\n".join(
        [
            "### Cost",
            cost_sentence(cost),
            table(("This run", "Planned", "Billed", "Plan", "Receipt"), rows),
            table(("What stays, a month", "Cost", "Basis"), plain_rows(cost.month)),
            table(("The same by hand, first month", "Cost", "Basis"), plain_rows(cost.by_hand)),
            f"Prices: {cost.prices_of}.",
        ]
    )


def plain_rows(lines: Sequence[CostLine]) -> list[tuple[str, str, str]]:
    return [(code(line.resource), amount(line), plain(line.basis)) for line in lines]


def amount(line: CostLine) -> str:
    return dollars(line.usd) if line.usd_per_hour else "not known"
