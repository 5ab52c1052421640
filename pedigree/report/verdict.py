"""The end of a run as one verdict."""

from pedigree.report.record import Record
from pedigree.report.report import Verdict
from pedigree.trained_model import Comparison
from pedigree.values import ModelVersion


def verdict(record: Record) -> Verdict:
    """The verdict of a run; a run whose process was killed has failed."""
    statuses = {stage.status for stage in record.stages.values()}
    comparison, version = record.newest(Comparison), record.value(ModelVersion)
    if record.cancelled or "cancelled" in statuses:
        return "Cancelled"
    if "failed" in statuses:
        return "Failed"
    if "refused" in statuses:
        return "Refused"
    if statuses == {"completed"}:
        return "Completed"
    if version and not version.approved:
        return "Rejected" if "approval" in record.values else "Waits for approval"
    return "Nothing to do" if comparison and comparison.already_live else "Failed"
