"""A sample of `make chaos` that rotates by the day: 20 points, 20 faults and 6 pairs or so; and a flow that must not pass."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.chaos.__main__ import main
from benchmarks.chaos.faults import FAULTS
from benchmarks.chaos.proof import fail_everywhere, kill_everywhere, kill_then_deny
from benchmarks.chaos.scenarios import NAIVE, SCENARIOS, Scenario
from benchmarks.chaos.strikes import Share
from benchmarks.chaos.world import World, world_on
from tests.lab.running_aws import RunningAws

TODAY = datetime.now(UTC).toordinal()


@pytest.fixture(scope="module")
def world(aws: RunningAws, prefect_server: None) -> Iterator[World]:
    aws.clear_faults()
    with world_on(aws) as world:
        yield world
    aws.control("DELETE", "pace")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """One of the scenarios, another one every day."""
    return SCENARIOS[TODAY % len(SCENARIOS)]


def test_a_run_that_is_killed_goes_on_when_it_is_started_again(world: World, scenario: Scenario) -> None:
    proof = kill_everywhere(world, scenario, Share(TODAY, of=7))
    assert len(proof.points) >= 5
    assert proof.broken == [], proof.points


def test_a_run_survives_what_passes(world: World, scenario: Scenario) -> None:
    proof = fail_everywhere(world, scenario, FAULTS[TODAY % len(FAULTS)])
    assert len(proof.points) >= 5
    assert proof.broken == [], proof.points


def test_a_kill_and_then_a_denial_leave_nothing_behind(world: World, scenario: Scenario) -> None:
    proof = kill_then_deny(world, scenario, Share(TODAY, of=5))
    assert len(proof.points) >= 2
    assert proof.broken == [], proof.points


def test_a_flow_that_names_by_the_clock_is_caught(world: World) -> None:
    proof = kill_everywhere(world, NAIVE)
    assert {f"{phase} sagemaker:CreateModel project--model-*" for phase in ("before", "after")} < {str(point) for point in proof.points}
    assert any("x model project--model-*" in text for text in proof.broken)


def test_the_page_names_every_scenario() -> None:
    page = Path("docs/chaos.md").read_text()
    assert re.findall(r"^\| ([\w ]+) \| .*\|$", page, re.MULTILINE) == ["scenario", *(scenario.name for scenario in SCENARIOS)]


def test_a_scenario_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["updaet"]) == 2
    assert "There is no scenario updaet" in capsys.readouterr().out
