"""A dataset that lacks a class of the live model is refused before anything is created."""

import json

import pytest

from pedigree.aws.errors import GateRefused
from pedigree.endpoint.classes import SHOWN, short_name
from pedigree.endpoint.deploy import confirm_endpoint, deploy_endpoint
from pedigree.settings import Gate, Mission
from pedigree.text import listed
from tasks.cost import plan_costs
from tests.lab.inspected import inspected
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import CLASSES, SERVING, registered

MISSION = Mission(serving=SERVING)
ONE = CLASSES[:1]


def put_live(live: LiveAccount) -> None:
    confirm_endpoint(live.account, deploy_endpoint(live.account, registered(live), SERVING))


def test_a_lost_class_is_refused_in_the_plan_with_both_ways_out(live: LiveAccount) -> None:
    put_live(live)
    before = live.writes()
    with pytest.raises(GateRefused) as refused:
        plan_costs.fn(live.account, MISSION, inspected(ONE))
    message = str(refused.value)
    assert "this dataset lacks 1 of the 2 classes that the live model knows: 002.Stripes" in message
    assert "make run NAME=birds DATASET=/photos/birds.zip\n" in message
    assert """make run DATASET=/photos/birds.zip PARAMS='{"gate": {"classes": "replace"}}'""" in message
    assert live.writes() == before


def test_what_the_gate_allows_and_further_classes_pass(live: LiveAccount) -> None:
    put_live(live)
    plan_costs.fn(live.account, Mission(serving=SERVING, gate=Gate(classes="replace")), inspected(ONE))
    plan_costs.fn(live.account, MISSION, inspected((*CLASSES, "003.Dots")))


def test_without_a_live_model_there_is_no_contract(live: LiveAccount) -> None:
    plan_costs.fn(live.account, MISSION, inspected(ONE * 2))
    deploy_endpoint(live.account, registered(live), SERVING)  # never proven
    plan_costs.fn(live.account, MISSION, inspected(ONE * 2))


def test_the_classes_are_those_of_the_manifest_where_there_is_one(live: LiveAccount) -> None:
    put_live(live)
    live.put("datasets/da7a/manifest.json", json.dumps({"classes": [*CLASSES, "003.Dots"]}).encode())
    with pytest.raises(GateRefused, match=r"1 of the 3 classes .*: 003\.Dots"):
        plan_costs.fn(live.account, MISSION, inspected(CLASSES))


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("/data/Clothing_v2.zip", "clothing-v2"),
        ("s3://bucket/photos/", "photos"),
        ("https://host/2026.tar.gz", "second"),
        ("/x/" + "long-" * 20, "long-long-long-long-long-long"),
    ],
)
def test_a_second_endpoint_is_called_as_the_dataset(uri: str, name: str) -> None:
    assert short_name(uri) == name


def test_of_many_classes_the_first_are_named() -> None:
    assert listed([str(number) for number in range(12)], most=SHOWN) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2 more"
