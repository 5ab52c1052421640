"""The report of a run as plain data: what `report.json` holds."""

from collections.abc import Callable
from dataclasses import asdict
from operator import attrgetter
from typing import Any

from tasks.report.interval import binomial_interval
from tasks.report.record import Record
from tasks.values import Dataset, Endpoint, FunctionVersion, ScalingPolicy, SmokeTest, TrainedModel

KEYED_STAGES = {"dataset": "dataset", "training": "training", "model": "registry", "function": "function"}


def summarize(record: Record) -> dict[str, Any]:
    """What the run did, as JSON-ready data; a part whose stage was not reached is None."""

    def part(stage: str, describe: Callable[[Any], Any]) -> Any:
        return describe(record.values[stage]) if stage in record.values else None

    return {
        "keys": {name: part(stage, attrgetter("key")) for name, stage in KEYED_STAGES.items()},
        "flow_run_id": record.flow_run_id,
        "status": "Completed" if record.status == "completed" else "Failed",
        "stages": [asdict(stage) for stage in record.stages.values()],
        "dataset": part("dataset", describe_dataset),
        "metrics": part("training", describe_metrics),
        "training": part("training", describe_training),
        "model_package_arn": part("registry", attrgetter("arn")),
        "endpoint": part("endpoint", describe_endpoint),
        "autoscaling": part("autoscaling", describe_scaling),
        "function": part("function", describe_function),
        "smoke_test": part("smoke test", describe_smoke_test),
    }


def describe_dataset(dataset: Dataset) -> dict[str, Any]:
    return {
        "classes": list(dataset.classes),
        "counts": dataset.counts,
        "digest": dataset.key,
        "uri": dataset.uri,
        "warnings": list(dataset.warnings),
    }


def describe_metrics(training: TrainedModel) -> dict[str, Any]:
    """`interval` is the 95% one of the accuracy: the test images are a sample too."""
    evaluation = training.evaluation
    return {
        "accuracy": evaluation.accuracy,
        "chance": evaluation.chance,
        "interval": list(binomial_interval(evaluation.correct, evaluation.images)),
        "images": evaluation.images,
        "correct": evaluation.correct,
        "epochs": len(training.history),
    }


def describe_training(training: TrainedModel) -> dict[str, Any]:
    return {
        "job_name": training.job_name,
        "attempt": training.attempt,
        "billable_seconds": training.billable_seconds,
        "code_digest": training.code_key,
        "artifact": training.artifact,
    }


def describe_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {"name": endpoint.name, "config": endpoint.config, "model": endpoint.model}


def describe_scaling(scaling: ScalingPolicy) -> dict[str, Any]:
    return {"min": scaling.min_instances, "max": scaling.max_instances, "target": scaling.target, "alarms": list(scaling.alarms)}


def describe_function(function: FunctionVersion) -> dict[str, Any]:
    return {
        "name": function.name,
        "version": function.version,
        "alias": function.alias,
        "reserved": function.reserved,
        "provisioned": function.provisioned,
    }


def describe_smoke_test(smoke_test: SmokeTest) -> dict[str, Any]:
    return {"passed": smoke_test.outcome == "passed", "predictions": smoke_test.predictions}
