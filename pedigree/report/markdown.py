"""The report as a page of markdown, for the artifact in the Prefect UI and for `report.md`."""

from collections.abc import Mapping, Sequence
from typing import Any

from pedigree.lineage.drawing import draw_lineage
from pedigree.report.cost_section import cost_section
from pedigree.report.headline import RIGHT, STILL, WRONG, headline, what_ended
from pedigree.report.lineage import approver, links_of
from pedigree.report.placement import placement_words
from pedigree.report.training_section import chosen_training, training_section
from pedigree.statistics import share_with_interval
from pedigree.text import code, dollars, fenced, linked, table

MARKS = {"completed": RIGHT, "refused": STILL, "failed": WRONG, "not reached": ""}
UNBROKEN = "\u00a0"  # a space that keeps the mark beside its word


def render_markdown(summary: dict[str, Any], pictures: Mapping[str, str]) -> str:
    """Markdown of what `summarize` gives and of `pictures` (title -> URL); sections of stages that were not reached are left out."""
    sections = [
        f"# {headline(summary)}",
        metrics_sentence(summary["metrics"]),
        comparison_sentence(summary["comparison"]),
        stage_table(summary["stages"]),
        failures(summary["stages"]),
        training_section(summary["training"]),
        warnings(summary["dataset"]),
        *(f"### {title}\n\n![{title}]({url})" for title, url in pictures.items()),
        smoke_test_table(summary["smoke_test"]),
        cost_section(summary["cost"]),
        lineage(summary),
        names_table(summary),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def metrics_sentence(metrics: Mapping[str, Any] | None) -> str:
    if not metrics:
        return ""
    low, high = metrics["interval"]
    return (
        f"**Accuracy {metrics['accuracy']:.1%}** on the test split: {metrics['correct']} of {metrics['images']} images right, "
        f"95% interval {low:.1%} to {high:.1%}, chance {metrics['chance']:.1%}. Trained for {metrics['epochs']} epochs."
    )


def comparison_sentence(comparison: Mapping[str, Any] | None) -> str:
    """Both models on the same images; nothing where there was no champion to hold the candidate to."""
    if not comparison or not comparison["champion"]:
        return ""
    champion, images = code(comparison["champion"]["training_job"]), comparison["images"]
    if not images:
        return f"The champion, {champion}, is this very model."
    low, high = comparison["interval"]
    ours, theirs = (share_with_interval(comparison[f"{whose}_correct"], images) for whose in ("candidate", "champion"))
    return (
        f"**{comparison['difference']:+.1%} against the champion** {champion} on the same {images} images: "
        f"{ours} beside {theirs}, "
        f"{comparison['gained']} gained, {comparison['lost']} lost, 95% interval of the difference {low:+.1%} to {high:+.1%}."
    )


def stage_table(stages: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            stage["name"],
            f"{MARKS[stage['status']]}{UNBROKEN}{stage['outcome'] or stage['status']}".strip(),
            str(stage["attempts"] or ""),
            "" if stage["seconds"] is None else f"{stage['seconds']:.1f}",
            "" if stage["billable_seconds"] is None else f"{stage['billable_seconds']:.0f}",
            "" if stage["cost_usd"] is None else dollars(stage["cost_usd"]),
            linked(stage["resource"] or "", stage["link"]),
        )
        for stage in stages
    ]
    return table(("Stage", "Outcome", "Tries", "Seconds", "Billed", "Cost", "Resource"), rows)


def failures(stages: Sequence[Mapping[str, Any]]) -> str:
    return "\n\n".join(f"### Why {what_ended(stage)}\n\n{fenced(stage['message'])}" for stage in stages if stage["message"])


def warnings(dataset: Mapping[str, Any] | None) -> str:
    if not dataset or not dataset["warnings"]:
        return ""
    return "### Warnings about the dataset\n\n" + fenced("\n".join(dataset["warnings"]))


def smoke_test_table(smoke_test: Mapping[str, Any] | None) -> str:
    if not smoke_test:
        return ""
    rows = [
        (
            code(prediction["file"]),
            code(prediction["label"]),
            code(prediction["predicted"]),
            f"{prediction['probability']:.1%}",
            f"{prediction['milliseconds']:.0f}",
        )
        for prediction in smoke_test["predictions"]
    ]
    said = "Golden images through the function: every answer is the one that the model gave when it was trained."
    return f"### Smoke test\n\n{said}\n\n" + table(("Image", "Actual", "Predicted", "Probability", "Milliseconds"), rows)


def lineage(summary: dict[str, Any]) -> str:
    drawing = draw_lineage(dict(links_of(summary)))
    return f"### Lineage\n\n{fenced(drawing, 'mermaid')}" if drawing else ""


def kept_warm(function: dict[str, Any]) -> str:
    return " to ".join(str(number) for number in (function["provisioned"], function["most_provisioned"]) if number is not None)


def names_table(summary: dict[str, Any]) -> str:
    """Everything by its full name, to copy from."""
    dataset, training, endpoint = summary["dataset"], chosen_training(summary["training"]), summary["endpoint"]
    scaling, function, comparison = summary["autoscaling"], summary["function"], summary["comparison"]
    named = {
        "Flow run": summary["flow_run_id"],
        "Dataset": dataset and dataset["uri"],
        "Images": dataset and ", ".join(f"{split} {count}" for split, count in dataset["counts"].items()),
        "Training job": training and f"{training['job']} ({training['billable_seconds']} billable seconds)",
        "Trained on": training and placement_words(training),
        "Model artifact": training and training["artifact"],
        "Evaluation job": comparison and comparison["job_name"],
        "Model package": summary["model_package_arn"],
        "Approved by": approver(summary["approval"]),
        "Endpoint": endpoint and endpoint["name"],
        "Endpoint config": endpoint and endpoint["config"],
        "Model": endpoint and endpoint["model"],
        "Autoscaling": scaling and f"{scaling['min']} to {scaling['max']} instances, {scaling['rule']}",
        "Schedules": scaling and ", ".join(scaling["schedules"]),
        "Alarms": scaling and ", ".join(scaling["alarms"]),
        "Function": function and f"{function['name']}:{function['alias']}, version {function['version']}",
        "Concurrency": function and f"{function['reserved']} reserved, {kept_warm(function)} provisioned",
        "Function URL": function and function["url"],
        **{f"Key of the {name}": key for name, key in summary["keys"].items()},
    }
    return "### Names and keys\n\n" + table(("What", "Name"), [(what, code(name)) for what, name in named.items() if name])
