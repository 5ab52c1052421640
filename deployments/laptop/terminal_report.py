"""The report of a run as a page for the terminal."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

COLORS = {"completed": "green", "failed": "red", "not reached": "bright_black"}


def render(report: dict[str, Any]) -> Group:
    """What `report.json` holds: stages, figures, names, and the messages of what failed; parts that were not reached are left out."""
    return Group(stage_table(report["stages"]), facts(report), *failures(report["stages"]))


def stage_table(stages: list[dict[str, Any]]) -> Table:
    table = Table("stage", "outcome", box=None, pad_edge=False)
    table.add_column("seconds", justify="right")
    table.add_column("resource", overflow="fold")
    for stage in stages:
        seconds = "" if stage["seconds"] is None else f"{stage['seconds']:.1f}"
        outcome = Text(stage.get("outcome") or stage["status"], style=COLORS.get(stage["status"], ""))
        table.add_row(stage["name"], outcome, seconds, Text(stage["resource"] or "", style="cyan"))
    return table


def facts(report: dict[str, Any]) -> Table:
    table = Table.grid("", "", padding=(0, 2))
    for name, text in fact_rows(report):
        table.add_row(Text(name, style="bold"), Text(text, overflow="fold"))
    return table


def fact_rows(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "", ""
    if dataset := report["dataset"]:
        counts = ", ".join(f"{count} {split}" for split, count in dataset["counts"].items())
        yield "dataset", f"{len(dataset['classes'])} classes, {counts}"
    if metrics := report["metrics"]:
        yield "accuracy", f"{metrics['accuracy']:.1%} on the test split (chance {metrics['chance']:.1%})"
    if report["model_package_arn"]:
        yield "model package", report["model_package_arn"]
    if endpoint := report["endpoint"]:
        yield "endpoint", f"{endpoint['name']}, config {endpoint['config']}"
    if scaling := report["autoscaling"]:
        yield "autoscaling", f"{scaling['min']} to {scaling['max']} instances, target {scaling['target']:g} invocations per instance"
    if function := report["function"]:
        concurrency = f"reserved {function['reserved']}, provisioned {function['provisioned']}"
        yield "function", f"{function['name']}:{function['alias']}, version {function['version']}, concurrency {concurrency}"
    if smoke_test := report["smoke_test"]:
        yield "smoke test", f"{'passed' if smoke_test['passed'] else 'failed'}, {len(smoke_test['predictions'])} predictions"


def failures(stages: list[dict[str, Any]]) -> Iterator[RenderableType]:
    for stage in stages:
        if stage["status"] == "failed":
            yield Text(f"\n{stage['name']} failed", style="bold red")
            yield Text(stage["message"] or "without a message")
