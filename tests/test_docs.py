"""The docs name what is there, and nothing that is not."""

import re
from pathlib import Path

import pytest
import yaml

from benchmarks.results import recorded
from docs.make import instances_page, moto_table, rules_table
from docs.make.parameters_page import page
from tests.clients.moto_causes import OURS
from tests.lab.words import BANNED, Text

ROOT = Path(__file__).parents[1]
DECISIONS = ROOT / "docs/decisions"
RECORDS = sorted(DECISIONS.glob("[0-9]*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), DECISIONS / "README.md", *RECORDS]


def text(name: str) -> str:
    return (ROOT / name).read_text()


def table_rows(heading: str, page: str) -> list[tuple[str, ...]]:
    """The cells of the first table with two columns under a heading, without its head."""
    section = text(page).partition(f"# {heading}\n")[2].partition("\n#")[0]
    return re.findall(r"^\| (.+?) \| (.+) \|$", section, re.MULTILINE)[1:]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*##", text("Makefile"), re.MULTILINE)) - {"help"}


def test_the_readme_is_short() -> None:
    assert len(text("README.md").splitlines()) < 150


def test_every_make_target_is_in_the_readme_and_the_other_way_round() -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", "\n".join(page.read_text() for page in PAGES), re.MULTILINE))
    assert named == make_targets()


def test_every_room_is_in_the_readme() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert all(f"`{room}/`" in text("README.md") for room in rooms)


def test_every_deployment_is_in_the_readme_and_the_other_way_round() -> None:
    deployments = yaml.safe_load(text("prefect.yaml"))["deployments"]
    local = {each["entrypoint"].rpartition(":")[2] for each in deployments if each["name"] == "local"}
    assert set(re.findall(r"^\| `(\w+)/local` \|", text("README.md"), re.MULTILINE)) == local


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.name)
def test_commands_of_prefect_run_as_written(document: Path) -> None:
    programs = re.findall(r"([\w./]*prefect) (?:deploy|deployment|flow-run|server|worker) ", document.read_text())
    assert set(programs) <= {".venv/bin/prefect"}
    assert "PREFECT_API_URL=" not in document.read_text()  # prefect.toml has it


def test_the_page_of_parameters_is_generated() -> None:
    assert text("docs/parameters.md") == page(), "python -m docs.make.parameters_page > docs/parameters.md"


def test_the_page_of_instances_is_generated() -> None:
    assert text("docs/instances.md") == instances_page.page(), "python -m docs.make.instances_page > docs/instances.md"


def test_the_table_of_rules_is_generated() -> None:
    assert rules_table.rules_table() in text("docs/local-aws.md"), "python -m docs.make.rules_table"


def test_the_tables_of_motos_tests_are_generated_and_no_failure_is_ours() -> None:
    assert moto_table.moto_tables() in text("docs/local-aws.md"), "python -m docs.make.moto_table"
    assert all(OURS not in each["failed"] for each in recorded("moto_tests")["services"].values())


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.name)
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    content = document.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", content) if not link.startswith("http")]
    paths = re.findall(r"`([a-z_]+/[\w./-]+\.(?:py|yaml|md))`", content)
    assert [link for link in links if not (document.parent / link).exists()] == []
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_stages_are_described() -> None:
    from flows.operationalize import STAGES
    from pedigree.settings import Ec2, Mission, Training
    from tasks.report import stage_names

    rows = re.findall(r"^\| ([\w ]+) \| `(\w+)` \|", text("docs/architecture.md"), re.MULTILINE)
    several = Mission(training=Training(instance_count=2, compare=True), ec2=Ec2(enabled=True))
    assert [name for name, _ in rows] == stage_names(STAGES, several)
    code = text("flows/operationalize.py") + text("tasks/training.py")
    assert all(task in code for _, task in rows)


def test_the_fields_that_act_elsewhere_are_those_of_the_code() -> None:
    from docs.make.parameters_page import GROUPS

    rows = [f"| `{group.__name__.lower()}.{name}` | {reason} |" for group in GROUPS for name, reason in group.acts_elsewhere.items()]
    head = "| field | why it changes no request and no key |\n|---|---|\n"
    assert head + "\n".join(rows) + "\n\n" in text("docs/architecture.md")


def test_the_table_of_kinds_is_the_one_of_the_code() -> None:
    from pedigree.aws.resources.table import KINDS

    rows = [f"| {kind.title} | {kind.named} | {kind.key} |" for kind in reversed(KINDS)]
    head = "| resource | name | key: hash of |\n|---|---|---|\n"
    assert head + "\n".join(rows) + "\n\n" in text("docs/architecture.md")


def test_every_alarm_has_a_row() -> None:
    from pedigree.autoscaling.policies import STEP_POLICIES
    from pedigree.endpoint.alarms import alarm_names
    from pedigree.watching.request import MEANINGS

    ours = [*MEANINGS, *(name.partition("--")[2] for name in alarm_names("endpoint")), *STEP_POLICIES]
    of_autoscaling = [f"TargetTracking-...-Alarm{which}" for which in ("High", "Low")]
    rows = [(alarm, *re.split(r" \| ", rest)) for alarm, rest in table_rows("Alarms", "docs/operations.md")]
    assert [alarm for alarm, *_ in rows] == [f"`{alarm}`" for alarm in (*ours, *of_autoscaling)]
    assert {len(row) for row in rows} == {4}


def test_the_glossary_is_sorted_and_explains_each_term_in_one_plain_sentence() -> None:
    terms = table_rows("Glossary", "docs/glossary.md")
    assert [term for term, _ in terms] == sorted({term for term, _ in terms}, key=str.lower)
    for term, meaning in terms:
        words = Text(f"docs/glossary.md: {term}", meaning)
        assert (meaning[-1], ". " in meaning) == (".", False), f"{term}: one sentence"
        assert words.complaints == [], words


def test_the_glossary_has_a_word_for_each_that_is_banned() -> None:
    words = table_rows("Words that we do not use", "docs/glossary.md")
    assert [word for listed, _ in words for word in listed.split(", ")] == list(BANNED)
    assert [instead for _, instead in words if Text("", instead).complaints] == []


def test_every_decision_is_in_the_index_and_has_its_three_parts() -> None:
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", text("docs/decisions/README.md"), re.MULTILINE)
    assert listed == [(record.read_text().splitlines()[0].removeprefix("# "), record.name) for record in RECORDS]
    for record in RECORDS:
        lines = record.read_text().splitlines()
        assert [line for line in lines if line.startswith("## ")] == ["## Context", "## Decision", "## Consequences"], record.name
        assert 10 <= len(lines) <= 25, record.name
