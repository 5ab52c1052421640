"""Updates under a DeploymentConfig: AWS's limits, the share of the traffic, and alarms that take it back."""

import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from local_aws.call import AwsError
from local_aws.endpoints.shift import AT_ONCE, Shift, read_shift
from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_hosting import Hosted, make_hosted, refusal_of

SPEED = 60  # an hour is a minute


def deployment(kind: str, size: dict[str, Any] | None = None, *, alarms: tuple[str, ...] = (), **policy: Any) -> dict[str, Any]:
    member = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(kind, "")
    routing = {"Type": kind, "WaitIntervalInSeconds": policy.pop("wait", 60), **({member: size} if size else {})}
    update = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 120, **policy}
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}} if alarms else {}
    return {"BlueGreenUpdatePolicy": update, **rollback}


def count(value: int) -> dict[str, Any]:
    return {"Type": "INSTANCE_COUNT", "Value": value}


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


@pytest.mark.parametrize(
    ("asked", "instances", "shares"),
    [
        (deployment("ALL_AT_ONCE"), 1, (1.0,)),
        (deployment("CANARY", count(1)), 2, (0.5, 1.0)),
        (deployment("CANARY", percent(10)), 4, (0.25, 1.0)),
        (deployment("LINEAR", count(1)), 3, (1 / 3, 2 / 3, 1.0)),
        (deployment("LINEAR", percent(50)), 10, (0.5, 1.0)),
        (deployment("LINEAR", count(2)), 5, (0.4, 0.8, 1.0)),
    ],
)
def test_the_traffic_moves_in_steps_of_whole_instances(asked: dict[str, Any], instances: int, shares: tuple[float, ...]) -> None:
    shift = read_shift(asked, instances=instances, known_alarms=())
    assert shift.shares == pytest.approx(shares)
    assert [seconds for _, seconds in shift.steps] == [60] * (len(shares) - 1) + [120]


def test_without_a_policy_it_moves_at_once() -> None:
    assert read_shift({}, instances=1, known_alarms=()) == AT_ONCE
    assert read_shift({"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]}}, instances=1, known_alarms={"a"}) == Shift(
        alarms=("a",)
    )


@pytest.mark.parametrize(
    ("asked", "instances", "reason"),
    [
        (deployment("CANARY", count(1)), 1, "less than or equal to 50%"),
        (deployment("CANARY", percent(51)), 100, "less than or equal to 50%"),
        (deployment("CANARY", count(2)), 3, "less than or equal to 50%"),
        (deployment("LINEAR", percent(9)), 100, "10-50%"),
        (deployment("LINEAR", count(1)), 1, "10-50%"),
        (deployment("CANARY"), 2, "CanarySize is required"),
        (deployment("ALL_AT_ONCE", wait=3601), 1, "WaitIntervalInSeconds 3601 must be from 0 to 3600"),
        (deployment("ALL_AT_ONCE", TerminationWaitInSeconds=3601), 1, "TerminationWaitInSeconds"),
        (deployment("ALL_AT_ONCE", MaximumExecutionTimeoutInSeconds=599), 1, "must be from 600 to 28800"),
        (deployment("ALL_AT_ONCE", MaximumExecutionTimeoutInSeconds=28_801), 1, "must be from 600 to 28800"),
        (deployment("LINEAR", count(1), wait=300, MaximumExecutionTimeoutInSeconds=600), 3, "larger than the total waiting time of 720"),
        (deployment("ALL_AT_ONCE", alarms=("nobodys",)), 1, "nobodys could not be found"),
        (deployment("ALL_AT_ONCE", alarms=("a",) * 11), 1, "the most is 10"),
        ({"RollingUpdatePolicy": {}}, 1, "RollingUpdatePolicy does not exist here"),
    ],
)
def test_what_aws_refuses_is_refused(asked: dict[str, Any], instances: int, reason: str) -> None:
    with pytest.raises(AwsError) as refused:
        read_shift(asked, instances=instances, known_alarms={"a"})
    assert refused.value.code == "ValidationException"
    assert reason in refused.value.message


@pytest.fixture
def hosted(aws: RunningAws) -> Iterator[Hosted]:
    aws.control("POST", "pace", {"speed": SPEED})
    yield make_hosted(aws)
    aws.control("DELETE", "pace")


def make_alarm(hosted: Hosted, endpoint: str, metric: str, statistic: dict[str, str], threshold: float) -> str:
    name = f"alarm-{uuid.uuid4().hex[:8]}"
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "main"}]
    hosted.aws.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=dimensions,
        Period=60,
        EvaluationPeriods=1,
        Threshold=threshold,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        **statistic,
    )
    return name


def models_that_answer(hosted: Hosted, name: str, number: int) -> Counter[str]:
    return Counter(hosted.ask(name)["model"] for _ in range(number))


def test_a_canary_has_its_share_until_it_has_all(hosted: Hosted) -> None:
    name = hosted.endpoint(hosted.config_of("old", InitialInstanceCount=2))
    config = hosted.config_of("new", InitialInstanceCount=2)
    canary = deployment("CANARY", count(1), wait=600)
    hosted.client.update_endpoint(EndpointName=name, EndpointConfigName=config, DeploymentConfig=canary)
    wait_until(lambda: hosted.ask(name)["model"] == "new")
    seen = models_that_answer(hosted, name, 40)
    assert min(seen["old"], seen["new"]) > 5  # half of 40; 5 or fewer once in a million
    assert hosted.describe(name)["EndpointStatus"] == "Updating"
    described = hosted.settled(name)
    assert (described["EndpointConfigName"], described["LastDeploymentConfig"]) == (config, canary)
    assert models_that_answer(hosted, name, 5) == {"new": 5}
    hosted.delete(name)


@pytest.mark.parametrize(
    ("metric", "statistic", "threshold", "sent"),
    [
        ("Invocation5XXErrors", {"Statistic": "Sum"}, 0.0, "raise"),
        ("ModelLatency", {"ExtendedStatistic": "p99"}, 100_000.0, {"sleep": 0.2}),
    ],
    ids=["5xx", "latency"],
)
def test_an_alarm_during_the_bake_takes_the_update_back(
    hosted: Hosted, metric: str, statistic: dict[str, str], threshold: float, sent: Any
) -> None:
    old = hosted.config_of("old")
    name = hosted.endpoint(old)
    alarm = make_alarm(hosted, name, metric, statistic, threshold)
    bake = deployment("ALL_AT_ONCE", alarms=(alarm,), TerminationWaitInSeconds=3600)
    hosted.client.update_endpoint(EndpointName=name, EndpointConfigName=hosted.config_of("new"), DeploymentConfig=bake)
    wait_until(lambda: hosted.ask(name)["model"] == "new")
    began = time.monotonic()
    with suppress(hosted.runtime.exceptions.ModelError):
        hosted.ask(name, sent)
    described = hosted.settled(name)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", old)
    assert f"The alarm {alarm} was tripped" in described["FailureReason"]
    assert time.monotonic() - began < 3600 / SPEED, "it went back before the bake was over"
    assert models_that_answer(hosted, name, 5) == {"old": 5}
    hosted.delete(name)


def test_variant_names_stay_the_same(hosted: Hosted) -> None:
    name = hosted.endpoint(hosted.config_of())
    other = hosted.config_of(VariantName="other")
    assert "same variant names" in refusal_of(
        lambda: hosted.client.update_endpoint(EndpointName=name, EndpointConfigName=other, DeploymentConfig=deployment("ALL_AT_ONCE"))
    )
    hosted.delete(name)
