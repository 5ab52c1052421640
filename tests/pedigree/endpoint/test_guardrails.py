"""How an update asks for its traffic to be moved, within AWS's limits whatever the number of instances."""

from typing import Literal

import pytest

from local_aws.endpoints.shift import read_shift
from pedigree.endpoint.guardrails import deployment_config
from pedigree.settings import Guardrails

ALARMS = ("pets--rollback-5xx", "pets--rollback-latency")


def test_a_single_instance_changes_all_at_once_with_a_bake() -> None:
    config = deployment_config(Guardrails(bake_seconds=300), 1, ALARMS)
    policy = config["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"] == {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    assert policy["TerminationWaitInSeconds"] == 300
    assert [alarm["AlarmName"] for alarm in config["AutoRollbackConfiguration"]["Alarms"]] == list(ALARMS)


@pytest.mark.parametrize("kind", ["canary", "linear"])
@pytest.mark.parametrize("percent", [10, 33, 50])
@pytest.mark.parametrize("bake", [120, 1800])
def test_every_number_of_instances_stays_within_the_limits(kind: Literal["canary", "linear"], percent: int, bake: int) -> None:
    guardrails = Guardrails(shift=kind, step_percent=percent, bake_seconds=bake)
    for instances in range(2, 101):
        shift = read_shift(deployment_config(guardrails, instances, ALARMS), instances=instances, known_alarms=ALARMS)
        assert shift.shares[0] <= 0.5
        assert shift.shares[-1] == 1.0
        assert len(shift.shares) == 2 if kind == "canary" else 2 <= len(shift.shares) <= 10
