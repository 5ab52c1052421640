"""The lineage of a run's model as a mermaid flowchart; an arrow means "made this"."""

from collections.abc import Iterator

from pedigree.lineage.drawing import SHORT, THE_GATE
from pedigree.report.report import Approval, Report
from pedigree.text import short_package


def links_of(report: Report) -> Iterator[tuple[str, str]]:
    """Draw the part of the lineage that the run reached."""
    if report.dataset:
        yield "dataset", report.dataset.key[:SHORT]
    if training := report.training:
        yield "code", training.code_key[:SHORT]
        yield "job", training.job_name
    if report.model_package:
        yield "package", short_package(report.model_package.arn)
    if report.approval:
        yield from links_of_approval(report.approval)
    if endpoint := report.endpoint:
        yield "model", endpoint.model
        yield "config", endpoint.config
        yield "endpoint", endpoint.name
    if function := report.function:
        yield "alias", f"{function.name}:{function.alias} → version {function.version}"


def links_of_approval(approval: Approval) -> Iterator[tuple[str, str]]:
    if approval.registered_by:
        yield "run", approval.registered_by
    if name := approver(approval):
        yield "approver", name


def approver(approval: Approval | None) -> str | None:
    """The approver of the model package; None before an approval."""
    if not approval or approval.status != "Approved":
        return None
    return approval.approver or THE_GATE
