"""Checks of the account's quotas against the requests of a run."""

from deployments.bootstrap_advice import options
from deployments.preflight.check import Answer, missing, ok, unknown
from deployments.preflight.survey import Survey
from pedigree.aws.naming import endpoint_name
from pedigree.aws.quotas import increase, training_quotas
from pedigree.function.reserve import CODE, read_reserve


def training_quota(survey: Survey) -> Answer:
    """Check the quota of every instance type that the training may run on; answer the first that is not OK."""
    needed = training_quotas(survey.plan.training)
    answers = [instances(survey, name, count, "training.instance_type") for name, count in needed.items()]
    return next((answer for answer in answers if answer.status != "OK"), answers[0])


def endpoint_quota(survey: Survey) -> Answer:
    """Check the quota of the endpoint's instance type: during an update the new fleet runs beside the old one, at the same size."""
    most = max(survey.plan.autoscaling.most_instances, survey.plan.serving.initial_instance_count)
    return instances(survey, f"{survey.plan.serving.instance_type} for endpoint usage", 2 * most, "autoscaling.max_instances")


def instances(survey: Survey, name: str, needed: int, setting: str) -> Answer:
    quota = survey.quotas.get(name)
    if quota is None:
        return unknown(f"{survey.access.region} has no quota called {name!r}", f"choose another {setting} that AWS offers there")
    finding = f"{quota.value} x {name}, {needed} needed"
    if quota.value < needed:
        return missing(finding, f"{increase('sagemaker', quota.code, needed, options(survey.access))}\nor choose another {setting}")
    return ok(finding)


def lambda_concurrency(survey: Survey) -> Answer:
    """Check the unreserved concurrency: a reservation must leave 100; the present reservation of our own function is available to it."""
    wanted = survey.plan.function.reserved_concurrency
    reserve = read_reserve(survey.access.client("lambda"), endpoint_name(survey.project, survey.plan.serving))
    needed = reserve.needed(wanted)
    finding = f"{reserve.free} of {reserve.quota} concurrent executions are unreserved, {needed} needed"
    if reserve.free < needed:
        return missing(finding, increase("lambda", CODE, reserve.enough(wanted), options(survey.access)))
    return ok(finding)
