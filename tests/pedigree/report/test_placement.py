"""The report says on which instances a training ran, and why not on those that were wanted."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from deployments.laptop.terminal_report import render
from pedigree.report.markdown import render_markdown
from pedigree.report.placement import describe_placement, placement_words
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
    assert placement_words({**describe_placement(model), "billable_seconds": model.billable_seconds}) == words


def summary_of(model: TrainedModel) -> dict[str, Any]:
    record = record_until("training")
    record.values["training"] = model
    return summarize(record)


def test_page_terminal_and_data_say_why_it_ran_elsewhere() -> None:
    summary = summary_of(ELSEWHERE)
    assert summary["training"][0]["no_capacity"][0] == {"instance_type": "ml.g5.xlarge", "job_name": "job-1", "reason": REASON}
    console = Console(width=200, record=True, file=StringIO())
    console.print(render(summary))
    for text in (render_markdown(summary, {}), console.export_text()):
        assert "ml.m5.xlarge; AWS had no capacity for ml.g5.xlarge" in text
