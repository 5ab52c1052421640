"""The JSON of a report: nothing is lost on the way, and a report of another version says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from pedigree.aws.errors import PedigreeError
from pedigree.report.record import Record
from pedigree.report.report import VERSION, UnreadableReport, from_json, to_json
from pedigree.report.summary import summarize
from tests.lab.report_records import PACKAGE, STAGES, compared_record, complete_record, failed_record

WRITTEN = Path(__file__).with_name("report.json")  # by the first release of this VERSION
RECORDS = [complete_record(), compared_record(), Record("c0ffee", ()), *(failed_record(stage, "Error: it broke") for stage in STAGES)]


@pytest.mark.parametrize("record", RECORDS, ids=["complete", "compared", "no stage", *STAGES])
def test_what_is_read_is_what_was_written(record: Record) -> None:
    report = summarize(record, package=PACKAGE, not_drawn={"Recall by class": "ValueError: no"})
    assert from_json(json.loads(json.dumps(to_json(report), allow_nan=False))) == report


def test_a_report_that_an_earlier_release_of_this_version_wrote_keeps_every_field() -> None:
    written = json.loads(WRITTEN.read_text())
    assert written["version"] == VERSION, "a new version: write the file anew"
    assert lost(written, to_json(from_json(written))) == []


def lost(before: Any, after: Any, place: str = "") -> list[str]:
    """Where `after` does not hold what `before` does; more fields are no loss."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [each for name, value in before.items() for each in lost(value, after.get(name), f"{place}/{name}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [each for number, (a, b) in enumerate(zip(before, after, strict=True)) for each in lost(a, b, f"{place}/{number}")]
    return [] if before == after else [place]


@pytest.mark.parametrize(("version", "named"), [(None, 1), (VERSION - 1, VERSION - 1), (VERSION + 1, VERSION + 1)])
def test_another_version_is_named_with_what_to_do(version: int | None, named: int) -> None:
    data = {name: value for name, value in {**to_json(summarize(complete_record())), "version": version}.items() if value is not None}
    with pytest.raises(UnreadableReport) as refused:
        from_json(data)
    assert str(refused.value) == (
        f"report: flow run b1946ac9-2490-4e0b-a1f6-2f6c5d2b9c11: report.json has version {named}, "
        f"and this release of pedigree reads version {VERSION}\n"
        "What to do: read report.md beside it, or use the release that wrote it"
    )
    assert isinstance(refused.value, PedigreeError)


def test_a_damaged_report_says_where() -> None:
    data = to_json(summarize(complete_record()))
    data["metrics"]["accuracy"], data["stages"][2]["status"] = "high", "lost"
    with pytest.raises(UnreadableReport, match=rf"does not match version {VERSION} at stages\.2\.status, metrics\.accuracy\n"):
        from_json(data)


@pytest.mark.parametrize("data", [[], "report", 3, None])
def test_what_is_no_report_at_all_is_refused_too(data: Any) -> None:
    with pytest.raises(UnreadableReport):
        from_json(data)
