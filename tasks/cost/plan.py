"""The task that says what a run will cost, before anything is created, and refuses what is over the budget."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError
from prefect import get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.runtime import flow_run

from tasks.aws.clients import client
from tasks.aws.errors import BudgetExceeded, is_missing
from tasks.aws.tasking import AWS_TASK
from tasks.cost.ec2 import expected_on_ec2
from tasks.cost.history import Expected, expected_evaluation, expected_training
from tasks.cost.lines import NOTEBOOK, Facts, plan_of
from tasks.cost.money import dollars, rate
from tasks.cost.prices import read_prices
from tasks.deployment.requests import endpoint_name
from tasks.quotas import endpoint_quotas, require_quotas, training_quotas
from tasks.settings import Autoscaling, Ec2, Function, Serving, Training
from tasks.training.ways import Way, ways_of
from tasks.values import Account, CostLine, CostPlan

GB = 2**30


@task(name="plan costs", **AWS_TASK)
def plan_costs(
    account: Account,
    training: Training,
    ec2: Ec2,
    serving: Serving,
    autoscaling: Autoscaling,
    function: Function,
    budget_usd: float | None,
) -> CostPlan:
    """What the run may cost, also as the artifact `<project>-cost-plan`; it changes nothing in the account.

    Raises QuotaTooLow where the account may not have the instances, BudgetExceeded for a run that is too dear, and InvalidInput where
    there is a budget but no price to hold it to.
    """
    ways = ways_of(training, ec2)
    prices = read_prices(account, [*(name for way in ways for name in way.training.instance_types), serving.instance_type, NOTEBOOK])
    facts = ask_facts(account, ways, serving)
    plan = plan_of(facts, prices, ways, serving, autoscaling, function)
    require_quotas(account, quotas_of(ways, facts, serving))
    get_run_logger().info(f"This run costs {plan.resource}")
    publish(account, plan)
    if budget_usd is not None:
        for instance_type in training.instance_types:  # it may have to run on any of them
            possible = ways_of(training.on(instance_type), ec2)
            for way in possible:
                prices.require(way.use, way.training.instance_type)
            require_within(plan_of(facts, prices, possible, serving, autoscaling, function), account.project, budget_usd)
    return plan


def quotas_of(ways: Sequence[Way], facts: Facts, serving: Serving) -> Counter[str]:
    """What SageMaker has to grant for all jobs at once, and for an endpoint that is not there yet."""
    new_endpoint = endpoint_quotas(serving) if facts.live_instances is None else Counter[str]()
    return sum((training_quotas(way.training) for way in ways if way.ec2 is None), new_endpoint)


def require_within(plan: CostPlan, project: str, budget_usd: float) -> None:
    if plan.run_usd <= budget_usd:
        return
    largest = max(plan.run, key=lambda line: line.usd)
    cause = (
        f"this run may cost {dollars(plan.run_usd)}, the budget is {dollars(budget_usd)};"
        f" the most is {largest.resource}: {dollars(largest.usd)} ({largest.basis})"
    )
    action = "raise budget_usd, or lower max_runtime_seconds, epochs, the instances or their type; nothing was created"
    raise BudgetExceeded("plan costs", project, cause, action)


def ask_facts(account: Account, ways: Sequence[Way], serving: Serving) -> Facts:
    sagemaker, asked = client(account.credentials, "sagemaker"), ways[0]
    trains = {way.stage: expected(account, way) for way in ways}
    return Facts(
        trainings=trains,
        evaluation=expected_evaluation(sagemaker, account.project, asked.training, trains[asked.stage]),
        live_instances=live_instances(sagemaker, endpoint_name(account.project, serving)),
        stored_gb=stored_gb(client(account.credentials, "s3"), account.bucket),
    )


def expected(account: Account, way: Way) -> Expected:
    if way.ec2:
        return expected_on_ec2(account, way.training)
    return expected_training(client(account.credentials, "sagemaker"), account.project, way.training)


def live_instances(sagemaker: Any, endpoint: str) -> int | None:
    try:
        found = sagemaker.describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return sum(int(variant.get("CurrentInstanceCount", 0)) for variant in found.get("ProductionVariants", []))


def stored_gb(s3: Any, bucket: str) -> float:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return sum(int(entry["Size"]) for page in pages for entry in page.get("Contents", [])) / GB


def publish(account: Account, plan: CostPlan) -> None:
    """Only a flow run has a page to show it on."""
    if flow_run.get_id() is None:
        return
    parts = {"this run": plan.run, "each month": plan.month, "by hand": plan.by_hand}
    rows = [row(when, line) for when, lines in parts.items() for line in lines]
    create_table_artifact(rows, key=f"{account.project}-cost-plan", description=f"{plan.resource}; prices: {plan.prices_of}")


def row(when: str, line: CostLine) -> dict[str, str]:
    return {
        "When": when,
        "What": line.resource,
        "An hour": rate(line.usd_per_hour) if line.usd_per_hour else "not known",
        "Hours": f"{line.hours:.3g}",
        "Cost": dollars(line.usd) if line.usd_per_hour else "not known",
        "Basis": line.basis,
    }
