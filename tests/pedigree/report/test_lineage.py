"""The line from the data to what is live, as mermaid text."""

from pedigree.lineage.drawing import draw_lineage
from pedigree.report.lineage import approver, links_of
from pedigree.report.report import Approval
from pedigree.report.summary import summarize
from tests.lab.report_records import PACKAGE, complete_record, failed_record, record_until


def test_lineage_leads_from_data_and_code_to_the_endpoint_and_its_function() -> None:
    text = draw_lineage(dict(links_of(summarize(complete_record(), package=PACKAGE))))
    assert text.splitlines()[1] == "flowchart TD"
    arrows = [line.strip() for line in text.splitlines() if "->" in line and '"' not in line]
    assert arrows == [
        "dataset --> job",
        "code --> job",
        "job --> package",
        "package --> model",
        "model --> config",
        "config --> endpoint",
        "run -. registered .-> package",
        "approver -. approved .-> package",
        "alias -. invokes .-> endpoint",
    ]
    for name in (
        "da7a5e7dd16e57aa",
        "c0de5b27cf1f83d2",
        "pedigree-train-1f3870be274f6c49",
        "pedigree/3",
        "<b>Approver</b><br/>Ada",
        "<b>Flow run</b><br/>b1946ac9-2490-4e0b-a1f6-2f6c5d2b9c11",
        "pedigree-config-77aa",
        "pedigree:live",
    ):
        assert name in text


def test_lineage_ends_where_the_run_did() -> None:
    text = draw_lineage(dict(links_of(summarize(record_until("registry")))))
    assert "job --> package" in text
    assert "endpoint" not in text


def test_nothing_reached_draws_nothing() -> None:
    assert draw_lineage(dict(links_of(summarize(failed_record("dataset", "InvalidInput: no such folder"))))) == ""


def test_without_a_person_the_gate_approved_and_before_it_nobody() -> None:
    assert approver(Approval("Approved", None, None, None)) == "the gate"
    assert approver(Approval("Approved", "Ada", None, None)) == "Ada"
    assert approver(Approval("PendingManualApproval", None, None, None)) is None
    assert approver(None) is None
