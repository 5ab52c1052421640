"""The recommended settings as parameters of `operationalize`, and the refusal of settings that cannot work."""

from dataclasses import dataclass
from typing import Any

from pedigree.aws.errors import InvalidInput
from pedigree.planning.concurrency import environments
from pedigree.planning.curve import LatencyCurve
from pedigree.planning.frontier import Frontier, Option
from pedigree.planning.trace import averages
from pedigree.settings import Autoscaling, Function, Goal


@dataclass(frozen=True)
class Recommendation:
    option: Option
    function: Function
    instance_type: str

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON for `operationalize`: fields that differ from the defaults, and fields that `plan` decides."""
        scaling = self.option.settings
        always = {"min_instances", "max_instances", "scale_out_cooldown", *TARGETS[scaling.policy]}
        return {
            "serving": {"instance_type": self.instance_type},
            "autoscaling": scaling.model_dump(mode="json", exclude_defaults=True) | scaling.model_dump(mode="json", include=always),
            "function": self.function.model_dump(mode="json", exclude_defaults=True)
            | self.function.model_dump(include={"reserved_concurrency", "provisioned_concurrency"}),
        }


TARGETS = {"invocations": {"target"}, "latency": {"latency_target_ms"}, "cpu steps": {"cpu_steps"}}


def refuse_schedules(autoscaling: Autoscaling) -> None:
    """Raise InvalidInput for schedules, because a traffic has no time of day."""
    if autoscaling.schedules:
        names = ", ".join(schedule.name for schedule in autoscaling.schedules)
        cause = f"limits that change by the clock ({names}) cannot be simulated: a traffic has no time of day"
        raise InvalidInput(
            "plan", "autoscaling.schedules", cause, "plan each part of the day separately, with its limits and without schedules"
        )


def refuse_more_than_is_held(curve: LatencyCurve, autoscaling: Autoscaling, function: Function) -> None:
    """Raise InvalidInput for a function that passes on more requests at once than the instances can answer, as measured."""
    held = curve.held(autoscaling.max_instances)
    if function.reserved_concurrency > held:
        cause = (
            f"reserved_concurrency {function.reserved_concurrency} is more than the {held} requests at once that "
            f"{autoscaling.max_instances} x {curve.instance_type} were measured to hold"
        )
        raise InvalidInput(
            "plan", "function", cause, f"set function.reserved_concurrency to {held} at most, or raise autoscaling.max_instances"
        )


def recommend(frontier: Frontier, curve: LatencyCurve, goal: Goal, function: Function) -> Recommendation:
    """The cheapest settings that reach the goal, with the matching function settings; InvalidInput when none reaches it."""
    option = frontier.cheapest(goal)
    if option is None:
        raise out_of_reach(frontier, goal)
    simulated, place = frontier.simulated, frontier.options.index(option)
    latencies = simulated.waits.mean_latency[:, :, place].mean(axis=1)
    minutes = max(1, round(60 / simulated.trace.bucket))
    rates, latencies = averages(simulated.trace.rates, minutes), averages(latencies, minutes)
    reserved = environments(rates, latencies, lost=goal.dropped_percent / 100)
    provisioned = min(reserved, environments(rates, latencies, lost=goal.cold_percent / 100))
    always = {"max_provisioned_concurrency": None, "provisioned_schedules": ()}  # the given scaling was for other numbers
    numbers = {"reserved_concurrency": reserved, "provisioned_concurrency": provisioned}
    sized = Function(**{**function.model_dump(), **always, **numbers})
    refuse_more_than_is_held(curve, option.settings, sized)
    return Recommendation(option, sized, curve.instance_type)


def out_of_reach(frontier: Frontier, goal: Goal) -> InvalidInput:
    nearest = min(frontier.options, key=lambda option: (option.dropped * 100 > goal.dropped_percent, option.p99_ms))
    cause = (
        f"p99 of {goal.p99_ms:g} ms and {goal.dropped_percent:g}% dropped: none of {len(frontier.options)} settings reaches this goal; "
        f"the nearest has p99 {nearest.p99_ms:.0f} ms and {nearest.dropped:.2%} dropped"
    )
    return InvalidInput("plan", "goal", cause, "lower the goal, raise goal.most_instances, or measure a larger instance type")
