"""Format the report of a run for the terminal."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from pedigree.report.cost_section import cost_sentence
from pedigree.report.headline import headline, what_ended
from pedigree.report.lineage import approver
from pedigree.report.placement import placement_words
from pedigree.report.training_section import HEADER, chosen_training, is_worth_a_table, selection_sentences, training_cells
from pedigree.text import dollars

COLORS = {"completed": "green", "refused": "yellow", "failed": "red", "not reached": "bright_black"}


def render(report: dict[str, Any]) -> Group:
    """Format `report.json`: stages, metrics, names and error messages; parts that the run did not reach are left out."""
    title = Text(f"{headline(report)}\n", style="bold")
    return Group(title, stage_table(report["stages"]), *training_table(report["training"]), facts(report), *reasons(report["stages"]))


def stage_table(stages: list[dict[str, Any]]) -> Table:
    table = Table("stage", "outcome", box=None, pad_edge=False)
    for name in ("tries", "seconds", "billed", "cost"):
        table.add_column(name, justify="right")
    table.add_column("resource", overflow="fold")
    for stage in stages:
        table.add_row(
            stage["name"],
            Text(stage["outcome"] or stage["status"], style=COLORS[stage["status"]]),
            str(stage["attempts"] or ""),
            "" if stage["seconds"] is None else f"{stage['seconds']:.1f}",
            "" if stage["billable_seconds"] is None else f"{stage['billable_seconds']:.0f}",
            "" if stage["cost_usd"] is None else dollars(stage["cost_usd"]),
            Text(stage["resource"] or "", style=Style(color="cyan", link=stage["link"])),
        )
    return table


def training_table(trainings: list[dict[str, Any]]) -> Iterator[RenderableType]:
    if not is_worth_a_table(trainings):
        return
    table = Table(*map(str.lower, HEADER), box=None, pad_edge=False)
    for training in trainings:
        table.add_row(*training_cells(training))
    yield Text()
    yield table
    yield from map(Text, selection_sentences(trainings))


def facts(report: dict[str, Any]) -> Table:
    table = Table.grid("", "", padding=(0, 2))
    for name, text in fact_rows(report):
        table.add_row(Text(name, style="bold"), Text(text, overflow="fold"))
    return table


def fact_rows(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "", ""
    yield from model_rows(report)
    if endpoint := report["endpoint"]:
        yield "endpoint", f"{endpoint['name']}, config {endpoint['config']}"
    if scaling := report["autoscaling"]:
        yield "autoscaling", f"{scaling['min']} to {scaling['max']} instances, {scaling['rule']}"
    if function := report["function"]:
        most = f" to {function['most_provisioned']}" if function["most_provisioned"] else ""
        concurrency = f"reserved {function['reserved']}, provisioned {function['provisioned']}{most}"
        yield "function", f"{function['name']}:{function['alias']}, version {function['version']}, concurrency {concurrency}"
        if function["url"]:
            yield "function URL", function["url"]
    if smoke_test := report["smoke_test"]:
        yield "smoke test", f"{'passed' if smoke_test['passed'] else 'failed'}, {len(smoke_test['predictions'])} predictions"
    if report["cost"]:
        yield "cost", cost_sentence(report["cost"])


def model_rows(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if dataset := report["dataset"]:
        counts = ", ".join(f"{count} {split}" for split, count in dataset["counts"].items())
        yield "dataset", f"{len(dataset['classes'])} classes, {counts}"
    if (training := chosen_training(report["training"])) and (training["spot"] or training["no_capacity"]):
        yield "trained on", placement_words(training)
    if metrics := report["metrics"]:
        low, high = metrics["interval"]
        remark = f"95% interval {low:.1%} to {high:.1%}, majority-class baseline {metrics['chance']:.1%}"
        yield "accuracy", f"{metrics['accuracy']:.1%} on the test split ({remark})"
    if (comparison := report["comparison"]) and comparison["images"]:
        low, high = comparison["interval"]
        yield "champion", f"{comparison['difference']:+.1%} against it on the same images (95% interval {low:+.1%} to {high:+.1%})"
    if report["model_package_arn"]:
        yield "model package", report["model_package_arn"]
    if name := approver(report["approval"]):
        yield "approved by", name


def reasons(stages: list[dict[str, Any]]) -> Iterator[RenderableType]:
    for stage in stages:
        if stage["message"]:
            yield Text(f"\n{what_ended(stage)}", style=f"bold {COLORS[stage['status']]}")
            yield Text(stage["message"])
