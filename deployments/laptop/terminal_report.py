"""Format the report of a run for the terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from pedigree.report.cost_section import cost_sentence
from pedigree.report.headline import headline, what_ended
from pedigree.report.lineage import approver
from pedigree.report.placement import placement_words
from pedigree.report.report import Report, StageReport, TrainingReport
from pedigree.report.training_section import HEADER, is_worth_a_table, selection_sentences, training_cells
from pedigree.text import dollars

COLORS = {"completed": "green", "refused": "yellow", "failed": "red", "cancelled": "yellow", "not reached": "bright_black"}


def render(report: Report) -> Group:
    """Format a report: stages, metrics, names and error messages; parts that the run did not reach are left out."""
    title = Text(f"{headline(report)}\n", style="bold")
    return Group(title, stage_table(report.stages), *training_table(report.trainings), facts(report), *reasons(report.stages))


def stage_table(stages: Sequence[StageReport]) -> Table:
    table = Table("stage", "outcome", box=None, pad_edge=False)
    for name in ("tries", "seconds", "billed", "cost"):
        table.add_column(name, justify="right")
    table.add_column("resource", overflow="fold")
    for stage in stages:
        table.add_row(
            stage.name,
            Text(stage.outcome or stage.status, style=COLORS[stage.status]),
            str(stage.attempts or ""),
            "" if stage.seconds is None else f"{stage.seconds:.1f}",
            "" if stage.billable_seconds is None else str(stage.billable_seconds),
            "" if stage.cost_usd is None else dollars(stage.cost_usd),
            Text(stage.resource or "", style=Style(color="cyan", link=stage.link)),
        )
    return table


def training_table(trainings: Sequence[TrainingReport]) -> Iterator[RenderableType]:
    if not is_worth_a_table(trainings):
        return
    table = Table(*map(str.lower, HEADER), box=None, pad_edge=False)
    for training in trainings:
        table.add_row(*training_cells(training))
    yield Text()
    yield table
    yield from map(Text, selection_sentences(trainings))


def facts(report: Report) -> Table:
    table = Table.grid("", "", padding=(0, 2))
    for name, text in fact_rows(report):
        table.add_row(Text(name, style="bold"), Text(text, overflow="fold"))
    return table


def fact_rows(report: Report) -> Iterator[tuple[str, str]]:
    yield "", ""
    yield from model_rows(report)
    yield from live_rows(report)
    if report.cost:
        yield "cost", cost_sentence(report.cost)
    if report.not_drawn:
        yield "not drawn", ", ".join(f"{title} ({why})" for title, why in report.not_drawn.items())


def model_rows(report: Report) -> Iterator[tuple[str, str]]:
    if dataset := report.dataset:
        counts = ", ".join(f"{count} {split}" for split, count in dataset.counts.items())
        yield "dataset", f"{len(dataset.classes)} classes, {counts}"
    if (training := report.training) and (training.spot or training.no_capacity):
        yield "trained on", placement_words(training)
    if metrics := report.metrics:
        low, high = metrics.interval
        measured = f"95% interval {low:.1%} to {high:.1%}, majority-class baseline {metrics.baseline:.1%}"
        yield "accuracy", f"{metrics.accuracy:.1%} on the test split ({measured})"
    if (comparison := report.comparison) and comparison.interval:
        low, high = comparison.interval
        yield "champion", f"{comparison.difference:+.1%} against it on the same images (95% interval {low:+.1%} to {high:+.1%})"
    if report.model_package:
        yield "model package", report.model_package.arn
    if name := approver(report.approval):
        yield "approved by", name


def live_rows(report: Report) -> Iterator[tuple[str, str]]:
    if endpoint := report.endpoint:
        yield "endpoint", f"{endpoint.name}, config {endpoint.config}"
    if scaling := report.autoscaling:
        yield "autoscaling", f"{scaling.min_instances} to {scaling.max_instances} instances, {scaling.rule}"
    if function := report.function:
        most = f" to {function.most_provisioned}" if function.most_provisioned else ""
        concurrency = f"reserved {function.reserved}, provisioned {function.provisioned}{most}"
        yield "function", f"{function.name}:{function.alias}, version {function.version}, concurrency {concurrency}"
        if function.url:
            yield "function URL", function.url
    if smoke_test := report.smoke_test:
        yield "smoke test", f"{'passed' if smoke_test.passed else 'failed'}, {len(smoke_test.predictions)} predictions"


def reasons(stages: Sequence[StageReport]) -> Iterator[RenderableType]:
    for stage in stages:
        if stage.message:
            yield Text(f"\n{what_ended(stage)}", style=f"bold {COLORS[stage.status]}")
            yield Text(stage.message)
