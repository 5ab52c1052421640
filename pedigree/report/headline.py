"""The end of a run in one line."""

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
        case "Rejected":
            return f"{STILL} {package} was rejected"
        case "Waits for approval":
            return f"{STILL} {package} waits for a person's decision"
        case "Nothing to do":
            return f"{RIGHT} Nothing to do: this model is live already"
    return f"{WRONG} Failed at the stage {ended['failed']}" if "failed" in ended else f"{WRONG} Ended before its last stage"


def what_ended(stage: StageReport) -> str:
    """The title above the message of a stage."""
    return f"the run was refused at the {stage.name}" if stage.status == "refused" else f"{stage.name} failed"
