"""The pedigree of what is live, as a mermaid flowchart: an arrow says "made this"."""

from collections.abc import Iterator, Mapping
from typing import Any

from pedigree.lineage.drawing import SHORT, THE_GATE
from pedigree.report.training_section import chosen_training
from pedigree.text import short_package


def links_of(summary: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """As much of the line as the run reached."""
    dataset, endpoint, function = (summary[part] for part in ("dataset", "endpoint", "function"))
    if dataset:
        yield "dataset", dataset["digest"][:SHORT]
    if training := chosen_training(summary["training"]):
        yield "code", training["code_digest"][:SHORT]
        yield "job", training["job"]
    if summary["model_package_arn"]:
        yield "package", short_package(summary["model_package_arn"])
    if summary["approval"]:
        yield from links_of_approval(summary["approval"])
    if endpoint:
        yield "model", endpoint["model"]
        yield "config", endpoint["config"]
        yield "endpoint", endpoint["name"]
    if function:
        yield "alias", f"{function['name']}:{function['alias']} → version {function['version']}"


def links_of_approval(approval: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if approval["flow_run_id"]:
        yield "run", approval["flow_run_id"]
    if name := approver(approval):
        yield "approver", name


def approver(approval: Mapping[str, Any] | None) -> str | None:
    """Who approved; None while nobody has."""
    if not approval or approval["status"] != "Approved":
        return None
    return approval["approver"] or THE_GATE
