"""The report as a page of markdown, for the artifact in the Prefect UI and for `report.md`."""

from collections.abc import Mapping, Sequence

from pedigree.lineage.drawing import draw_lineage
from pedigree.report.cost_section import cost_section
from pedigree.report.headline import RIGHT, STILL, WRONG, headline, what_ended
from pedigree.report.lineage import approver, links_of
from pedigree.report.placement import placement_words
from pedigree.report.report import ComparisonReport, Metrics, Report, SmokeTestReport, StageReport
from pedigree.report.training_section import training_section
from pedigree.statistics import share_with_interval
from pedigree.text import code, dollars, fenced, figure_sections, linked, of_shared_classes, plain, table
from pedigree.values import Dataset, FunctionVersion

MARKS = {"completed": RIGHT, "refused": STILL, "failed": WRONG, "cancelled": STILL, "not reached": ""}
UNBROKEN = "\u00a0"  # a space that keeps the mark and its word on one line


def render_markdown(report: Report, figures: Mapping[str, str]) -> str:
    """The page with `figures` (title -> URL); a stage that was not reached has no section."""
    sections = [
        f"# {plain(headline(report))}",
        metrics_sentence(report.metrics),
        comparison_sentence(report.comparison),
        stage_table(report.stages),
        failures(report.stages),
        training_section(report.trainings),
        warnings(report.dataset),
        *figure_sections(figures, report.not_drawn),
        smoke_test_table(report.smoke_test),
        cost_section(report.cost),
        lineage(report),
        names_table(report),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def metrics_sentence(metrics: Metrics | None) -> str:
    if not metrics:
        return ""
    low, high = metrics.interval
    return (
        f"**Accuracy {metrics.accuracy:.1%}** on the test split: {metrics.correct} of {metrics.images} images right, "
        f"95% interval {low:.1%} to {high:.1%}, majority-class baseline {metrics.baseline:.1%}. Trained for {metrics.epochs} epochs."
    )


def comparison_sentence(comparison: ComparisonReport | None) -> str:
    """Both models on the same images; empty without a champion."""
    if not comparison or not comparison.champion:
        return ""
    champion, images = code(comparison.champion.training_job), comparison.images
    if comparison.already_live:
        return f"The champion, {champion}, is the same model."
    if comparison.difference is None or comparison.interval is None:
        return f"The champion, {champion}, knows the class of no test image, so there is no comparison."
    low, high = comparison.interval
    where = of_shared_classes(comparison.classes, comparison.added, comparison.missing, show=code)
    ours, theirs = (share_with_interval(correct, images) for correct in (comparison.candidate_correct, comparison.champion_correct))
    return (
        f"**{comparison.difference:+.1%} against the champion** {champion} on the same {images} images{where}: "
        f"{ours} beside {theirs}, "
        f"{comparison.gained} gained, {comparison.lost} lost, 95% interval of the difference {low:+.1%} to {high:+.1%}."
    )


def stage_table(stages: Sequence[StageReport]) -> str:
    rows = [
        (
            plain(stage.name),
            f"{MARKS[stage.status]}{UNBROKEN}{stage.outcome or stage.status}".strip(),
            str(stage.attempts or ""),
            "" if stage.seconds is None else f"{stage.seconds:.1f}",
            "" if stage.billable_seconds is None else str(stage.billable_seconds),
            "" if stage.cost_usd is None else dollars(stage.cost_usd),
            linked(stage.resource or "", stage.link),
        )
        for stage in stages
    ]
    return table(("Stage", "Outcome", "Tries", "Seconds", "Billed", "Cost", "Resource"), rows)


def failures(stages: Sequence[StageReport]) -> str:
    return "\n\n".join(f"### Why {plain(what_ended(stage))}\n\n{fenced(stage.message)}" for stage in stages if stage.message)


def warnings(dataset: Dataset | None) -> str:
    if not dataset or not dataset.warnings:
        return ""
    return "### Warnings about the dataset\n\n" + fenced("\n".join(dataset.warnings))


def smoke_test_table(smoke_test: SmokeTestReport | None) -> str:
    if not smoke_test:
        return ""
    rows = [
        (
            code(prediction.file),
            code(prediction.label),
            code(prediction.predicted),
            f"{prediction.probability:.1%}",
            f"{prediction.milliseconds:.0f}",
        )
        for prediction in smoke_test.predictions
    ]
    meaning = "Golden images sent through the function: every answer is the answer that the model gave when it was trained."
    return f"### Smoke test\n\n{meaning}\n\n" + table(("Image", "Actual", "Predicted", "Probability", "Milliseconds"), rows)


def lineage(report: Report) -> str:
    drawing = draw_lineage(dict(links_of(report)))
    return f"### Lineage\n\n{fenced(drawing, 'mermaid')}" if drawing else ""


def names_table(report: Report) -> str:
    """The full names and keys of all resources, for copying."""
    dataset, training, comparison, package = report.dataset, report.training, report.comparison, report.model_package
    endpoint, scaling, function = report.endpoint, report.autoscaling, report.function
    named = {
        "Flow run": report.flow_run_id,
        "Dataset": dataset and dataset.uri,
        "Images": dataset and ", ".join(f"{split} {count}" for split, count in dataset.counts.items()),
        "Training job": training and f"{training.job_name} ({training.billable_seconds} billable seconds)",
        "Trained on": training and placement_words(training),
        "Model artifact": training and training.artifact,
        "Evaluation job": comparison and comparison.job_name,
        "Model package": package and package.arn,
        "Approved by": approver(report.approval),
        "Endpoint": endpoint and endpoint.name,
        "Endpoint config": endpoint and endpoint.config,
        "Model": endpoint and endpoint.model,
        "Autoscaling": scaling and f"{scaling.min_instances} to {scaling.max_instances} instances, {scaling.rule}",
        "Schedules": scaling and ", ".join(scaling.schedules),
        "Alarms": scaling and ", ".join(scaling.alarms),
        "Function": function and f"{function.name}:{function.alias}, version {function.version}",
        "Concurrency": function and f"{function.reserved} reserved, {kept_warm(function)} provisioned",
        "Function URL": function and function.url,
        "Key of the dataset": dataset and dataset.key,
        "Key of the training": training and training.key,
        "Key of the model": package and package.key,
        "Key of the function": function and function.key,
    }
    return "### Names and keys\n\n" + table(("What", "Name"), [(what, code(name)) for what, name in named.items() if name])


def kept_warm(function: FunctionVersion) -> str:
    return " to ".join(str(number) for number in (function.provisioned, function.most_provisioned) if number is not None)
