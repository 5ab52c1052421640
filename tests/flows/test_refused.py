"""Bad parameters, as people type them: the form refuses each with a sentence that says what to do."""

from typing import Any

import pytest
from prefect import Flow
from prefect.exceptions import ParameterTypeError

from flows.operationalize import operationalize
from flows.retrain import retrain
from flows.score import score
from flows.tune import tune

INFINITE = float("inf")
PYDANTICS = ("pattern", "Input should", "Value error", "after validation", "validation error", "unable to")
SCHEDULE = {"name": "night", "when": "rate(1 day)", "min_instances": 1, "max_instances": 1}
WARM = {"name": "night", "when": "rate(1 day)", "lowest": 1, "highest": 1}


def scheduled(**changes: Any) -> dict[str, Any]:
    return {"autoscaling": {"schedules": [SCHEDULE | changes]}}


def warmed(**changes: Any) -> dict[str, Any]:
    return {"function": {"provisioned_schedules": [WARM | changes]}}


NAMES: list[tuple[dict[str, Any], str]] = [
    ({"trainng": {"epochs": 3}}, "there is no parameter trainng: did you mean training?"),
    ({"budget": 5}, "did you mean budget_usd?"),
    ({"xyz": 5}, "there is no parameter xyz: there are dataset, budget_usd, training"),
    ({"training": {"epoch": 3}}, "there is no field epoch: did you mean epochs?"),
    ({"training": {"lr": 3}}, "there is no field lr: there are epochs"),
    ({"serving": {"guardrails": {"bake": 300}}}, "there is no field bake: did you mean bake_seconds?"),
    (scheduled(min_instance=1), "there is no field min_instance: did you mean min_instances?"),
    ({"function": {"memory": 256}}, "did you mean memory_mb?"),
    ({"training": {"architecture": "resnet5O"}}, "choose resnet50 or"),
    ({"training": {"architecture": "ResNet"}}, "choose "),
    ({"training": {"weights": "w.pth", "pretrained": False}}, "set pretrained to true, or leave weights empty"),
    ({"training": {"weights": "w.pth", "architecture": "small_cnn"}}, "small_cnn always starts from random weights"),
    ({"serving": {"endpoint_name": "Dogs"}}, "begin with a small letter"),
    ({"serving": {"endpoint_name": "my_dogs"}}, "single hyphens"),
    ({"serving": {"endpoint_name": "dogs-"}}, "single hyphens"),
    ({"serving": {"endpoint_name": "rehearsal"}}, "without rehearsal at its end"),
    ({"serving": {"endpoint_name": "dogs-rehearsal"}}, "without rehearsal at its end"),
    ({"serving": {"endpoint_name": "dogs-measured"}}, "without measured at its end"),
    ({"serving": {"endpoint_name": "e" * 31}}, "serving.endpoint_name has 31 characters, and must have at most 30: 'eee"),
    ({"environment": {"project": "p" * 21}}, "environment.project has 21 characters, and must have at most 20: 'ppp"),
    ({"environment": {"project": "p"}}, "environment.project has 1 character, and must have at least 2: 'p'"),
    (scheduled(name="n" * 52), "autoscaling.schedules.0.name has 52 characters, and must have at most 51"),
    ({"autoscaling": {"cpu_steps": []}}, "autoscaling.cpu_steps has 0 items, and must have at least 1"),
    ({"autoscaling": {"schedules": [{"name": "n"}]}}, "autoscaling.schedules.0.when is missing"),
    ({"training": {"fallback_instance_types": "ml.m5.large"}}, "it must be a list in square brackets"),
    ({"training": 5}, "training is 5: it must be a group of fields in braces"),
    ({"training": {"spot": "perhaps"}}, "training.spot is 'perhaps': it must be true or false"),
    ({"training": {"image": 5}}, "training.image is 5: it must be a text"),
    ({"serving": {"guardrails": {"shift": "fast"}}}, "serving.guardrails.shift is 'fast': it must be 'canary' or 'linear'"),
    ({"environment": {"project": "Pets"}}, "begin with a small letter"),
    (scheduled(name="At Night"), "begin with a small letter"),
    (warmed(name="2nd"), "begin with a small letter"),
]
INSTANCES: list[tuple[dict[str, Any], str]] = [
    ({"training": {"instance_type": "m5.xlarge"}}, "SageMaker calls it ml.m5.xlarge"),
    ({"training": {"instance_type": "ml.m5.xlrge"}}, "choose ml.m5.xlarge or"),
    ({"training": {"instance_type": "ml.inf1.xlarge"}}, "SageMaker has ml.inf1.xlarge for endpoint"),
    ({"training": {"instance_type": "a laptop"}}, "choose ml.m5.xlarge"),
    ({"training": {"fallback_instance_types": ["g4dn.xlarge"]}}, "SageMaker calls it ml.g4dn.xlarge"),
    ({"training": {"fallback_instance_types": ["ml.m5.large", "ml.g5.xlarg"]}}, "choose ml.g5.xlarge or"),
    ({"serving": {"instance_type": "m5.large"}}, "SageMaker calls it ml.m5.large"),
    ({"serving": {"instance_type": "ml.t5.large"}}, "SageMaker has no instance type ml.t5.large"),
    ({"serving": {"instance_type": "ml.t2.medium"}}, "choose a type of another family"),
    ({"serving": {"instance_type": "ml.p4de.24xlarg"}}, "choose ml.p4de.24xlarge or"),
    ({"ec2": {"instance_type": "ml.m5.xlarge"}}, "'m5.xlarge' or 'g4dn.xlarge'"),
    ({"training": {"instance_count": 21}}, "training.instance_count is 21: it must be at most 20"),
    ({"serving": {"initial_instance_count": 101}}, "serving.initial_instance_count is 101: it must be at most 100"),
    ({"training": {"image": "my-image"}}, "write it as 123456789012.dkr.ecr"),
    ({"training": {"image": "https://123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"}}, "without https://"),
    ({"serving": {"image": "12345.dkr.ecr.us-east-1.amazonaws.com/mine:1"}}, "write it as 123456789012.dkr.ecr"),
    ({"serving": {"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/my image:1"}}, "no address of an image"),
    ({"serving": {"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine@sha256:12"}}, "no address of an image"),
]
TIMES: list[tuple[dict[str, Any], str]] = [
    (scheduled(when="cron(0 8 * * *)"), "has 5 fields, and AWS takes six: minutes, hours"),
    (scheduled(when="cron(0 8 * * * *)"), r"write \? either as the day of month or as the day of week"),
    (scheduled(when="cron(0 8 ? * ? *)"), r"write \? either as"),
    (scheduled(when="cron(60 8 * * ? *)"), "60 cannot stand for minutes: write from 0 to 59"),
    (scheduled(when="cron(0 24 * * ? *)"), "write from 0 to 23"),
    (scheduled(when="cron(0 8 ? * MO *)"), "MO cannot stand for day of week"),
    (scheduled(when="cron(0 8 0 * ? *)"), "0 cannot stand for day of month: write from 1 to 31"),
    (scheduled(when="cron(0/0 8 * * ? *)"), "0/0 cannot stand for minutes"),
    (scheduled(when="cron(0 8 * 13 ? *)"), "write from 1 to 12"),
    (scheduled(when="0 8 * * *"), "is no schedule: write it as cron"),
    (scheduled(when="every day"), "is no schedule: write it as cron"),
    (scheduled(when="rate(5)"), r"such as rate\(5 minutes\)"),
    (scheduled(when="rate(0 minutes)"), "write a number from 1 on"),
    (scheduled(when="rate(5 weeks)"), "minutes, hours or days"),
    (scheduled(when="at(tomorrow)"), r"such as at\(2026-12-24T08:00:00\)"),
    (scheduled(when="at(2026-02-30T08:00:00)"), "is no time"),
    (scheduled(when="at(2026-12-24T08:00:00Z)"), "is no time"),
    (scheduled(timezone="Mars/X"), "there is no time zone Mars/X"),
    (scheduled(timezone="Europe/Berln"), "choose Europe/Berlin or"),
    (scheduled(timezone="CEST"), "IANA time zone database"),
    (warmed(when="cron(0 8 * * *)"), "AWS takes six"),
    (warmed(when="rate(5)"), "minutes, hours or days"),
    (warmed(timezone="Mars/X"), "there is no time zone Mars/X"),
]
NUMBERS: list[tuple[dict[str, Any], str]] = [
    ({"budget_usd": INFINITE}, "finite number"),
    ({"budget_usd": float("nan")}, "finite number"),
    ({"budget_usd": "inf"}, "finite number"),
    ({"budget_usd": 0}, "budget_usd is 0: it must be more than 0"),
    ({"budget_usd": "five"}, "budget_usd is 'five': it must be a number"),
    ({"training": {"learning_rate": float("nan")}}, "finite number"),
    ({"training": {"learning_rate": "fast"}}, "training.learning_rate is 'fast': it must be a number"),
    ({"training": {"epochs": "three"}}, "training.epochs is 'three': it must be a whole number"),
    ({"gate": {"min_accuracy": float("nan")}}, "finite number"),
    ({"gate": {"min_accuracy": 95}}, "gate.min_accuracy is 95: it must be at most 1$"),
    ({"autoscaling": {"target": INFINITE}}, "finite number"),
    ({"autoscaling": {"latency_target_ms": INFINITE}}, "finite number"),
    ({"autoscaling": {"cpu_steps": [{"cpu": INFINITE, "change": 1}]}}, "finite number"),
    ({"serving": {"guardrails": {"max_p99_seconds": float("nan")}}}, "finite number"),
    ({"function": {"target_utilization": float("nan")}}, "finite number"),
]


