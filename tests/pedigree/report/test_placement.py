"""The report says on which instances a training ran, and why not on those that were wanted."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from deployments.laptop.terminal_report import render
from pedigree.report.markdown import render_markdown
from pedigree.report.placement import placement_words
from pedigree.report.report import Report
from pedigree.report.summary import summarize
from pedigree.trained_model import NoCapacity, TrainedModel
from tests.lab.report_records import record_until, trained_model

REASON = "CapacityError: Unable to provision requested ML compute capacity."
ELSEWHERE = replace(
    trained_model(),
    instance_type="ml.m5.xlarge",
    no_capacity=(NoCapacity("ml.g5.xlarge", "job-1", REASON), NoCapacity("ml.g5.xlarge", "job-2", REASON)),
)
SPOT = replace(trained_model(), instance_type="ml.m5.xlarge", spot=True, training_seconds=240)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (trained_model(), ""),
        (replace(trained_model(), instance_type="ml.m5.xlarge"), "ml.m5.xlarge"),
        (ELSEWHERE, "ml.m5.xlarge; AWS had no capacity for ml.g5.xlarge"),
        (SPOT, "ml.m5.xlarge; on spot instances, 61 s billed of 4 min"),
    ],
)
def test_where_it_ran_in_words(model: TrainedModel, words: str) -> None:
    (training,) = report_of(model).trainings
    assert placement_words(training) == words


def report_of(model: TrainedModel) -> Report:
    record = record_until("training")
    record.values["training"] = model
    return summarize(record)


def test_page_terminal_and_data_say_why_it_ran_elsewhere() -> None:
    report = report_of(ELSEWHERE)
    assert report.trainings[0].no_capacity[0] == NoCapacity("ml.g5.xlarge", "job-1", REASON)
    console = Console(width=200, record=True, file=StringIO())
    console.print(render(report))
    for text in (render_markdown(report, {}), console.export_text()):
        assert "ml.m5.xlarge; AWS had no capacity for ml.g5.xlarge" in text
