"""How a run ended, in a word and in a line, whatever stages its flow has."""

from dataclasses import replace

import pytest

from pedigree.report.headline import headline
from pedigree.report.record import Record
from pedigree.report.summary import summarize
from pedigree.report.verdict import verdict
from tests.lab.report_records import CHAMPION, complete_record, failed_record, record_until, refused_record, stage_values


def record_of_approval(*, approved: bool) -> Record:
    """The record of the flow that asks a person, just after their answer."""
    record = Record("c0ffee", ("approval", "endpoint"))
    record.values["approval"] = replace(stage_values()["registry"], approved=approved)
    record.stages["approval"].status = "completed"
    return record


def waiting_record() -> Record:
    record = record_until("registry")
    record.values["registry"] = replace(record.values["registry"], approved=False)
    return record


def cancelled_record(stage: str | None) -> Record:
    """The record of a run that was cancelled in this stage, or between dataset and training."""
    record = record_until("dataset")
    if stage:
        record.end(record.begin(stage), KeyboardInterrupt())
    record.cancelled = True
    return record


def already_live_record() -> Record:
    record = record_until("gate")
    record.values["comparison"] = replace(record.values["comparison"], champion=CHAMPION, already_live=True)
    return record


@pytest.mark.parametrize(
    ("record", "word", "line"),
    [
        (complete_record(), "Completed", "✓ pedigree is live"),
        (failed_record("training", "JobFailed: bad"), "Failed", "✗ Failed at the stage training"),
        (refused_record("GateRefused: below"), "Refused", "○ Refused at the gate"),
        (cancelled_record("training"), "Cancelled", "○ Cancelled at the stage training"),
        (cancelled_record(None), "Cancelled", "○ Cancelled before the stage training"),
        (waiting_record(), "Waits for approval", "○ pedigree/3 waits for a person's decision"),
        (already_live_record(), "Nothing to do", "✓ Nothing to do: this model is live already"),
        (record_of_approval(approved=False), "Rejected", "○ pedigree/3 was rejected"),
        (record_of_approval(approved=True), "Failed", "✗ Ended before its last stage"),
        (record_until("endpoint"), "Failed", "✗ Ended before its last stage"),
        (Record("c0ffee", ()), "Failed", "✗ Ended before its last stage"),
    ],
    ids=[
        "complete",
        "failed",
        "refused",
        "cancelled",
        "cancelled between two stages",
        "waits",
        "already live",
        "rejected",
        "approved, then cut off",
        "cut off",
        "no stage",
    ],
)
def test_the_end_of_a_run(record: Record, word: str, line: str) -> None:
    assert verdict(record) == word
    assert headline(summarize(record)) == line


def test_a_flow_without_an_endpoint_completes_too() -> None:
    record = Record("c0ffee", ("dataset",))
    record.stages["dataset"].status = "completed"
    assert headline(summarize(record)) == "✓ Completed"
