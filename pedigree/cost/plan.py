"""The cost of a run before anything is created, and the refusal of a run over the budget."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from pedigree.aws.chain import read_variants
from pedigree.aws.clients import S3Client, SageMakerClient, client
from pedigree.aws.errors import BudgetExceeded, is_missing
from pedigree.aws.naming import endpoint_name
from pedigree.aws.quotas import endpoint_quotas, require_quotas, training_quotas
from pedigree.cost.ec2 import expected_on_ec2
from pedigree.cost.history import Expected, expected_evaluation, expected_training
from pedigree.cost.lines import NOTEBOOK, Facts, plan_of
from pedigree.prices.prices import Prices, read_prices
from pedigree.settings import Mission, Serving
from pedigree.text import dollars
from pedigree.training.ways import Way, ways_of
from pedigree.values import Account, CostPlan

LOG = logging.getLogger(__name__)
GB = 2**30


@dataclass(frozen=True)
class Forecast:
    """The cost plan of a mission, with the facts, prices and settings behind it."""

    plan: CostPlan
    facts: Facts
    prices: Prices
    mission: Mission


def forecast_costs(account: Account, mission: Mission) -> Forecast:
    """Forecast the cost of the run; this changes nothing in the account.

    Raises InvalidInput for an endpoint name that the project may not use, and QuotaTooLow when a quota allows too few instances.
    """
    endpoint_name(account.project, mission.serving)
    ways = ways_of(mission.training, mission.ec2)
    types = [name for way in ways for name in way.training.instance_types]
    prices = read_prices(account, [*types, mission.serving.instance_type, NOTEBOOK])
    facts = ask_facts(account, ways, mission.serving)
    plan = plan_of(facts, prices, ways, mission)
    require_quotas(account, quotas_of(ways, mission))
    LOG.info(f"This run costs {plan.resource}")
    return Forecast(plan, facts, prices, mission)


def require_budget(forecast: Forecast, project: str) -> None:
    """Raise BudgetExceeded for a run over the budget on any instance type it may use, InvalidInput for a budget without a price."""
    mission, prices = forecast.mission, forecast.prices
    if mission.budget_usd is None:
        return
    for instance_type in mission.training.instance_types:
        possible = ways_of(mission.training.on(instance_type), mission.ec2)
        for way in possible:
            prices.require(way.use, way.training.instance_type)
        require_within(plan_of(forecast.facts, prices, possible, mission), project, mission.budget_usd)


def quotas_of(ways: Sequence[Way], mission: Mission) -> Counter[str]:
    """The SageMaker quotas for all jobs at once, and for the endpoint at its largest."""
    endpoint = endpoint_quotas(mission.serving, mission.autoscaling)
    return sum((training_quotas(way.training) for way in ways if way.ec2 is None), endpoint)


def require_within(plan: CostPlan, project: str, budget_usd: float) -> None:
    if plan.run_usd <= budget_usd:
        return
    largest = max(plan.run, key=lambda line: line.usd)
    cause = (
        f"this run may cost {dollars(plan.run_usd)}, and the budget is {dollars(budget_usd)};"
        f" the largest part is {largest.resource}: {dollars(largest.usd)} ({largest.basis})"
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


def live_instances(sagemaker: SageMakerClient, endpoint: str) -> int | None:
    try:
        found = sagemaker.describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return sum(variant.current_count for variant in read_variants(found))


def stored_gb(s3: S3Client, bucket: str) -> float:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return sum(int(entry["Size"]) for page in pages for entry in page.get("Contents", [])) / GB