@pytest.mark.parametrize(("parameters", "advice"), [*NAMES, *INSTANCES, *TIMES, *NUMBERS], ids=str)
def test_a_bad_parameter_is_refused_in_the_form(parameters: dict[str, Any], advice: str) -> None:
    refuse(operationalize, parameters, advice)


@pytest.mark.parametrize(
    ("flow", "parameters", "advice"),
    [
        (retrain, {"aproval": True}, "did you mean approval?"),
        (retrain, {"budget_usd": INFINITE}, "finite number"),
        (tune, {"tuning": {"max_learning_rate": INFINITE}}, "finite number"),
        (tune, {"tuning": {"architectures": ["resnet5O"]}}, "choose resnet50 or"),
        (tune, {"budget_usd": INFINITE}, "finite number"),
        (score, {"scoring": {"instance_type": "ml.m5.larg"}}, "choose ml.m5.large or"),
        (score, {"scoring": {"endpoint_name": "x-measured"}}, "without measured at its end"),
        (score, {"budget_usd": INFINITE}, "finite number"),
    ],
    ids=str,
)
def test_a_bad_parameter_of_another_flow_is_refused_too(flow: Flow[Any, Any], parameters: dict[str, Any], advice: str) -> None:
    refuse(flow, parameters, advice)


def refuse(flow: Flow[Any, Any], parameters: dict[str, Any], advice: str) -> None:
    source = "images" if flow is score else "dataset"
    with pytest.raises(ParameterTypeError, match=advice) as refused:
        flow.validate_parameters({source: "s3://pictures/", **parameters})
    assert not any(words in str(refused.value) for words in PYDANTICS)


