"""Update a live endpoint under constant load; every second update has a model that is broken in a new way: `make bench-deploy`.

The embedded AWS runs the updates. Only bake times and alarms run faster than on AWS.
"""

import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from botocore.config import Config

from benchmarks.account import fast_account
from benchmarks.broken_models import LOGITS, SERVING, WAYS, Way
from benchmarks.load import Load
from benchmarks.results import record
from pedigree.aws.errors import DeploymentFailed
from pedigree.endpoint.deploy import confirm_endpoint, deploy_endpoint
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import registered

CALLERS, SPEED = 3, 60
ONCE = Config(retries={"total_max_attempts": 1}, max_pool_connections=CALLERS)


@dataclass(frozen=True)
class Update:
    """One update; `problem` says what was wrong with its outcome, None when it was right."""

    what: str
    seconds: float
    problem: str | None


@dataclass(frozen=True)
class Outcome:
    updates: list[Update]
    requests: int
    failures: list[str]

    @property
    def line(self) -> str:
        right = sum(update.problem is None for update in self.updates)
        return f"updates: {right}/{len(self.updates)}, failed requests: {len(self.failures)} of {self.requests}"

    @property
    def perfect(self) -> bool:
        return not self.failures and all(update.problem is None for update in self.updates)


def main() -> int:
    with fast_account(SPEED) as live:
        outcome = update_under_load(live, WAYS)
    record(
        "deploy",
        command="make bench-deploy",
        result=outcome.line,
        callers=CALLERS,
        speed_of_bakes_and_alarms=SPEED,
        updates=[{"update": update.what, "seconds": round(update.seconds, 1), "problem": update.problem} for update in outcome.updates],
    )
    print(outcome.line)
    for failure in [*outcome.failures[:5], *(update.problem for update in outcome.updates if update.problem)]:
        print(failure, file=sys.stderr)
    return 0 if outcome.perfect else 1


def update_under_load(live: LiveAccount, ways: Sequence[Way]) -> Outcome:
    """Make a broken update and then a good one for each way, while callers send requests; no request is repeated."""
    load = Load(live.aws.client("sagemaker-runtime", config=ONCE), live.account.project, {LOGITS, *map(good_logits, range(len(ways) + 1))})
    config, updates = put_live(live, 0), list[Update]()
    with load.by(CALLERS):
        for number, way in enumerate(ways, 1):
            began = time.monotonic()
            problem = deploy_broken(live, way, config)
            updates.append(Update(way.name, time.monotonic() - began, problem))
            began = time.monotonic()
            config = put_live(live, number)
            problem = None if is_live(live, config) else f"{config} is not live"
            updates.append(Update("a good model", time.monotonic() - began, problem))
    return Outcome(updates, load.requests, load.failures)


def put_live(live: LiveAccount, number: int) -> str:
    """Deploy a good model; return the name of its endpoint config."""
    endpoint = deploy_endpoint(live.account, registered(live, good_logits(number)), SERVING)
    confirm_endpoint(live.account, endpoint)
    return endpoint.config


def deploy_broken(live: LiveAccount, way: Way, config: str) -> str | None:
    """Deploy a broken model; return what is wrong with its failure, None when nothing is.

    The update must fail for the expected cause, `config` must stay live, and no resource of the update may be left.
    """
    before = names_of(live)
    try:
        deploy_endpoint(live.account, way.make(live), way.serving)
    except DeploymentFailed as failure:
        if not re.search(way.cause, str(failure)):
            return f"{way.name}: expected the cause {way.cause!r}, but it failed with: {failure}"
        left = names_of(live) ^ before
        return None if is_live(live, config) and not left else f"{way.name}: {config} is not live, or resources were left or lost: {left}"
    return f"{way.name}: it went live"


def is_live(live: LiveAccount, config: str) -> bool:
    found = live.client("sagemaker").describe_endpoint(EndpointName=live.account.project)
    return (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", config)


def names_of(live: LiveAccount) -> set[str]:
    """Names of the project's models, endpoint configs and endpoints."""
    sagemaker, listed = live.client("sagemaker"), {"NameContains": live.account.project, "MaxResults": 100}
    models, configs = sagemaker.list_models(**listed)["Models"], sagemaker.list_endpoint_configs(**listed)["EndpointConfigs"]
    endpoints = sagemaker.list_endpoints(**listed)["Endpoints"]
    return {next(value for name, value in each.items() if name.endswith("Name")) for each in [*models, *configs, *endpoints]}


def good_logits(number: int) -> tuple[float, ...]:
    return (10.0 + number, -1.0)


if __name__ == "__main__":
    sys.exit(main())
