"""The page of a capacity plan, in markdown: the recommended settings and their results, the other options, and the measurement."""

import json
from collections.abc import Iterator
from typing import Any

from pedigree.autoscaling.policies import rule_of
from pedigree.aws.errors import InvalidInput
from pedigree.drawing import Figures
from pedigree.planning.curve import LatencyCurve
from pedigree.planning.frontier import Frontier, Option
from pedigree.planning.recommendation import Recommendation
from pedigree.prices.prices import HOURS_A_MONTH, Prices
from pedigree.settings import Goal
from pedigree.text import code, dollars, fenced, figure_sections, table

HEADER = ("Autoscaling", "Min", "Max", "Cooldown out", "Instance hours", "Endpoint a month", "p99", "Dropped")
REMARKS = """Dropped requests take longer than the function's timeout; they count with the timeout in the p99. Month: this traffic, again
and again. The best settings: no other is cheaper, faster and drops less at once. A request goes to the instance with the fewest requests,
as in the endpoint config; alarms take 3 minutes to scale out and 15 to scale in, as target tracking creates them."""


def headline(answer: Recommendation | InvalidInput, goal: Goal) -> str:
    if isinstance(answer, InvalidInput):
        return f"No recommendation: {answer.cause}"
    option, function = answer.option, answer.function
    limits = f"{option.settings.min_instances} to {option.settings.max_instances} instances, {rule_of(option.settings)}"
    concurrency = f"concurrency reserved {function.reserved_concurrency}, provisioned {function.provisioned_concurrency}"
    return f"{limits}; {concurrency}: p99 {time(option.p99_ms)} (goal {time(goal.p99_ms)}), {option.dropped:.2%} dropped"


def render_page(
    frontier: Frontier,
    answer: Recommendation | InvalidInput,
    curve: LatencyCurve,
    prices: Prices,
    figures: Figures,
) -> str:
    chosen = answer.option if isinstance(answer, Recommendation) else None
    rows = [row(option, "✓ " if option is chosen else "") for option in frontier.best if option is not frontier.now]
    parts = [
        f"**{headline(answer, frontier.goal)}**",
        set_this(answer, prices) if isinstance(answer, Recommendation) else answer.action[:1].upper() + answer.action[1:] + ".",
        *figure_sections(figures.urls, figures.not_drawn),
        f"### The best of {len(frontier.options)} settings",
        table(HEADER, [row(frontier.now, "as given: "), *rows]),
        REMARKS,
        "### Measured",
        measured(curve),
        f"Prices: {prices.source}.",
    ]
    return "\n\n".join(parts) + "\n"


def lines(frontier: Frontier) -> Iterator[str]:
    """The best options as log lines."""
    for option in frontier.best:
        settings = option.settings
        limits = f"{settings.min_instances} to {settings.max_instances} instances, {rule_of(settings)}"
        cost = "" if option.usd is None else f", {dollars(option.usd * HOURS_A_MONTH)} a month"
        cooldown, hours = f"cooldown {settings.scale_out_cooldown} s", f"{option.instance_hours:.1f} instance hours"
        yield f"{limits}, {cooldown}: {hours}{cost}, p99 {time(option.p99_ms)}, {option.dropped:.2%} dropped"


def set_this(answer: Recommendation, prices: Prices) -> str:
    parameters = json.dumps(answer.parameters)
    gigabytes = answer.function.provisioned_concurrency * answer.function.memory_mb / 1024
    cost = f"Provisioned concurrency costs {dollars(gigabytes * prices.provisioned_gb * HOURS_A_MONTH)} a month more."
    return f"{fenced(f'make run PARAMS={chr(39)}{parameters}{chr(39)}', 'sh')}\n\n{cost}"


def row(option: Option, mark: str) -> tuple[str, ...]:
    settings = option.settings
    return (
        f"{mark}{rule_of(settings)}",
        str(settings.min_instances),
        str(settings.max_instances),
        f"{settings.scale_out_cooldown} s",
        f"{option.instance_hours:.1f}",
        "not known" if option.usd is None else dollars(option.usd * HOURS_A_MONTH),
        time(option.p99_ms),
        f"{option.dropped:.2%}",
    )


def measured(curve: LatencyCurve) -> str:
    levels = curve.levels
    rows = [(str(at.concurrency), f"{at.throughput:.1f}", time(at.p50_ms), time(at.p99_ms), str(at.errors)) for at in levels]
    of = f"{code(curve.model)} on {curve.instances} x {curve.instance_type}, image {code(curve.image)}, {curve.measured_at:%Y-%m-%d %H:%M}"
    return f"{of}\n\n" + table(("Callers", "Requests per second", "p50", "p99", "Errors"), rows)


def time(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 10_000 else f"{milliseconds / 1000:.0f} s"


def describe(frontier: Frontier, answer: Recommendation | InvalidInput, curve: LatencyCurve) -> dict[str, Any]:
    """The content of the page as JSON, for programs."""
    return {
        "recommended": answer.parameters if isinstance(answer, Recommendation) else None,
        "refused": str(answer) if isinstance(answer, InvalidInput) else None,
        "as_given": describe_option(frontier.now),
        "frontier": [describe_option(option) for option in frontier.best],
        "curve": curve.model_dump(mode="json"),
    }


def describe_option(option: Option) -> dict[str, Any]:
    return {
        "autoscaling": option.settings.model_dump(mode="json"),
        "instance_hours": option.instance_hours,
        "usd_per_hour": option.usd,
        "p99_ms": option.p99_ms,
        "dropped": option.dropped,
    }
