"""The page of the report: the verdict first, everything escaped."""

import re

from tasks.report.markdown import code, render_markdown, table
from tasks.report.summary import summarize
from tests.tasks.report_records import complete_record, failed_record

TRACEBACK = """JobFailed: training job: x: ValueError: bad

Traceback (most recent call last):
  File "train.py", line 3
```
ValueError: bad | worse"""


def test_complete_run_is_headed_by_what_is_live() -> None:
    page = render_markdown(summarize(complete_record()), {"Learning curves": "data:image/png;base64,AAAA"})
    assert page.startswith("# ✓ `pedigree` is live\n")
    assert "**Accuracy 92.5%** on the test split: 37 of 40 images right, 95% interval 79.6% to 98.4%, chance 50.0%." in page
    assert "| ✓ | endpoint | updated | 1.2 | `pedigree (pedigree-config-77aa)` |" in page
    assert "![Learning curves](data:image/png;base64,AAAA)" in page
    assert "```mermaid\n%%{init" in page
    assert "| `golden/0.jpg` | `001.Rings` | `001.Rings` | 97.0% | 41 |" in page
    assert "| Model package | `arn:aws:sagemaker:us-east-1:123456789012:model-package/pedigree/3` |" in page


def test_failed_run_names_its_stage_and_quotes_the_message_whole() -> None:
    page = render_markdown(summarize(failed_record("training", TRACEBACK)), {})
    assert page.startswith("# ✗ Failed at the stage training\n")
    assert f"### Why training failed\n\n````text\n{TRACEBACK}\n````" in page
    assert "|  | gate | not reached |  |  |" in page
    assert "Smoke test" not in page
    assert "Accuracy" not in page


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
