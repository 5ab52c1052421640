"""The report as a page of markdown, for the artifact in the Prefect UI and for `report.md`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tasks.report.lineage import draw_lineage

RIGHT, WRONG = "✓", "✗"  # no emoji: not every machine has a font for them
MARKS = {"completed": RIGHT, "failed": WRONG, "not reached": ""}


def render_markdown(summary: dict[str, Any], pictures: Mapping[str, str]) -> str:
    """Markdown of what `summarize` gives and of `pictures` (title -> URL); sections of stages that were not reached are left out."""
    sections = [
        headline(summary),
        metrics_sentence(summary),
        stage_table(summary["stages"]),
        failures(summary["stages"]),
        warnings(summary["dataset"]),
        *(f"### {title}\n\n![{title}]({url})" for title, url in pictures.items()),
        smoke_test_table(summary["smoke_test"]),
        lineage(summary),
        names_table(summary),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def headline(summary: dict[str, Any]) -> str:
    failed = [stage["name"] for stage in summary["stages"] if stage["status"] == "failed"]
    if summary["status"] == "Completed":
        return f"# {RIGHT} {code(summary['endpoint']['name'])} is live"
    return f"# {WRONG} Failed at the stage {failed[0]}" if failed else f"# {WRONG} Ended before its last stage"


def metrics_sentence(summary: dict[str, Any]) -> str:
    metrics = summary["metrics"]
    if not metrics:
        return ""
    low, high = metrics["interval"]
    return (
        f"**Accuracy {metrics['accuracy']:.1%}** on the test split: {metrics['correct']} of {metrics['images']} images right, "
        f"95% interval {low:.1%} to {high:.1%}, chance {metrics['chance']:.1%}. Trained for {metrics['epochs']} epochs."
    )


def stage_table(stages: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            MARKS[stage["status"]],
            stage["name"],
            stage["outcome"] or stage["status"],
            "" if stage["seconds"] is None else f"{stage['seconds']:.1f}",
            code(stage["resource"] or ""),
        )
        for stage in stages
    ]
    return table(("", "Stage", "Outcome", "Seconds", "Resource"), rows)


def failures(stages: Sequence[Mapping[str, Any]]) -> str:
    return "\n\n".join(f"### Why {stage['name']} failed\n\n{fenced(stage['message'])}" for stage in stages if stage["message"])


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
    drawing = draw_lineage(summary)
    return f"### Lineage\n\n```mermaid\n{drawing}\n```" if drawing else ""


def names_table(summary: dict[str, Any]) -> str:
    """Everything by its full name, to copy from."""
    dataset, training, endpoint = summary["dataset"], summary["training"], summary["endpoint"]
    scaling, function = summary["autoscaling"], summary["function"]
    named = {
        "Flow run": summary["flow_run_id"],
        "Dataset": dataset and dataset["uri"],
        "Images": dataset and ", ".join(f"{split} {count}" for split, count in dataset["counts"].items()),
        "Training job": training and f"{training['job_name']} ({training['billable_seconds']} billable seconds)",
        "Model artifact": training and training["artifact"],
        "Model package": summary["model_package_arn"],
        "Endpoint": endpoint and endpoint["name"],
        "Endpoint config": endpoint and endpoint["config"],
        "Model": endpoint and endpoint["model"],
        "Autoscaling": scaling
        and f"{scaling['min']} to {scaling['max']} instances, target {scaling['target']:g} invocations per instance and minute",
        "Alarms": scaling and ", ".join(scaling["alarms"]),
        "Function": function and f"{function['name']}:{function['alias']}, version {function['version']}",
        "Concurrency": function and f"{function['reserved']} reserved, {function['provisioned']} provisioned",
        **{f"Key of the {name}": key for name, key in summary["keys"].items()},
    }
    return "### Names and keys\n\n" + table(("What", "Name"), [(what, code(name)) for what, name in named.items() if name])


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(text: str) -> str:
    """A code span of one line; its delimiter is longer than any run of backticks in it."""
    if not text:
        return ""
    line, fence = " ".join(text.split()), "`" * (longest_run(text) + 1)
    return f"{fence}{line}{fence}" if fence == "`" else f"{fence} {line} {fence}"


def fenced(text: str) -> str:
    fence = "`" * max(3, longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def longest_run(text: str) -> int:
    """Backticks in a row."""
    return max(map(len, re.findall("`+", text)), default=0)
