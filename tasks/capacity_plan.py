"""The task that answers `plan`: what the traffic comes to under many settings, which are best, and what to set."""

from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from tasks.aws.clients import client
from tasks.aws.errors import InvalidInput
from tasks.aws.naming import NO_FLOW_RUN
from tasks.aws.objects import put_json
from tasks.aws.tasking import AWS_TASK
from tasks.cost.instances import hardware_of
from tasks.cost.prices import read_prices
from tasks.latency.records import read_text
from tasks.planning.curve import LatencyCurve
from tasks.planning.figures import draw_plan
from tasks.planning.frontier import TIMEOUT, Frontier, explore
from tasks.planning.page import describe, headline, lines, render_page
from tasks.planning.question import Goal, Traffic
from tasks.planning.recommendation import Recommendation, recommend, refuse_more_than_is_held, refuse_schedules
from tasks.planning.simulation import Hosting
from tasks.planning.trace import Trace, read_trace, shape_trace
from tasks.settings import Autoscaling, Function
from tasks.values import Account


@task(name="read traffic", **AWS_TASK)
def read_traffic(account: Account, traffic: Traffic) -> Trace:
    """InvalidInput for one that makes no sense."""
    return shape_trace(traffic) if traffic.csv is None else read_trace(read_text(account, traffic.csv), traffic.csv)


@task(name="plan capacity", **AWS_TASK)
def plan_capacity(
    account: Account, trace: Trace, curve: LatencyCurve, goal: Goal, autoscaling: Autoscaling, function: Function
) -> dict[str, Any]:
    """The recommended parameters of `operationalize`. The page of all that was tried is the artifact `<project>-capacity-plan`.

    InvalidInput for settings that make no sense, and for a goal that none reaches; the page is there all the same.
    """
    refuse_schedules(autoscaling)
    refuse_more_than_is_held(curve, autoscaling, function)
    prices = read_prices(account, [curve.instance_type])
    timeout = min(TIMEOUT, function.timeout_seconds)
    usd_per_hour = prices.instance("hosting", curve.instance_type)
    frontier = explore(trace, curve, hosting_of(curve, goal, autoscaling), autoscaling, goal, usd_per_hour=usd_per_hour, timeout=timeout)
    answer = recommended_or_why_not(frontier, curve, goal, function)
    pictures = draw_plan(frontier, answer.option if isinstance(answer, Recommendation) else None, goal)
    line = headline(answer, goal)
    page = render_page(frontier, answer, curve, goal, prices, pictures)
    key = f"runs/{flow_run.get_id() or NO_FLOW_RUN}/capacity-plan.json"
    put_json(client(account.credentials, "s3"), account.bucket, key, describe(frontier, answer, curve))
    create_markdown_artifact(page, key=f"{account.project}-capacity-plan", description=line)
    for each in (*lines(frontier), line):
        get_run_logger().info(each)
    if isinstance(answer, InvalidInput):
        raise answer
    return answer.parameters


def recommended_or_why_not(frontier: Frontier, curve: LatencyCurve, goal: Goal, function: Function) -> Recommendation | InvalidInput:
    try:
        return recommend(frontier, curve, goal, function)
    except InvalidInput as refusal:
        return refusal


def hosting_of(curve: LatencyCurve, goal: Goal, autoscaling: Autoscaling) -> Hosting:
    """Busy all the time, an instance is taken to use all its cores."""
    hardware = hardware_of(curve.instance_type)
    if autoscaling.policy == "cpu steps" and hardware is None:
        cause = "how many cores it has is not known, so its CPU cannot be foretold"
        raise InvalidInput("plan", curve.instance_type, cause, "plan with the policy `invocations` or `latency`")
    return Hosting(curve.service, goal.startup_seconds, 100.0 * (hardware.vcpus if hardware else 1))
