"""The trainings of a run in its reports: each with its proof, and which was chosen and why."""

import io

import pytest
from rich.console import Console

from deployments.laptop.terminal_report import render
from pedigree.report.markdown import render_markdown
from pedigree.report.summary import summarize
from pedigree.report.training_section import proof_words
from pedigree.trained_model import Proof
from tests.lab.report_records import ONE, compared_record, complete_record, failed_record


def test_each_is_listed_with_its_proof_and_accuracies_in_the_order_of_the_stages() -> None:
    several, one = summarize(compared_record()).trainings
    assert (several.kind, several.instances, several.stage, several.chosen) == ("multi-instance", 2, "training", False)
    assert several.proof == Proof(disjoint=True, covered=True, equal_hashes=True)
    assert (one.kind, one.instances, one.stage, one.chosen) == ("single-instance", 1, ONE, True)
    assert (one.proof, one.job_name, one.billable_seconds, one.seconds) == (None, "pedigree-train-1f3870be274f6c49", 61, 1.25)
    assert (one.kept_epoch, one.valid_loss, one.valid_accuracy, one.test_accuracy) == (2, 0.5, 0.9, 0.925)
    assert one.test_interval == pytest.approx([0.7961, 0.9843], abs=1e-4)


def test_what_goes_on_is_the_chosen_one_and_not_the_first() -> None:
    report = summarize(compared_record())
    assert report.training
    assert report.metrics
    assert (report.training.key, report.metrics.accuracy) == ("1f3870be274f6c49", 0.925)
    page = render_markdown(report, {})
    assert "<b>Training job</b><br/>pedigree-train-1f3870be274f6c49" in page
    assert "| Training job | `pedigree-train-1f3870be274f6c49 (61 billable seconds)` |" in page


def test_before_the_choice_none_of_them_speaks_for_the_run() -> None:
    record = compared_record()
    del record.values["selection"]
    report = summarize(record)
    assert (report.metrics, report.training) == (None, None)
    assert [training.chosen for training in report.trainings] == [False, False]


def test_the_page_and_the_terminal_have_them_as_a_table() -> None:
    report = summarize(compared_record())
    page = render_markdown(report, {})
    found = "disjoint, all covered, equal parameters"
    assert f"| training | 2 | 90.0% | 95.0% | {found} | 61 s | `pedigree-train-2a3870be274f6c49` |" in page
    assert f"| {ONE}, chosen | 1 | 90.0% | 92.5% |  | 61 s | `pedigree-train-1f3870be274f6c49` |" in page
    chosen = f"Chosen: {ONE}; 90.0% on the 40 validation images is the best."
    assert chosen in page
    output = io.StringIO()
    Console(file=output, width=200).print(render(report))
    assert found in output.getvalue()
    assert chosen in output.getvalue()


def test_a_proof_that_does_not_hold_is_said_loudly() -> None:
    assert proof_words(Proof(disjoint=True, covered=False, equal_hashes=False)) == "disjoint, NOT all covered, NOT equal parameters"


def test_one_training_of_one_process_needs_no_table() -> None:
    for record in (complete_record(), failed_record("training", "it broke")):
        assert "### Trainings" not in render_markdown(summarize(record), {})
