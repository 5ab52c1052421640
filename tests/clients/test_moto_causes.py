"""The causes of failures of moto's tests are narrow, and each has its evidence."""

import re
from pathlib import Path

import pytest

from tests.clients.moto_causes import AWS, GROUPS, OURS, OWN, REFUSED, Cause, explain
from tests.clients.moto_tests import read, use_one_region

ROOT = Path(__file__).parents[2]
REPORT = """<testsuites><testsuite>
<testcase classname="tests.test_x.test_x" name="test_passes"/>
<testcase classname="tests.test_x.test_x" name="test_skipped"><skipped/></testcase>
<testcase classname="tests.test_x.test_x" name="test_status">
<properties><property name="answer" value="ec2:CreateVpc InvalidAction: {answer}"/></properties>
<failure message="assert 400 == 404">E</failure>
</testcase>
<testcase classname="tests.test_x.test_x.TestIt" name="test_backend[1]"><failure message="KeyError">E</failure></testcase>
</testsuite></testsuites>"""
MODULE = """
class TestIt:
    def test_other(self):
        pass

    def test_backend(self, n):
        x_backends[n]

    def test_last(self):
        pass
"""


@pytest.mark.quick
@pytest.mark.parametrize(
    ("told", "body", "cause"),
    [
        ("ec2:CreateVpc InvalidAction: local_aws does not execute ec2:CreateVpc, and refuses it rather than pretend", "", REFUSED[0].name),
        ("local_aws does not implement s3:PutObject with these parameters: moto fails with KeyError.", "", OURS),
        ("assert 1 == 2", "if not settings.TEST_SERVER_MODE:\n    raise SkipTest", OURS),
        ("assert 1 == 2", "with mock.patch('moto.x'):", OWN.name),
    ],
)
def test_a_failure_is_ours_unless_a_cause_explains_it(told: str, body: str, cause: str) -> None:
    assert explain("tests/test_x.py::test_it[1]", told, body) == cause


@pytest.mark.quick
def test_a_report_is_counted_by_the_last_answers_and_the_sources(tmp_path: Path) -> None:
    (tmp_path / "tests/test_x").mkdir(parents=True)
    (tmp_path / "tests/test_x/test_x.py").write_text(MODULE)
    report = tmp_path / "report.xml"
    report.write_text(REPORT.format(answer="local_aws does not execute ec2:CreateVpc, and refuses it rather than pretend"))
    result = read(report, tmp_path)
    assert (result.passed, result.skipped, result.causes) == (1, 1, {REFUSED[0].name: 1, OWN.name: 1})


@pytest.mark.quick
def test_tests_name_the_one_region_but_those_of_s3(tmp_path: Path) -> None:
    for folder in ("test_s3", "test_ec2"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test_it.py").write_text("a = 'eu-west-1', 'us-west-2a', 'cn-north-1', 'us-east-1'")
    use_one_region(tmp_path)
    assert (tmp_path / "test_ec2/test_it.py").read_text() == "a = 'us-east-1', 'us-east-1a', 'cn-north-1', 'us-east-1'"
    assert "eu-west-1" in (tmp_path / "test_s3/test_it.py").read_text()


@pytest.mark.quick
@pytest.mark.parametrize("cause", [cause for group in GROUPS.values() for cause in group], ids=lambda cause: cause.name)
def test_every_cause_has_a_page_of_aws_or_a_heading_of_ours(cause: Cause) -> None:
    page, _, heading = cause.evidence.partition("#")
    if page == "local-aws.md":
        headings = re.findall(r"^## (.+)$", (ROOT / "docs" / page).read_text(), re.MULTILINE)
        assert heading in {each.lower().replace(" ", "-") for each in headings}
    else:
        assert page.startswith((AWS, "https://github.com/", "https://docs.getmoto.org"))
