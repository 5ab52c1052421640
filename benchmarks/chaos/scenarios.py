"""The wishes that are struck, each after what went well before it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.chaos.wish import Wish
from benchmarks.chaos.world import World
from tests.lab.live_account import LiveAccount

Parameters = dict[str, Any]
TRAINING: Parameters = {
    "image": "local/pytorch-training:1",
    "instance_type": "ml.m5.large",
    "architecture": "small_cnn",
    "pretrained": False,
    "freeze_backbone": False,
    "epochs": 1,
}
MISSION: Parameters = {
    "training": TRAINING,
    "serving": {"image": "local/pytorch-inference:1", "guardrails": {"bake_seconds": 120}},
}
SCALED: Parameters = {
    "autoscaling": {
        "policy": "cpu steps",
        "schedules": [{"name": "day", "when": "cron(0 8 * * ? *)", "min_instances": 1, "max_instances": 3}],
    },
    "function": {
        "reserved_concurrency": 4,
        "provisioned_concurrency": 1,
        "max_provisioned_concurrency": 2,
        "provisioned_schedules": [{"name": "night", "when": "cron(0 22 * * ? *)", "lowest": 1, "highest": 2}],
        "url": "public",
    },
}
BESIDE: Parameters = {
    "function": {
        "reserved_concurrency": 4,
        "provisioned_concurrency": 1,
        "timeout_seconds": 20,
        "canary_percent": 50,
        "canary_seconds": 1,
    }
}
Making = Callable[[World, LiveAccount], Wish]  # a wish of this account, about the world's pictures


@dataclass(frozen=True)
class Scenario:
    """A wish, made after the wishes `before` went well; `served` is whether its endpoint answers from its first answer on."""

    name: str
    wish: Making
    before: tuple[Making, ...] = ()
    served: bool = True


def mission(flow: str = "operationalize", seed: int = 0, **groups: Any) -> Making:
    """A mission that trains the model of this seed; `groups` are laid over its parameters, a group at a time."""

    def wish(world: World, _live: LiveAccount) -> Wish:
        parameters = {"dataset": str(world.pictures), **MISSION, **groups}
        parameters["training"] = {**TRAINING, "seed": seed, **groups.get("training", {})}
        return Wish(flow, parameters)

    return wish


def plain(flow: str, **parameters: Any) -> Making:
    return lambda _world, _live: Wish(flow, parameters)


def tune(world: World, _live: LiveAccount) -> Wish:
    return Wish("tune", {"dataset": str(world.pictures), "training": TRAINING, "tuning": {"trials": 3, "parallel": 2, "prune": False}})


def score(world: World, _live: LiveAccount) -> Wish:
    return Wish("score", {"images": str(world.pictures / "test" / "rings"), "scoring": {"images_per_job": 100}})


def approve(_world: World, live: LiveAccount) -> Wish:
    waiting = live.client("sagemaker").list_model_packages(
        ModelPackageGroupName=live.account.project, ModelApprovalStatus="PendingManualApproval"
    )
    (package,) = waiting["ModelPackageSummaryList"]
    return Wish("approve", {"package": package["ModelPackageArn"], "serving": MISSION["serving"]})


FIRST = mission()
ASKS = mission("retrain", seed=1, approval=True)
SCENARIOS = (
    Scenario("first deploy", FIRST),
    Scenario("update", mission(seed=1), (FIRST,)),
    Scenario("scaling and function", mission(seed=1, **SCALED), (FIRST,)),
    Scenario("other scaling and function", mission(seed=2, **BESIDE), (mission(**SCALED),)),
    Scenario("two instances beside one", mission(training={"instance_count": 2, "compare": True})),
    Scenario("EC2 beside SageMaker", mission(ec2={"enabled": True})),
    Scenario("retrain", mission("retrain", seed=2), (FIRST,)),
    Scenario("approve", approve, (FIRST, ASKS)),
    Scenario("tune", tune),
    Scenario("score", score, (FIRST,)),
    Scenario("teardown", plain("teardown", dry_run=False, data=True), (mission(**SCALED),), served=False),
)
NAIVE = Scenario("naive", plain("naive"), served=False)  # what must not pass
