"""The report in the terminal says what happened at every stage, and leaves out what was not reached."""

import io
import subprocess
import sys

import pytest
from rich.console import Console

from deployments.laptop.terminal_report import render
from pedigree.report.report import Report
from pedigree.report.summary import summarize
from tests.lab.report_records import PACKAGE, complete_record, failed_record, refused_record


def printed(report: Report) -> str:
    output = io.StringIO()
    Console(file=output, width=200).print(render(report))
    return output.getvalue()


def line_of(stage: str, page: str) -> list[str]:
    return next(line.split() for line in page.splitlines() if line.startswith(f"{stage} "))


def test_stages_show_what_was_done_how_often_how_long_and_what_it_cost() -> None:
    page = printed(summarize(complete_record()))
    assert page.splitlines()[0] == "✓ pedigree is live"
    assert line_of("dataset", page) == ["dataset", "adopted", "1", "1.2", "s3://bucket/datasets/da7a5e7dd16e57aa/"]
    assert line_of("training", page) == ["training", "created", "1", "1.2", "61", "$1.22", "pedigree-train-1f3870be274f6c49"]


@pytest.mark.parametrize(
    "fact",
    [
        "2 classes, 160 train, 40 valid, 40 test",
        "92.5% on the test split (95% interval 79.6% to 98.4%, majority-class baseline 50.0%)",
        "+7.5% against it on the same images (95% interval -7.3% to +16.2%)",
        "model-package/pedigree/3",
        "approved by    Ada",
        "pedigree, config pedigree-config-77aa",
        "1 to 3 instances, target 3 invocations per instance",
        "pedigree:live, version 4, concurrency reserved 5, provisioned 3 to 4",
        "https://u1.lambda-url.us-east-1.on.aws/",
        "passed, 1 predictions",
        "This run cost $1.58 ($7.56 was planned)",
    ],
)
def test_facts_are_named(fact: str) -> None:
    assert fact in printed(summarize(complete_record(), package=PACKAGE))


def test_figures_that_could_not_be_drawn_are_named() -> None:
    page = printed(summarize(complete_record(), not_drawn={"Recall by class": "ValueError: no [axis]"}))
    assert "not drawn      Recall by class (ValueError: no [axis])" in page


def test_resources_are_links_where_there_is_a_console() -> None:
    output = io.StringIO()
    Console(file=output, width=200, force_terminal=True).print(render(summarize(complete_record(), region="eu-west-1")))
    assert "https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#/endpoints/pedigree" in output.getvalue()


def test_a_failed_run_shows_the_message_and_nothing_of_what_was_not_reached() -> None:
    page = printed(summarize(failed_record("training", "the script ended with status 1\nValueError: [no] classes")))
    assert "training failed\nthe script ended with status 1\nValueError: [no] classes" in page
    assert "accuracy" not in page
    assert line_of("endpoint", page) == ["endpoint", "not", "reached"]


def test_a_refused_model_is_not_called_a_failure() -> None:
    page = printed(summarize(refused_record("GateRefused: 2.5% below the champion")))
    assert "the run was refused at the gate\nGateRefused: 2.5% below the champion" in page
    assert "failed" not in page


def test_printing_a_report_needs_neither_prefect_nor_matplotlib() -> None:
    script = "import sys, deployments.laptop.terminal_report; print({'prefect', 'matplotlib', 'boto3'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
