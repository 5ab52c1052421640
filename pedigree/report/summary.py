"""The report of a run as plain data: what `report.json` holds."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from operator import attrgetter
from typing import Any

from pedigree.aws.naming import APPROVER, FLOW_RUN
from pedigree.report.confusion import commonest_mistakes
from pedigree.report.costs import cost_of_stage, describe_cost
from pedigree.report.links import console_url
from pedigree.report.recall import recalls_of
from pedigree.report.record import Record
from pedigree.report.trainings import chosen_model, describe_trainings
from pedigree.report.verdict import verdict
from pedigree.statistics import binomial_interval, paired_interval
from pedigree.trained_model import TrainedModel
from pedigree.values import Comparison, CostPlan, Dataset, Endpoint, FunctionVersion, ModelVersion, ScalingPolicy, SmokeTest

KEYED = {"dataset": Dataset, "training": TrainedModel, "model": ModelVersion, "function": FunctionVersion}


def summarize(record: Record, *, region: str | None = None, package: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the run did, as JSON-ready data; a part whose stage was not reached, or is none of this flow's, is None.

    Links lead to the console of `region`; without one there are none. `package` is the description of the model package.
    """

    def part(kind: type[Any], describe: Callable[[Any], Any]) -> Any:
        value = chosen_model(record) if kind is TrainedModel else record.value(kind)
        return None if value is None else describe(value)

    return {
        "keys": {name: part(kind, attrgetter("key")) for name, kind in KEYED.items()},
        "flow_run_id": record.flow_run_id,
        "status": verdict(record),
        "stages": [describe_stage(record, name, region) for name in record.names],
        "dataset": part(Dataset, describe_dataset),
        "metrics": part(TrainedModel, describe_metrics),
        "training": describe_trainings(record),
        "comparison": part(Comparison, describe_comparison),
        "model_package_arn": part(ModelVersion, attrgetter("arn")),
        "approval": describe_approval(package) if package else None,
        "endpoint": part(Endpoint, describe_endpoint),
        "autoscaling": part(ScalingPolicy, describe_scaling),
        "function": part(FunctionVersion, describe_function),
        "smoke_test": part(SmokeTest, describe_smoke_test),
        "cost": part(CostPlan, lambda plan: describe_cost(plan, record)),
    }


def describe_stage(record: Record, name: str, region: str | None) -> dict[str, Any]:
    value = record.values.get(name)
    return {
        **asdict(record.stages[name]),
        "billable_seconds": getattr(value, "billable_seconds", None) or None,
        "cost_usd": cost_of_stage(record, name),
        "link": console_url(region, value) if region else None,
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
    """`interval` is the 95% one of the accuracy, and of each class's recall: the test images are a sample too."""
    evaluation = training.evaluation
    return {
        "accuracy": evaluation.accuracy,
        "chance": evaluation.chance,
        "interval": list(binomial_interval(evaluation.correct, evaluation.images)),
        "images": evaluation.images,
        "correct": evaluation.correct,
        "epochs": len(training.history),
        "recalls": [{**asdict(recall), "recall": recall.share, "interval": list(recall.interval)} for recall in recalls_of(evaluation)],
        "mistakes": [{"mistake": mistake, "images": images} for mistake, images in commonest_mistakes(evaluation)],
    }


def describe_comparison(comparison: Comparison) -> dict[str, Any]:
    """The difference is candidate minus champion, `interval` its exact 95% one; both None where they were not held to each other."""
    images, gained, lost = comparison.images, comparison.gained, comparison.lost
    return {
        "champion": asdict(comparison.champion) if comparison.champion else None,
        "already_live": comparison.already_live,
        "job_name": comparison.job_name,
        "images": images,
        "candidate_correct": comparison.candidate_correct,
        "champion_correct": comparison.champion_correct,
        "gained": gained,
        "lost": lost,
        "difference": (gained - lost) / images if images else None,
        "interval": list(paired_interval(gained, lost, images)) if images else None,
    }


def describe_approval(package: Mapping[str, Any]) -> dict[str, Any]:
    """`approver` is None where the gate approved, or nobody yet; `flow_run_id` is the run that registered the package."""
    origin = package.get("CustomerMetadataProperties", {})
    return {
        "status": package["ModelApprovalStatus"],
        "approver": origin.get(APPROVER),
        "reason": package.get("ApprovalDescription"),
        "flow_run_id": origin.get(FLOW_RUN),
    }


def describe_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {"name": endpoint.name, "config": endpoint.config, "model": endpoint.model}


def describe_scaling(scaling: ScalingPolicy) -> dict[str, Any]:
    return {
        "min": scaling.min_instances,
        "max": scaling.max_instances,
        "target": scaling.target,
        "rule": scaling.rule,
        "schedules": list(scaling.schedules),
        "alarms": list(scaling.alarms),
    }


def describe_function(function: FunctionVersion) -> dict[str, Any]:
    return {
        "name": function.name,
        "version": function.version,
        "alias": function.alias,
        "reserved": function.reserved,
        "provisioned": function.provisioned,
        "most_provisioned": function.most_provisioned,
        "url": function.url,
    }


def describe_smoke_test(smoke_test: SmokeTest) -> dict[str, Any]:
    return {"passed": smoke_test.outcome == "passed", "predictions": smoke_test.predictions}
