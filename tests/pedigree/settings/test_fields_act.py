"""No field of a form is dropped: changing it changes a request or a key, or it is declared, with a reason, as acting elsewhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from pedigree import settings
from pedigree.aws.errors import InvalidInput
from pedigree.settings import (
    Autoscaling,
    CpuStep,
    Ec2,
    Environment,
    Function,
    Gate,
    Goal,
    Guardrails,
    Mission,
    ProvisionedSchedule,
    Schedule,
    Scoring,
    Serving,
    Settings,
    Traffic,
    Training,
    Tuning,
)
from tests.lab.recorded import Chosen, recorded

NIGHT: dict[str, Any] = {"name": "night", "when": "cron(0 22 * * ? *)", "min_instances": 1, "max_instances": 2}
WARM: dict[str, Any] = {"name": "day", "when": "cron(0 8 * * ? *)", "lowest": 1, "highest": 2}
STEPS = (CpuStep(cpu=30, change=-1), CpuStep(cpu=90, change=2))


@dataclass(frozen=True)
class Walk:
    """How an instance of a group becomes part of what a person chose, and the values of its other fields under which a field acts."""

    place: Callable[[Any], Chosen]
    contexts: tuple[dict[str, Any], ...] = ({},)


def of_mission(name: str) -> Callable[[Any], Chosen]:
    return lambda group: Chosen(mission=Mission(**{name: group}))


WALKS: dict[type[Settings], Walk] = {
    Training: Walk(of_mission("training"), ({}, {"instance_count": 2}, {"spot": True})),
    Ec2: Walk(of_mission("ec2"), ({}, {"enabled": True})),
    Gate: Walk(of_mission("gate")),
    Serving: Walk(of_mission("serving")),
    Guardrails: Walk(lambda group: Chosen(mission=Mission(serving=Serving(guardrails=group)))),
    Autoscaling: Walk(of_mission("autoscaling"), ({}, {"policy": "latency"}, {"policy": "cpu steps"})),
    CpuStep: Walk(
        lambda group: Chosen(mission=Mission(autoscaling=Autoscaling(policy="cpu steps", cpu_steps=(*STEPS, group)))),
        ({"cpu": 70, "change": 1},),
    ),
    Schedule: Walk(lambda group: Chosen(mission=Mission(autoscaling=Autoscaling(schedules=(group,)))), (NIGHT,)),
    Function: Walk(of_mission("function"), ({}, {"provisioned_concurrency": 2, "max_provisioned_concurrency": 4}, {"canary_percent": 10})),
    ProvisionedSchedule: Walk(lambda group: Chosen(mission=Mission(function=Function(provisioned_schedules=(group,)))), (WARM,)),
    Environment: Walk(lambda group: Chosen(environment=group)),
    Tuning: Walk(lambda group: Chosen(tuning=group)),
    Scoring: Walk(lambda group: Chosen(scoring=group), ({"images_per_job": 3},)),
    Traffic: Walk(lambda _: Chosen()),
    Goal: Walk(lambda _: Chosen()),
}
OTHERS: dict[str, list[Any]] = {  # of fields whose values nobody can make up
    "when": ["rate(1 day)"],
    "timezone": ["Europe/Berlin"],
    "instance_type": ["ml.m5.xlarge"],
    "image": ["local/another:1"],
    "weights": ["s3://bucket/weights/d1/resnet50.pth"],
    "extra": [{"VpcConfig": {}}, {"VpcConfig": {"SubnetIds": ["s"]}}, {"EnableInterContainerTrafficEncryption": True}],
    "extra_model": [{"EnableNetworkIsolation": True}],
    "extra_endpoint_config": [{"KmsKeyId": "key"}],
    "cpu_steps": [STEPS],
    "schedules": [(Schedule(**NIGHT),)],
    "provisioned_schedules": [(ProvisionedSchedule(**WARM),)],
    "guardrails": [Guardrails(shift="linear")],
    "fallback_instance_types": [("ml.m5.xlarge",)],
    "batch_sizes": [(8,)],
    "freeze_backbone": [(True, False)],
    "architecture": ["small_cnn"],
    "architectures": [("small_cnn", "resnet18")],
    "max_provisioned_concurrency": [4],
    "endpoint_name": ["beta"],
    "log_days": [30],
}


def others(name: str, field: FieldInfo, value: Any) -> Iterator[Any]:
    """Other values of a field; those that the group refuses are passed over."""
    if isinstance(value, bool):
        yield not value
    yield from OTHERS.get(name, [])
    yield from (other for other in get_args(field.annotation) if isinstance(other, str) and other != value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from (value + 1, value - 1, value * 1.5, value / 2, value * 2)
    if isinstance(value, str | None):
        yield from (f"{value or 'pedigree'}-x", f"{value or 'x'}x")


def complaints(group: type[Settings], walk: Walk) -> list[str]:
    """The fields of a group that are dropped, or whose declaration is wrong."""
    declared = group.acts_elsewhere
    found = [f"{name} is declared and no field" for name in declared if name not in group.model_fields]
    for name, field in group.model_fields.items():
        alters, tried = altered_by(group, walk, name, field)
        if not tried:
            found.append(f"{name} has no other value that the test knows: add one to OTHERS")
        elif alters and name in declared:
            found.append(f"{name} is declared as acting elsewhere and alters {alters}")
        elif not alters and name not in declared:
            found.append(f"{name} alters no request and no key: it is dropped, or has to be declared in acts_elsewhere")
    return found


def altered_by(group: type[Settings], walk: Walk, name: str, field: FieldInfo) -> tuple[list[str], int]:
    """(the requests and keys that another value of the field alters, how many values were tried)."""
    alters, tried = set[str](), 0
    for context in walk.contexts:
        base = group(**context)
        before = recorded(walk.place(base))
        for value in others(name, field, getattr(base, name)):
            try:
                after = recorded(walk.place(group(**{**context, name: value})))
            except (ValidationError, InvalidInput):
                continue
            tried += 1
            alters |= {what for what in before.keys() | after.keys() if before.get(what) != after.get(what)}
    return sorted(alters), tried


@pytest.mark.parametrize("group", WALKS, ids=lambda group: group.__name__)
def test_every_field_acts_or_is_declared(group: type[Settings]) -> None:
    assert complaints(group, WALKS[group]) == []


def test_every_group_is_walked() -> None:
    exported = {getattr(settings, name) for name in settings.__all__} - {Settings, Mission}
    assert exported == WALKS.keys()


def test_every_declaration_has_a_reason() -> None:
    assert all(len(reason.split()) >= 3 for group in WALKS for reason in group.acts_elsewhere.values())


class Encrypted(Serving):
    """Has a field that no builder of a request reads: the fault that was proven once."""

    kms_key: str = ""


class Overdeclared(Serving):
    acts_elsewhere = {**Serving.acts_elsewhere, "startup_seconds": "somebody thought so"}  # noqa: RUF012  the base declares the ClassVar


class Augmented(Training):
    """Has a field that nobody wrote a builder for; it reaches the container by itself."""

    augmentation: str = "none"


def test_a_field_that_is_dropped_or_declared_wrongly_is_seen() -> None:
    assert complaints(Encrypted, WALKS[Serving]) == [
        "kms_key alters no request and no key: it is dropped, or has to be declared in acts_elsewhere"
    ]
    assert complaints(Overdeclared, WALKS[Serving]) == ["startup_seconds is declared as acting elsewhere and alters ['endpoint config']"]
    assert complaints(Augmented, WALKS[Training]) == []
