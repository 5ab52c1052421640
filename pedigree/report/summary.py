"""The report of a run, made from its record."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from pedigree.aws.naming import APPROVER, FLOW_RUN
from pedigree.report.confusion import commonest_mistakes
from pedigree.report.costs import cost_of_stage, describe_cost
from pedigree.report.links import console_url
from pedigree.report.recall import recalls_of
from pedigree.report.record import Record
from pedigree.report.report import Approval, ComparisonReport, Metrics, Prediction, Report, SmokeTestReport, StageReport
from pedigree.report.trainings import chosen_model, describe_trainings
from pedigree.report.verdict import verdict
from pedigree.statistics import binomial_interval, paired_interval
from pedigree.trained_model import Comparison
from pedigree.values import CostPlan, Dataset, Endpoint, FunctionVersion, ModelVersion, ScalingPolicy, SmokeTest

V = TypeVar("V")
R = TypeVar("R")


def summarize(
    record: Record,
    *,
    region: str | None = None,
    package: Mapping[str, Any] | None = None,
    not_drawn: Mapping[str, str] | None = None,
) -> Report:
    """The report of this record; its links lead to the AWS console of `region`; without a region it has no links.

    `package` is the description of the model package, `not_drawn` says by title why a figure could not be drawn.
    """
    return Report(
        flow_run_id=record.flow_run_id,
        status=verdict(record),
        stages=tuple(describe_stage(record, name, region) for name in record.names),
        dataset=record.value(Dataset),
        metrics=metrics_of(record),
        trainings=describe_trainings(record),
        comparison=described(record.newest(Comparison), describe_comparison),
        model_package=record.value(ModelVersion),
        approval=described(package, describe_approval),
        endpoint=record.value(Endpoint),
        autoscaling=record.value(ScalingPolicy),
        function=record.value(FunctionVersion),
        smoke_test=described(record.value(SmokeTest), describe_smoke_test),
        cost=described(record.value(CostPlan), lambda plan: describe_cost(plan, record)),
        not_drawn=not_drawn or {},
    )


def described(value: V | None, describe: Callable[[V], R]) -> R | None:
    return None if value is None else describe(value)


def describe_stage(record: Record, name: str, region: str | None) -> StageReport:
    value = record.values.get(name)
    return StageReport(
        **asdict(record.stages[name]),
        billable_seconds=getattr(value, "billable_seconds", None) or None,
        cost_usd=cost_of_stage(record, name),
        link=console_url(region, value) if region else None,
    )


def metrics_of(record: Record) -> Metrics | None:
    """The findings of the evaluation job about the chosen model; the model's own words about itself are none."""
    model, comparison = chosen_model(record), record.newest(Comparison)
    if model is None or comparison is None:
        return None
    evaluation = comparison.evaluation
    return Metrics(
        accuracy=evaluation.accuracy,
        baseline=evaluation.baseline,
        interval=binomial_interval(evaluation.correct, evaluation.images),
        images=evaluation.images,
        correct=evaluation.correct,
        epochs=len(model.history),
        recalls=tuple(recalls_of(evaluation)),
        mistakes=tuple(commonest_mistakes(evaluation)),
    )


def describe_comparison(comparison: Comparison) -> ComparisonReport:
    images, gained, lost = comparison.images, comparison.gained, comparison.lost
    return ComparisonReport(
        champion=comparison.champion,
        already_live=comparison.already_live,
        job_name=comparison.job_name,
        images=images,
        candidate_correct=comparison.candidate_correct,
        champion_correct=comparison.champion_correct,
        gained=gained,
        lost=lost,
        difference=(gained - lost) / images if images else None,
        interval=paired_interval(gained, lost, images) if images else None,
        classes=comparison.classes,
        added=comparison.added,
        missing=comparison.missing,
    )


def describe_approval(package: Mapping[str, Any]) -> Approval:
    origin = package.get("CustomerMetadataProperties", {})
    return Approval(
        status=package["ModelApprovalStatus"],
        approver=origin.get(APPROVER),
        reason=package.get("ApprovalDescription"),
        registered_by=origin.get(FLOW_RUN),
    )


def describe_smoke_test(smoke_test: SmokeTest) -> SmokeTestReport:
    return SmokeTestReport(smoke_test.outcome == "passed", tuple(Prediction(**prediction) for prediction in smoke_test.predictions))
