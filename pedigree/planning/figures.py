"""The figures of a capacity plan: the options, and the chosen settings under the traffic."""

from typing import TYPE_CHECKING

from pedigree.drawing import BLUE, FAINT, GREEN, INK, MUTED, RED, WIDTH, Figures, data_url, draw_all, new_figure, quieten
from pedigree.planning.frontier import Frontier, Option
from pedigree.settings import Goal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_plan(frontier: Frontier, chosen: Option | None, goal: Goal) -> Figures:
    """Draw the options, and the traffic with the chosen settings, or with the given settings when none was chosen."""
    return draw_all(
        {
            "What there is to choose from": lambda: data_url(draw_frontier(frontier, chosen, goal)),
            "Instances under the traffic": lambda: data_url(draw_instances(frontier, chosen or frontier.now)),
        }
    )


def draw_frontier(frontier: Frontier, chosen: Option | None, goal: Goal) -> "Figure":
    """Draw a dot for each option, red when it drops too many requests; a line joins the best options."""
    figure = new_figure(WIDTH, 3)
    axes = figure.subplots()
    for option in frontier.options:
        lost = option.dropped * 100 > goal.dropped_percent
        axes.plot(option.instance_hours, option.p99_ms, "o", markersize=3.5, color=RED if lost else MUTED, alpha=0.5)
    best = [option for option in frontier.best if option.dropped * 100 <= goal.dropped_percent]
    axes.plot([option.instance_hours for option in best], [option.p99_ms for option in best], color=BLUE, linewidth=1.6)
    axes.axhline(goal.p99_ms, color=MUTED, linewidth=1, linestyle=(0, (2, 3)))
    mark(axes, frontier.now, "as given", INK)
    if chosen:
        mark(axes, chosen, "recommended", GREEN)
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("instance hours", size=9, color=MUTED)
    axes.set_title("p99 in ms", loc="left", size=11, color=INK, weight="bold")
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    quieten(axes)
    return figure


def mark(axes: "Axes", option: Option, text: str, color: str) -> None:
    at = (option.instance_hours, option.p99_ms)
    axes.plot(*at, "o", markersize=9, fillstyle="none", color=color, markeredgewidth=1.8)
    axes.annotate(text, at, (8, 5), textcoords="offset points", size=8.5, color=color)


def draw_instances(frontier: Frontier, option: Option) -> "Figure":
    simulated, place = frontier.simulated, frontier.options.index(option)
    trace = simulated.trace
    hours = [at * trace.bucket / 3600 for at in range(len(trace.rates))]
    figure = new_figure(WIDTH, 3.4)
    above, below = figure.subplots(2, 1, sharex=True)
    above.fill_between(hours, trace.rates, color=BLUE, alpha=0.25, linewidth=0)
    above.set_title("Requests per second", loc="left", size=11, color=INK, weight="bold")
    below.step(hours, simulated.paid[:, 0, place], where="post", color=BLUE, linewidth=1.6)
    below.set_title("Instances", loc="left", size=11, color=INK, weight="bold")
    below.set_ylim(bottom=0)
    below.set_xlabel("hours", size=9, color=MUTED)
    for axes in (above, below):
        axes.grid(axis="y", color=FAINT, linewidth=0.8)
        quieten(axes)
    return figure
