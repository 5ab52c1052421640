"""Everything that AWS is asked for by what a person chose: requests and keys, recorded without a server."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar
from unittest.mock import patch

from pedigree.autoscaling.policies import policies
from pedigree.autoscaling.target import schedule_request
from pedigree.autoscaling.variant import ScaledVariant
from pedigree.aws import logs
from pedigree.aws.naming import endpoint_name
from pedigree.endpoint.alarms import alarm_requests
from pedigree.endpoint.config import VARIANT, endpoint_config_request, model_request
from pedigree.endpoint.guardrails import deployment_config
from pedigree.evaluation.evaluation_job import comparison_job_request, comparison_key
from pedigree.function import canary
from pedigree.function import scaling as function_scaling
from pedigree.function.concurrency import ensure_concurrency
from pedigree.function.url import ensure_url
from pedigree.function.version import function_key, function_settings
from pedigree.registry.model_package import Origin, model_package_request
from pedigree.scoring.images import Image, Images
from pedigree.scoring.model import scoring_model_request
from pedigree.scoring.transform_job import cut, transform_job_request
from pedigree.settings import Autoscaling, Environment, Function, Mission, Scoring, Serving, Training, Tuning
from pedigree.trained_model import Candidate, Evaluation, TrainedModel
from pedigree.training.capacity import Places
from pedigree.training.ec2.launch import command_request, instance_key, job_of, launch_request
from pedigree.training.training_job import JobParts, training_job_request, training_key
from pedigree.training.ways import Way, ways_of
from pedigree.tuning.trial_job import study_key, trial_job_request
from pedigree.values import Account, Champion, Dataset, Endpoint, ModelVersion
from pedigree.watching.watch import alarms
from tests.lab.comparisons import evaluated
from tests.lab.keys import PETS

DATASET = Dataset("d", "s3://bucket/datasets/d/", ("a", "b"), {"train": 4, "valid": 2, "test": 2}, "created")
CODE = "s3://bucket/code/c/"
ARTIFACT = "s3://bucket/training/job/output/model.tar.gz"
MODEL = TrainedModel("t", "job", 1, ARTIFACT, "c", "d", 60, [], Evaluation(("a", "b"), [[9, 1], [0, 10]], []), "created")
CHAMPION = Champion("pets", "config", "model", "arn:package/1", "job-0", "s3://bucket/training/job-0/output/model.tar.gz")
MACHINE_IMAGE = {
    "ImageId": "ami-1",
    "RootDeviceName": "/dev/xvda",
    "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 75}}],
}
NO_CAPACITY = {"TrainingJobName": "job", "TrainingJobStatus": "Failed", "FailureReason": "CapacityError"}
INSTANCES = 40  # of the endpoint that is updated


@dataclass(frozen=True)
class Chosen:
    """All that a person may choose, over all flows that ask AWS for something."""

    environment: Environment = field(default_factory=Environment)
    mission: Mission = field(default_factory=Mission)
    tuning: Tuning = field(default_factory=Tuning)
    scoring: Scoring = field(default_factory=Scoring)

    @property
    def account(self) -> Account:
        return replace(PETS, project=self.environment.project, log_days=self.environment.log_days)


def recorded(chosen: Chosen) -> dict[str, Any]:
    """{what: request or key}."""
    account, mission = chosen.account, chosen.mission
    version = ModelVersion("arn:aws:sagemaker:us-east-1:1:model-package/pets/1", "key", ARTIFACT, "created")
    endpoint = Endpoint(endpoint_name(account.project, mission.serving), "config", VARIANT, "model", "created")
    return {
        **{f"{way.stage}: {what}": made for way in ways_of(mission.training, mission.ec2) for what, made in of_training(account, way)},
        **dict(of_study(account, mission.training, chosen.tuning)),
        **dict(of_serving(account, version, mission.serving)),
        **dict(of_autoscaling(account, endpoint, mission.autoscaling)),
        **dict(of_function(account, endpoint, mission.function)),
        **dict(of_scoring(account, chosen.scoring)),
        "watching": alarms(endpoint.name, endpoint.variant, "live", mission),
        "logs": of_logs(account),
    }


def of_training(account: Account, way: Way) -> Iterator[tuple[str, Any]]:
    training = way.training
    image = training.image or "image"
    parts = JobParts(account, DATASET, CODE, training, image)
    if way.ec2:
        job = job_of("job", parts)
        yield "key", instance_key(job, training, account)
        yield "instance", launch_request(job, account=account, image=MACHINE_IMAGE, group="sg-1", tags=[])
        yield "command", command_request(job, account=account, instance="i-1", uri="s3://b/job.json", log_group="/l")
        return
    request = training_job_request("job", parts)
    yield "key", training_key(request, training)
    yield "job", request
    lacking = {**request, **NO_CAPACITY}
    yield "job after one that AWS had no capacity for", Places(training.instance_types, lambda _: image).place(request, [lacking])
    evaluation = comparison_job_request("job", parts, trained=MODEL, champion=CHAMPION)
    yield "evaluation", evaluation
    yield "evaluation key", comparison_key(evaluation, dataset_key="d", code_key="c", training=training)


def of_study(account: Account, training: Training, tuning: Tuning) -> Iterator[tuple[str, Any]]:
    request = trial_job_request("trial", JobParts(account, DATASET, CODE, training, "image"))
    yield "study key", study_key(request, training, tuning)


def of_serving(account: Account, version: ModelVersion, serving: Serving) -> Iterator[tuple[str, Any]]:
    name = endpoint_name(account.project, serving)
    yield "endpoint", name
    image = serving.image or f"AWS's for {serving.instance_type}"
    yield (
        "model package",
        model_package_request(account, name, Candidate(MODEL, evaluated()), image, Origin("key", "e")),
    )
    yield "model", (model := model_request(account, version, serving, []))
    yield "endpoint config", endpoint_config_request(account, model["ModelName"], serving, [])
    yield "update", deployment_config(serving.guardrails, INSTANCES, ["alarm"])
    yield "alarms", alarm_requests(name, serving.guardrails)


def of_logs(account: Account) -> Any:
    calls: Any = Calls()
    with patch.object(logs, "client", lambda *_: calls):
        logs.limit_logs(account, "group")
    return calls.made


def of_autoscaling(account: Account, endpoint: Endpoint, autoscaling: Autoscaling) -> Iterator[tuple[str, Any]]:
    calls: Any = Calls()
    variant = ScaledVariant(calls, calls, endpoint)
    variant.ensure_target(autoscaling, account)
    list(variant.ensure_policies(policies(endpoint, autoscaling), account))
    list(
        variant.ensure_schedules(
            [schedule_request(variant.id, each, each.min_instances, each.max_instances) for each in autoscaling.schedules]
        )
    )
    yield "autoscaling", calls.made


def of_function(account: Account, endpoint: Endpoint, function: Function) -> Iterator[tuple[str, Any]]:
    settings = function_settings(account, endpoint, function)
    yield "function", settings
    yield "function key", function_key("sha", settings)
    calls: Any = Calls()
    version = ModelVersion("arn", "key", ARTIFACT, "created")
    with ExitStack() as patched:
        for module in (canary, function_scaling):
            patched.enter_context(patch.object(module, "client", lambda *_: calls))
        for name in ("read_golden", "wrong_answers", "watch"):
            patched.enter_context(patch.object(canary, name, lambda *_, **__: []))
        patched.enter_context(patch.object(function_scaling, "wait_until", lambda *_, **__: None))
        with canary.proven(account, endpoint.name, "2", function, version):
            ensure_concurrency(calls, endpoint.name, "2", function)
        function_scaling.ScaledFunction(account, endpoint.name).ensure("2", function, None)
        ensure_url(calls, endpoint.name, function)
    yield "function calls", calls.made


def of_scoring(account: Account, scoring: Scoring) -> Iterator[tuple[str, Any]]:
    package = scoring.package or "arn:of-what-is-live"
    images = Images("bucket", "images/", tuple(Image(f"images/{number}", "e") for number in range(6)), ())
    chunks = cut(account, images, package, scoring)
    asked = partial(transform_job_request, "job", account=account, model="m", scoring=scoring)
    yield "model that scores", scoring_model_request(account, package)
    yield "transform jobs", [(chunk.key, asked(chunk=chunk)) for chunk in chunks]


class Calls:
    """A client of any service: remembers what changes something, and answers as an account where nothing is configured yet."""

    ANSWERS: ClassVar[dict[str, Any]] = {
        "describe_scalable_targets": {"ScalableTargets": []},
        "describe_scaling_policies": {"ScalingPolicies": []},
        "describe_scheduled_actions": {"ScheduledActions": []},
        "describe_alarms": {"MetricAlarms": []},
        "describe_log_groups": {"logGroups": []},
        "put_scaling_policy": {"PolicyARN": "arn"},
        "get_function_concurrency": {},
        "get_provisioned_concurrency_config": {"Status": "READY", "RequestedProvisionedConcurrentExecutions": 0},
        "get_alias": {"FunctionVersion": "1"},
        "get_policy": {"Policy": ""},
        "get_function_url_config": {"AuthType": "OTHER", "FunctionUrl": "url"},
    }
    READS = ("describe", "get", "list")

    def __init__(self) -> None:
        self.made: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**asked: Any) -> Any:
            if not operation.startswith(self.READS):
                self.made.append((operation, asked))
            return self.ANSWERS.get(operation, {})

        return call

    def get_paginator(self, _operation: str) -> Any:
        return self

    def paginate(self, **_asked: Any) -> Any:
        return []
