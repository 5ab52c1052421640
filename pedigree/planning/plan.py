"""The results of a traffic under many settings, the best settings, and the recommendation."""

import logging
from dataclasses import dataclass, replace
from typing import Any

from pedigree.aws.clients import client
from pedigree.aws.errors import InvalidInput
from pedigree.aws.objects import put_json
from pedigree.planning.curve import LatencyCurve
from pedigree.planning.figures import draw_plan
from pedigree.planning.frontier import Frontier, explore
from pedigree.planning.page import describe, headline, lines, render_page
from pedigree.planning.recommendation import Recommendation, recommend, refuse_more_than_is_held, refuse_schedules
from pedigree.planning.records import read_text
from pedigree.planning.simulation import TIMEOUT, Hosting
from pedigree.planning.trace import Trace, read_trace, shape_trace
from pedigree.prices.instances import hardware_of
from pedigree.prices.prices import read_prices
from pedigree.settings import Autoscaling, Function, Goal, Mission, Traffic
from pedigree.text import Page
from pedigree.values import Account

LOG = logging.getLogger(__name__)


def read_traffic(account: Account, traffic: Traffic) -> Trace:
    """Read the traffic from its csv, or make it from its shape; InvalidInput for an impossible traffic."""
    return shape_trace(traffic) if traffic.csv is None else read_trace(read_text(account, traffic.csv), traffic.csv)


@dataclass(frozen=True)
class CapacityPlan:
    """The page with all tried settings, and the recommendation, or the reason why there is none."""

    page: Page
    answer: Recommendation | InvalidInput

    @property
    def parameters(self) -> dict[str, Any]:
        """The recommended parameters of `operationalize`; raises InvalidInput for a goal that no setting reaches."""
        if isinstance(self.answer, InvalidInput):
            raise self.answer
        return self.answer.parameters


def plan_capacity(account: Account, trace: Trace, curve: LatencyCurve, goal: Goal, mission: Mission) -> CapacityPlan:
    """Simulate every candidate and choose the cheapest that reaches the goal; InvalidInput for settings that cannot be planned."""
    autoscaling, function = mission.autoscaling, mission.function
    refuse_schedules(autoscaling)
    refuse_more_than_is_held(curve, autoscaling, function)
    prices = read_prices(account, [curve.instance_type])
    hosting = replace(
        hosting_of(curve, goal, autoscaling),
        usd_per_hour=prices.instance("hosting", curve.instance_type),
        timeout=min(TIMEOUT, function.timeout_seconds),
    )
    frontier = explore(trace, curve, hosting, autoscaling, goal)
    answer = recommended_or_why_not(frontier, curve, goal, function)
    figures = draw_plan(frontier, answer.option if isinstance(answer, Recommendation) else None, goal)
    line = headline(answer, goal)
    page = render_page(frontier, answer, curve, prices, figures)
    key = f"runs/{account.run}/capacity-plan.json"
    put_json(client(account.credentials, "s3"), account.bucket, key, describe(frontier, answer, curve))
    for each in (*lines(frontier), line):
        LOG.info(each)
    return CapacityPlan(Page(page, line), answer)


def recommended_or_why_not(frontier: Frontier, curve: LatencyCurve, goal: Goal, function: Function) -> Recommendation | InvalidInput:
    try:
        return recommend(frontier, curve, goal, function)
    except InvalidInput as refusal:
        return refusal


def hosting_of(curve: LatencyCurve, goal: Goal, autoscaling: Autoscaling) -> Hosting:
    """The hosting of a curve; it assumes that an instance uses all its cores when it is always busy."""
    hardware = hardware_of(curve.instance_type)
    if autoscaling.policy == "cpu steps" and hardware is None:
        cause = "its number of cores is not known, so its CPU cannot be predicted"
        raise InvalidInput("plan", curve.instance_type, cause, "plan with the policy `invocations` or `latency`")
    return Hosting(curve.service, goal.startup_seconds, 100.0 * (hardware.vcpus if hardware else 1))
