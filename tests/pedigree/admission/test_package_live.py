"""What a plan would refuse is refused for a model package too, before it goes live by a person's decision."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pedigree.admission.package import require_deployable
from pedigree.aws.errors import GateRefused, InvalidInput, PedigreeError, QuotaTooLow, SpecDiffers
from pedigree.endpoint.deploy import confirm_endpoint, deploy_endpoint
from pedigree.settings import Autoscaling, Function, Gate, Mission
from pedigree.values import ModelVersion
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import CLASSES, FIRST, SERVING, registered, registered_of
from tests.pedigree.admission.test_live import make_endpoint

Refused = Callable[..., str]


@pytest.fixture
def fewer(live: LiveAccount) -> ModelVersion:
    """A model of one class; the live one, which has two, is of an earlier run."""
    confirm_endpoint(live.account, deploy_endpoint(live.account, registered(live, FIRST), SERVING))
    live.put("datasets/fewer/manifest.json", json.dumps({"classes": CLASSES[:1]}).encode())
    return registered_of(live, "fewer")


def test_a_package_that_lacks_a_class_of_the_live_model(live: LiveAccount, fewer: ModelVersion) -> None:
    before = live.writes()
    with pytest.raises(GateRefused) as refused:
        require_deployable(live.account, Mission(serving=SERVING), fewer.arn)
    assert f"the model package {fewer.name} lacks 1 of the 2 classes that the live model knows: 002.Stripes" in str(refused.value)
    assert f"prefect deployment run approve/local --param package={fewer.arn} --param classes=replace" in str(refused.value)
    require_deployable(live.account, Mission(serving=SERVING, gate=Gate(classes="replace")), fewer.arn)
    live.put("datasets/fewer/manifest.json", json.dumps({"classes": [*CLASSES, "003.Dots"]}).encode())
    require_deployable(live.account, Mission(serving=SERVING), fewer.arn)
    assert live.writes() == before


@pytest.mark.parametrize(
    ("error", "groups", "said"),
    [
        (QuotaTooLow, {"autoscaling": Autoscaling(max_instances=21)}, "--desired-value 21 "),
        (QuotaTooLow, {"function": Function(reserved_concurrency=100_000)}, "lower function.reserved_concurrency"),
        (SpecDiffers, {}, "choose another serving.endpoint_name"),
    ],
)
def test_what_aws_or_an_owner_would_refuse(live: LiveAccount, error: type[PedigreeError], groups: dict[str, Any], said: str) -> None:
    version = registered(live)
    require_deployable(live.account, Mission(serving=SERVING), version.arn)
    if error is SpecDiffers:
        make_endpoint(live, f"{live.account.project}--rehearsal", f"theirs-{live.account.project}")
    before = live.writes()
    with pytest.raises(error, match=said):
        require_deployable(live.account, Mission(serving=SERVING, **groups), version.arn)
    assert live.writes() == before


def test_a_package_that_is_not_there(live: LiveAccount) -> None:
    arn = registered(live).arn
    with pytest.raises(InvalidInput, match="there is no such model package"):
        require_deployable(live.account, Mission(serving=SERVING), f"{arn[:-1]}9")
