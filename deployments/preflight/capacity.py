"""Checks of the account's quotas against the requests of a run."""

from botocore.exceptions import ClientError

from deployments.bootstrap_advice import options
from deployments.preflight.check import Answer, missing, ok, unknown
from deployments.preflight.survey import Survey
from pedigree.aws.errors import code_of
from pedigree.aws.naming import endpoint_name
from pedigree.aws.quotas import increase, training_quotas

UNRESERVED = 100  # Lambda keeps this many concurrent executions for the functions without a reservation
CONCURRENCY_CODE = "L-B99A9384"  # "Concurrent executions" of Lambda, the same in every account


def training_quota(survey: Survey) -> Answer:
    """Check the quota of every instance type that the training may run on; answer the first that is not OK."""
    needed = training_quotas(survey.plan.training)
    answers = [instances(survey, name, count, "training.instance_type") for name, count in needed.items()]
    return next((answer for answer in answers if answer.status != "OK"), answers[0])


def endpoint_quota(survey: Survey) -> Answer:
    """Check the quota of the endpoint's instance type: during an update the new fleet runs beside the old one, at the same size."""
    most = max(survey.plan.autoscaling.max_instances, survey.plan.serving.initial_instance_count)
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
    client, wanted = survey.access.client("lambda"), survey.plan.function.reserved_concurrency
    limits = client.get_account_settings()["AccountLimit"]
    needed = wanted + UNRESERVED
    free = limits["UnreservedConcurrentExecutions"] + reserved_by_project(survey)
    finding = f"{free} of {limits['ConcurrentExecutions']} concurrent executions are unreserved, {needed} needed"
    if free < needed:
        enough = max(1000, limits["ConcurrentExecutions"] + needed - free)
        return missing(finding, increase("lambda", CONCURRENCY_CODE, enough, options(survey.access)))
    return ok(finding)


def reserved_by_project(survey: Survey) -> int:
    """The reserved concurrency of the endpoint's function."""
    name = endpoint_name(survey.project, survey.plan.serving)
    try:
        answer = survey.access.client("lambda").get_function_concurrency(FunctionName=name)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return 0
        raise
    return int(answer.get("ReservedConcurrentExecutions", 0))