def test_what_is_right_is_taken() -> None:
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/serving"
    right: dict[str, Any] = {
        "training": {"instance_type": "ml.trn1.2xlarge", "fallback_instance_types": ["ml.m5.xlarge"], "image": f"{image}@{DIGEST}"},
        "serving": {"instance_type": "ml.g5.xlarge", "image": f"{image}:1.2-cpu", "endpoint_name": "rehearsal-of-dogs"},
        "autoscaling": {"schedules": [SCHEDULE | {"name": f"n{number}", **times} for number, times in enumerate(RIGHT_TIMES)]},
        "budget_usd": "12.5",
    }
    taken = operationalize.validate_parameters({"dataset": "s3://pictures/", **right})
    assert (taken["budget_usd"], len(taken["autoscaling"].schedules)) == (12.5, len(RIGHT_TIMES))


DIGEST = f"sha256:{'0' * 64}"
RIGHT_TIMES = [
    {"when": "cron(0 8 ? * MON-FRI *)", "timezone": "Europe/Berlin"},
    {"when": "cron(0/15 9,18 L DEC ? 2026-2030)", "timezone": "Etc/GMT+9"},
    {"when": "cron(30 8 15W * ? *)"},
    {"when": "cron(30 8 ? * 6#3 *)"},
    {"when": "rate(1 day)"},
    {"when": "rate(90 minutes)"},
    {"when": "at(2026-12-24T08:00:00)"},
]
