"""The page of the report: the verdict first, everything escaped."""

import re
from dataclasses import replace

import pytest

from pedigree.aws.errors import GateRefused
from pedigree.evaluation.gate import pass_gate
from pedigree.report.markdown import render_markdown
from pedigree.report.summary import summarize
from pedigree.settings import Gate
from pedigree.text import code, linked, table
from pedigree.values import Comparison
from tests.lab.report_records import PACKAGE, complete_record, failed_record, record_until, refused_record, trained_model

TRACEBACK = """JobFailed: training job: x: ValueError: bad

Traceback (most recent call last):
  File "train.py", line 3
```
ValueError: bad | worse"""


def test_complete_run_is_headed_by_what_is_live() -> None:
    page = render_markdown(summarize(complete_record()), {"Learning curves": "data:image/png;base64,AAAA"})
    assert page.startswith("# ✓ pedigree is live\n")
    assert (
        "**Accuracy 92.5%** on the test split: 37 of 40 images right, 95% interval 79.6% to 98.4%, majority-class baseline 50.0%." in page
    )
    assert "| endpoint | ✓\u00a0updated | 1 | 1.2 |  |  | `pedigree (pedigree-config-77aa)` |" in page
    assert "![Learning curves](data:image/png;base64,AAAA)" in page
    assert "```mermaid\n%%{init" in page
    assert "| `golden/0.jpg` | `001.Rings` | `001.Rings` | 97.0% | 41 |" in page
    assert "| Model package | `arn:aws:sagemaker:us-east-1:123456789012:model-package/pedigree/3` |" in page


def test_failed_run_names_its_stage_and_quotes_the_message_whole() -> None:
    page = render_markdown(summarize(failed_record("training", TRACEBACK)), {})
    assert page.startswith("# ✗ Failed at the stage training\n")
    assert f"### Why training failed\n\n````text\n{TRACEBACK}\n````" in page
    assert "| gate | not reached |  |  |  |  |  |" in page
    assert "Smoke test" not in page
    assert "Accuracy" not in page


def test_comparison_cost_and_approver_are_on_the_page() -> None:
    page = render_markdown(summarize(complete_record(), package=PACKAGE), {})
    beside = "92.5% (79.6% to 98.4%) beside 85.0% (70.2% to 94.3%), 5 gained, 2 lost, 95% interval of the difference -7.3% to +16.2%."
    assert f"**+7.5% against the champion** `pedigree-train-0ld` on the same 40 images: {beside}" in page
    assert "| training | ✓\u00a0created | 1 | 1.2 | 61 | $1.22 | `pedigree-train-1f3870be274f6c49` |" in page
    assert "| `training, 1 x ml.big` | $7.20 | $1.22 | the last run | 61 s billed for pedigree-train-1f3870be274f6c49 |" in page
    assert "This run cost $1.58 ($7.56 was planned); live, it costs $73.00 a month." in page
    assert "| `endpoint, 1 x ml.m5.large` | $73.00 | to begin with |" in page
    assert "| `training, 4 x ml.big` | not known | price not known |" in page
    assert "| Approved by | `Ada` |" in page


def test_refused_model_says_by_how_much_it_fell_short() -> None:
    page = render_markdown(summarize(refused_record("GateRefused: gate: job: difference -2.5%, 95% interval -7.3% to +1.2%")), {})
    assert page.startswith("# ○ Refused at the gate\n")
    why = "GateRefused: gate: job: difference -2.5%, 95% interval -7.3% to +1.2%"
    assert f"### Why the run was refused at the gate\n\n```text\n{why}\n```" in page
    assert "| gate | ○\u00a0refused | 1 | 3.5 |  |  |  |" in page


def test_what_the_gate_itself_says_is_in_the_report() -> None:
    one_answer = trained_model([[20, 0], [20, 0]])
    record = record_until("comparison")
    with pytest.raises(GateRefused) as refused:
        pass_gate(one_answer, Comparison(None, "skipped"), Gate())
    record.end(record.begin("gate"), refused.value)
    page = render_markdown(summarize(record), {})
    assert page.startswith("# ○ Refused at the gate\n")
    assert (
        "it calls every image 001.Rings: accuracy 50.0% (33.8% to 66.2%) on 40 test images is not above the majority-class baseline, 50.0%"
        in page
    )
    assert "28 right would do, 8 more" in page


def test_what_is_live_already_is_called_so() -> None:
    record = record_until("gate")
    record.values["comparison"] = replace(record.values["comparison"], images=0, already_live=True)
    page = render_markdown(summarize(record), {})
    assert page.startswith("# ✓ Nothing to do: this model is live already\n")
    assert "The champion, `pedigree-train-0ld`, is the same model." in page


def test_resources_are_links_where_there_is_a_console() -> None:
    page = render_markdown(summarize(complete_record(), region="eu-west-1"), {})
    url = "https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#/jobs/pedigree-train-1f3870be274f6c49"
    assert f"[`pedigree-train-1f3870be274f6c49`]({url})" in page
    assert linked("", "https://example.com") == ""


def test_run_that_was_cut_off_is_not_called_live() -> None:
    record = complete_record()
    record.stages["smoke test"].status = "not reached"
    assert render_markdown(summarize(record), {}).startswith("# ✗ Ended before its last stage\n")


def test_warnings_about_the_dataset_are_shown() -> None:
    page = render_markdown(summarize(complete_record()), {})
    assert "### Warnings about the dataset\n\n```text\nclass `a|b` is small\n```" in page


def test_pipes_and_backticks_stay_inside_their_cells() -> None:
    page = table(("Name",), [(code("a|b`c"),)])
    assert page.splitlines()[2] == "| `` a\\|b`c `` |"


def test_every_row_of_a_table_has_as_many_cells_as_its_header() -> None:
    page = render_markdown(summarize(complete_record()), {})
    for block in re.findall(r"(?:^\|.*\n?)+", page, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
