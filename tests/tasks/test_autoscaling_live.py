"""Autoscaling of a real endpoint: a policy counts only with its alarms."""

from typing import Any

import pytest

from tasks.autoscaling import deregister_autoscaling, register_autoscaling
from tasks.deployment.endpoint import deploy_endpoint
from tasks.settings import Autoscaling
from tasks.values import Endpoint
from tests.tasks.live_account import LiveAccount
from tests.tasks.small_models import SERVING, registered

WRITES = ("application-autoscaling:RegisterScalableTarget", "application-autoscaling:PutScalingPolicy")


@pytest.fixture
def endpoint(live: LiveAccount) -> Endpoint:
    return deploy_endpoint.fn(live.account, registered(live), SERVING)


def alarms(live: LiveAccount, endpoint: Endpoint) -> dict[str, dict[str, Any]]:
    """The endpoint's alarms by name."""
    found = live.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"TargetTracking-endpoint/{endpoint.name}/")
    return {alarm["AlarmName"]: alarm for alarm in found["MetricAlarms"]}


def scaling_writes(live: LiveAccount) -> list[str]:
    return [action for action in live.writes() if action.startswith("application-autoscaling:")]


def test_it_is_registered_with_its_alarms_and_then_adopted(live: LiveAccount, endpoint: Endpoint) -> None:
    first = register_autoscaling.fn(live.account, endpoint, Autoscaling())
    assert (first.resource, first.outcome) == (f"endpoint/{live.account.project}/variant/AllTraffic", "created")
    assert set(first.alarms) == set(alarms(live, endpoint))
    assert {alarm["Threshold"] for alarm in alarms(live, endpoint).values()} == {3.0, 2.7}
    assert set(scaling_writes(live)) == set(WRITES)
    before = scaling_writes(live)
    again = register_autoscaling.fn(live.account, endpoint, Autoscaling())
    assert (again.alarms, again.outcome, scaling_writes(live)) == (first.alarms, "adopted", before)


@pytest.mark.parametrize(("change", "write"), list(zip(({"max_instances": 2}, {"target": 10.0}), WRITES, strict=True)))
def test_other_settings_update_what_they_are_about(live: LiveAccount, endpoint: Endpoint, change: dict[str, float], write: str) -> None:
    first = register_autoscaling.fn(live.account, endpoint, Autoscaling())
    before = len(scaling_writes(live))
    changed = register_autoscaling.fn(live.account, endpoint, Autoscaling(**change))
    assert (changed.outcome, scaling_writes(live)[before:]) == ("updated", [write])
    assert set(changed.alarms) == set(first.alarms) == set(alarms(live, endpoint))


@pytest.mark.parametrize("lost", [1, 2])
def test_a_policy_whose_alarms_are_gone_gets_them_back(live: LiveAccount, endpoint: Endpoint, lost: int) -> None:
    first = register_autoscaling.fn(live.account, endpoint, Autoscaling())
    live.client("cloudwatch").delete_alarms(AlarmNames=first.alarms[:lost])
    repaired = register_autoscaling.fn(live.account, endpoint, Autoscaling())
    assert repaired.outcome == "updated"
    assert len(repaired.alarms) == 2
    assert set(repaired.alarms) == set(alarms(live, endpoint))


def test_what_is_deregistered_leaves_no_alarm(live: LiveAccount, endpoint: Endpoint) -> None:
    register_autoscaling.fn(live.account, endpoint, Autoscaling())
    deregister_autoscaling(live.account, endpoint)
    deregister_autoscaling(live.account, endpoint)
    assert alarms(live, endpoint) == {}
