"""What is recommended reaches the goal at the least cost, is what `operationalize` takes, and nonsense is refused."""

import numpy as np
import pytest
from pydantic import ValidationError

from pedigree.aws.errors import InvalidInput
from pedigree.drawing import Figures
from pedigree.planning.concurrency import environments
from pedigree.planning.curve import LatencyCurve
from pedigree.planning.frontier import Frontier, explore
from pedigree.planning.page import describe, headline, render_page
from pedigree.planning.recommendation import recommend, refuse_more_than_is_held, refuse_schedules
from pedigree.planning.simulation import Hosting
from pedigree.planning.trace import shape_trace
from pedigree.prices.prices import read_table
from pedigree.settings import Autoscaling, Function, Goal, Schedule, Traffic
from tests.lab.planned import curve

TRAFFIC = Traffic(shape="ramp", base_rps=2, peak_rps=24, hours=3)


def explored(goal: Goal, traffic: Traffic = TRAFFIC, of: LatencyCurve | None = None, given: Autoscaling | None = None) -> Frontier:
    measured = of or curve()
    hosting = Hosting(measured.service, goal.startup_seconds, usd_per_hour=0.115)
    return explore(shape_trace(traffic), measured, hosting, given or Autoscaling(), goal)


def test_the_cheapest_that_reaches_the_goal_is_recommended_and_a_looser_goal_costs_less() -> None:
    strict, loose = (explored(goal).cheapest(goal) for goal in (Goal(p99_ms=400), Goal(p99_ms=3000)))
    assert strict is not None
    assert loose is not None
    assert strict.p99_ms <= 400 < loose.p99_ms <= 3000
    assert loose.instance_hours < strict.instance_hours


def test_none_of_the_best_is_beaten_and_each_other_one_is() -> None:
    frontier = explored(Goal())
    best = frontier.best
    assert len(best) > 2
    for option in frontier.options:
        beaten = any(other.beats(option) for other in frontier.options)
        assert beaten or option.marks in {each.marks for each in best}
    assert [each.instance_hours for each in best] == sorted(each.instance_hours for each in best)


def test_the_parameters_are_what_operationalize_takes() -> None:
    from flows.operationalize import operationalize

    goal = Goal()
    answer = recommend(explored(goal), curve(callers=64), goal, Function())
    parameters = operationalize.validate_parameters({"dataset": "s3://pictures/", **answer.parameters})
    assert parameters["autoscaling"] == answer.option.settings
    assert parameters["function"] == answer.function
    assert parameters["serving"].instance_type == "ml.m5.large"
    assert answer.function.provisioned_concurrency <= answer.function.reserved_concurrency


def test_the_page_shows_the_command_the_frontier_and_what_was_measured() -> None:
    goal, measured = Goal(), curve(callers=64)
    frontier = explored(goal)
    answer = recommend(frontier, measured, goal, Function())
    page = render_page(frontier, answer, measured, read_table(), Figures({"Choice": "data:,"}, {}))
    assert headline(answer, goal) in page
    assert 'make run PARAMS=\'{"serving"' in page
    assert page.count("\n| ") >= len(frontier.best) + len(measured.levels)
    assert "as given: target 3 invocations" in page
    assert describe(frontier, answer, measured)["recommended"] == answer.parameters


def test_a_goal_out_of_reach_is_refused_with_the_nearest() -> None:
    goal = Goal(p99_ms=50)  # a request alone takes 100
    with pytest.raises(InvalidInput, match=r"none of \d+ settings reaches this goal; the nearest has p99 \d+ ms"):
        recommend(explored(goal), curve(), goal, Function())


def test_a_peak_without_room_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the peak of 2000 needs 200 instances, and the settings allow 100"):
        explored(Goal(), Traffic(shape="steady", base_rps=2000, peak_rps=2000))
    with pytest.raises(InvalidInput, match=r"the peak of 60 needs 6 instances, more than goal\.most_instances 4"):
        explored(Goal(most_instances=4), Traffic(shape="steady", base_rps=60, peak_rps=60))


def test_a_function_that_lets_through_more_than_was_held_is_refused() -> None:
    scaling = Autoscaling(max_instances=2)
    refuse_more_than_is_held(curve(callers=16), scaling, Function(reserved_concurrency=32))
    with pytest.raises(InvalidInput, match="reserved_concurrency 33 is more than the 32 requests at once"):
        refuse_more_than_is_held(curve(callers=16), scaling, Function(reserved_concurrency=33))


def test_limits_by_the_clock_are_refused() -> None:
    night = Schedule(name="night", when="cron(0 22 * * ? *)", min_instances=1, max_instances=1)
    refuse_schedules(Autoscaling())
    with pytest.raises(InvalidInput, match=r"change by the clock \(night\)"):
        refuse_schedules(Autoscaling(schedules=(night,)))


def test_what_scaled_the_warm_environments_is_not_recommended_with_other_numbers() -> None:
    goal, function = Goal(), Function(reserved_concurrency=64, provisioned_concurrency=40, max_provisioned_concurrency=60)
    answer = recommend(explored(goal), curve(callers=64), goal, function)
    assert answer.function.max_provisioned_concurrency is None
    assert answer.function.reserved_concurrency < 40


def test_the_recommended_function_lets_through_no_more_than_was_held() -> None:
    goal = Goal()
    with pytest.raises(InvalidInput, match="were measured to hold"):
        recommend(explored(goal), curve(callers=2), goal, Function())


def test_errors_at_a_level_are_not_held() -> None:
    measured = curve(callers=16)
    failing = measured.levels[-1].model_copy(update={"concurrency": 64, "throughput": 99.0, "errors": 3})
    more = LatencyCurve(**{**measured.model_dump(), "levels": (*measured.levels, failing)})
    assert (more.held(1), more.capacity) == (16, 10)


@pytest.mark.parametrize("wrong", [{"levels": ()}, {"instances": 2}, {"measured_at": "2026-11-21T00:00:00"}, {"machine": "mine"}])
def test_a_curve_that_does_not_say_what_it_is_of_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LatencyCurve.model_validate({**curve().model_dump(), **wrong})


def test_environments_are_those_of_erlangs_table() -> None:
    rates = np.ones(1)
    assert [environments(rates, rates * busy, lost=0.01) for busy in (1.0, 10.0, 100.0)] == [5, 18, 117]


def test_quick_requests_occupy_an_environment_for_a_tenth_of_a_second() -> None:
    rates = np.full(3, 100.0)
    assert environments(rates, rates * 0, lost=0.01) == environments(rates, rates * 0 + 0.1, lost=0.01) == 18
