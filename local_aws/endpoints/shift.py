"""The traffic shift of an update: the steps of a DeploymentConfig, checked against AWS's limits.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.endpoints.container import invalid

WAITS = range(3601)
TIMEOUTS = range(600, 28_801)
MOST_ALARMS = 10
SIZES = {"CANARY": ("CanarySize", 0.0), "LINEAR": ("LinearStepSize", 0.1)}  # with the smallest share of the instances; the largest is half


@dataclass(frozen=True)
class Shift:
    """The new fleet's share of the traffic in steps; `wait` seconds follow each step but the last, `bake` seconds the last."""

    shares: tuple[float, ...] = (1.0,)
    wait: float = 0.0
    bake: float = 0.0
    timeout: float = math.inf
    alarms: tuple[str, ...] = ()

    @property
    def steps(self) -> list[tuple[float, float]]:
        """(share, seconds of watching before the next step) for each step."""
        return [*((share, self.wait) for share in self.shares[:-1]), (self.shares[-1], self.bake)]


AT_ONCE = Shift()


def read_shift(deployment: Mapping[str, Any], *, instances: int, known_alarms: Collection[str]) -> Shift:
    """Read a DeploymentConfig; ValidationException for what AWS refuses. `instances` is the size of the smallest variant."""
    if "RollingUpdatePolicy" in deployment:
        raise invalid("local_aws knows blue/green updates only, RollingUpdatePolicy does not exist here.")
    alarms = tuple(alarm.get("AlarmName", "") for alarm in deployment.get("AutoRollbackConfiguration", {}).get("Alarms", []))
    require_alarms(alarms, known_alarms)
    policy = deployment.get("BlueGreenUpdatePolicy")
    if policy is None:
        return Shift(alarms=alarms)
    routing = policy["TrafficRoutingConfiguration"]
    wait, bake = routing["WaitIntervalInSeconds"], policy.get("TerminationWaitInSeconds", 0)
    require_within("WaitIntervalInSeconds", wait, WAITS)
    require_within("TerminationWaitInSeconds", bake, WAITS)
    shares = shares_of(routing, instances)
    timeout = policy.get("MaximumExecutionTimeoutInSeconds", math.inf)
    if timeout is not math.inf:
        require_within("MaximumExecutionTimeoutInSeconds", timeout, TIMEOUTS)
    if timeout <= (total := wait * (len(shares) - 1) + bake):
        raise invalid(f"MaximumExecutionTimeoutInSeconds {timeout} must be larger than the total waiting time of {total} seconds.")
    return Shift(shares, wait, bake, timeout, alarms)


def shares_of(routing: Mapping[str, Any], instances: int) -> tuple[float, ...]:
    kind = routing["Type"]
    unwanted = [member for other, (member, _) in SIZES.items() if other != kind and member in routing]
    if unwanted:
        raise invalid(f"{unwanted[0]} does not go with the traffic routing type {kind}.")
    if kind not in SIZES:
        return (1.0,)
    member, least = SIZES[kind]
    if member not in routing:
        raise invalid(f"{member} is required for the traffic routing type {kind}.")
    share = share_of(routing[member], instances)
    if not least <= share <= 0.5:
        limits = "less than or equal to 50%" if kind == "CANARY" else "10-50%"
        raise invalid(f"{member} must be {limits} of the variant's total instance count, which is {instances}.")
    if kind == "CANARY":
        return (share, 1.0)
    return tuple(min(1.0, share * step) for step in range(1, math.ceil(1 / share - 1e-9) + 1))


def share_of(size: Mapping[str, Any], instances: int) -> float:
    """The share as whole instances: a percentage is rounded up to the next instance."""
    count = size["Value"] if size["Type"] == "INSTANCE_COUNT" else math.ceil(instances * size["Value"] / 100)
    return float(count / instances)


def require_alarms(alarms: Sequence[str], known: Collection[str]) -> None:
    if len(alarms) > MOST_ALARMS:
        raise invalid(f"AutoRollbackConfiguration has {len(alarms)} alarms, the most is {MOST_ALARMS}.")
    if missing := [alarm for alarm in alarms if alarm not in known]:
        raise invalid(f"CloudWatch alarm(s) {', '.join(missing)} could not be found.")


def require_within(member: str, value: int, allowed: range) -> None:
    if value not in allowed:
        raise invalid(f"{member} {value} must be from {allowed.start} to {allowed.stop - 1}.")
