"""What autoscaling that is there already means for a new wish."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tasks.autoscaling import deregister_autoscaling, ensure_policy, target_tracking
from tasks.settings import Autoscaling
from tasks.values import Account, Endpoint

ACCOUNT = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n")
ENDPOINT = Endpoint("pets", "config", "AllTraffic", "model", "created")


class Scaling:
    """One policy, described with the defaults that AWS adds; `registered` is whether there is a target."""

    def __init__(self, policy: dict[str, Any] | None = None, *, registered: bool = True) -> None:
        self.policy, self.registered = policy, registered
        self.writes: list[str] = []

    def describe_scaling_policies(self, **_wanted: Any) -> dict[str, Any]:
        if self.policy is None:
            return {"ScalingPolicies": []}
        described = {"TargetTrackingScalingPolicyConfiguration": {**self.policy, "DisableScaleIn": False}}
        return {"ScalingPolicies": [described]}

    def put_scaling_policy(self, **_request: Any) -> None:
        self.writes.append("put")

    def deregister_scalable_target(self, **request: Any) -> None:
        if not self.registered:
            raise ClientError({"Error": {"Code": "ObjectNotFoundException", "Message": "No scalable target found"}}, "Deregister")
        self.writes.append(request["ResourceId"])


@pytest.mark.parametrize(
    ("policy", "alarms", "outcome"),
    [
        (None, (), "created"),
        (target_tracking(Autoscaling()), ("high", "low"), "adopted"),
        (target_tracking(Autoscaling()), (), "updated"),
        (target_tracking(Autoscaling(target=9)), ("high", "low"), "updated"),
    ],
)
def test_a_policy_is_put_where_it_differs_or_has_no_alarms(policy: dict[str, Any] | None, alarms: tuple[str, ...], outcome: str) -> None:
    scaling = Scaling(policy)
    assert ensure_policy(scaling, "endpoint/pets/variant/AllTraffic", Autoscaling(), alarms=alarms) == outcome
    assert scaling.writes == ([] if outcome == "adopted" else ["put"])


@pytest.mark.parametrize(("registered", "writes"), [(True, ["endpoint/pets/variant/AllTraffic"]), (False, [])])
def test_what_is_not_registered_needs_no_deregistration(monkeypatch: pytest.MonkeyPatch, registered: bool, writes: list[str]) -> None:  # noqa: FBT001
    scaling = Scaling(registered=registered)
    monkeypatch.setattr("tasks.kinds.serving.client", lambda *_: scaling)
    deregister_autoscaling(ACCOUNT, ENDPOINT)
    assert scaling.writes == writes
