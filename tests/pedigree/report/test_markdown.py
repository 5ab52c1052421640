"""The page of the report: the verdict first, everything escaped."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from markdown_it.token import Token
from rich.markdown import Markdown

from pedigree.aws.errors import GateRefused
from pedigree.evaluation.gate import pass_gate
from pedigree.report.approval import mistakes_table
from pedigree.report.headline import headline
from pedigree.report.markdown import render_markdown
from pedigree.report.record import Record
from pedigree.report.report import from_json, to_json
from pedigree.report.summary import summarize
from pedigree.settings import Gate
from pedigree.text import Page, code, linked, printable, table
from pedigree.trained_model import Evaluation
from tests.lab.comparisons import evaluated
from tests.lab.report_records import CLASSES, PACKAGE, complete_record, failed_record, record_until, refused_record, trained_model

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
    record = record_until("comparison")
    with pytest.raises(GateRefused) as refused:
        pass_gate(trained_model(), evaluated(Evaluation(CLASSES, [[20, 0], [20, 0]], [])), Gate())
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


HOSTILE = "a|b`c``<script>alert(1)</script>\n# d $x$ [e](javascript:f) \udcff"


def hostile_record() -> Record:
    """A complete run whose classes, files, warnings and resources are called HOSTILE."""
    record = complete_record()
    model = trained_model(classes=(f"1.{HOSTILE}", f"2.{HOSTILE}"))
    record.values["training"] = replace(model, job_name=HOSTILE)
    record.values["dataset"] = replace(record.values["dataset"], classes=(HOSTILE,), warnings=(HOSTILE,))
    record.values["endpoint"] = replace(record.values["endpoint"], name=HOSTILE)
    prediction = {**record.values["smoke test"].predictions[0], "file": HOSTILE, "label": HOSTILE}
    record.values["smoke test"] = replace(record.values["smoke test"], predictions=[prediction])
    for stage in record.stages.values():
        stage.resource, stage.message = HOSTILE, HOSTILE
    return record


def kinds_of(tokens: Sequence[Token]) -> Counter[str]:
    return sum((Counter([token.type]) + kinds_of(token.children or []) for token in tokens), Counter())


def test_no_name_changes_the_page() -> None:
    """A page with hostile names has the same structure as one with ordinary names, and nothing of it is HTML."""
    report = summarize(hostile_record())
    page = Page(render_markdown(report, {}), headline(report))
    page.markdown.encode()
    kinds = kinds_of(Markdown(page.markdown).parsed)
    assert kinds["html_block"] == kinds["html_inline"] == kinds["link_open"] == 0
    ordinary = complete_record()
    for stage in ordinary.stages.values():
        stage.resource, stage.message = "x", "x"
    expected = kinds_of(Markdown(render_markdown(summarize(ordinary), {})).parsed)
    assert {kind: kinds[kind] for kind in ("tr_open", "td_open", "heading_open", "fence")} == {
        kind: expected[kind] for kind in ("tr_open", "td_open", "heading_open", "fence")
    }
    drawing = page.markdown.partition("```mermaid")[2].partition("```")[0]
    assert "<script" not in drawing
    assert drawing.count("\n  job[") == 1


def test_a_report_with_hostile_names_is_json() -> None:
    report = summarize(hostile_record())
    assert from_json(json.loads(json.dumps(to_json(report)))) == report


def test_the_form_of_a_decision_shows_no_name_as_markup() -> None:
    metrics = summarize(hostile_record()).metrics
    kinds = kinds_of(Markdown(printable(mistakes_table(metrics))).parsed)
    assert kinds["html_inline"] == kinds["link_open"] == kinds["html_block"] == 0
    assert kinds["td_open"] == 4


def test_pipes_and_backticks_stay_inside_their_cells() -> None:
    page = table(("Name",), [(code("a|b`c"),)])
    assert page.splitlines()[2] == "| `` a\\|b`c `` |"


def test_every_row_of_a_table_has_as_many_cells_as_its_header() -> None:
    page = render_markdown(summarize(complete_record()), {})
    for block in re.findall(r"(?:^\|.*\n?)+", page, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
