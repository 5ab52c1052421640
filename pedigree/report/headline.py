"""The end of a run in one line."""

from collections.abc import Mapping

from pedigree.report.record import Status
from pedigree.report.report import Report, StageReport
from pedigree.text import short_package

RIGHT, WRONG, STILL = "✓", "✗", "○"  # no emoji: some machines have no font for them


def headline(report: Report) -> str:
    """The verdict as a line of plain text, with its mark first."""
    ended = {stage.status: stage.name for stage in reversed(report.stages)}
    package = short_package(report.model_package.arn) if report.model_package else ""
    match report.status:
        case "Completed":
            return f"{RIGHT} {report.endpoint.name} is live" if report.endpoint else f"{RIGHT} Completed"
        case "Refused":
            return f"{STILL} Refused at the {ended['refused']}"
        case "Cancelled":
            return f"{STILL} {where_cancelled(ended)}"
        case "Rejected":
            return f"{STILL} {package} was rejected"
        case "Waits for approval":
            return f"{STILL} {package} waits for a person's decision"
        case "Nothing to do":
            return f"{RIGHT} Nothing to do: this model is live already"
    return f"{WRONG} Failed at the stage {ended['failed']}" if "failed" in ended else f"{WRONG} Ended before its last stage"


def where_cancelled(ended: Mapping[Status, str]) -> str:
    """In, before or after which stage; `ended` names the first stage of each status."""
    if stage := ended.get("cancelled") or ended.get("failed"):  # one that gave up when the run was cancelled has failed
        return f"Cancelled at the stage {stage}"
    return f"Cancelled before the stage {ended['not reached']}" if "not reached" in ended else "Cancelled after its last stage"


def what_ended(stage: StageReport) -> str:
    """The title above the message of a stage."""
    if stage.status == "refused":
        return f"the run was refused at the {stage.name}"
    return f"{stage.name} was cancelled" if stage.status == "cancelled" else f"{stage.name} failed"
