"""What a resource costs a month while it is there, as AWS describes it now."""

from collections.abc import Mapping, Sequence
from typing import Any

from pedigree.aws.clients import client
from pedigree.aws.resources.ec2 import instances_with
from pedigree.aws.resources.kind import Resource
from pedigree.aws.resources.table import (
    ENDPOINT,
    FUNCTION,
    PROVISIONED_TARGET,
    ROLLBACK_ALARM,
    SCALABLE_TARGET,
    SCALING_ALARM,
    TRAINING_INSTANCE,
)
from pedigree.prices.prices import HOURS_A_MONTH, Prices, read_prices
from pedigree.values import Account

GB = 2**30
Variant = tuple[str, int]  # instance type, how many


def monthly_costs(account: Account, resources: Sequence[Resource]) -> tuple[list[float | None], str]:
    """(USD a month of each resource, None where its price is not known; where the prices come from)."""
    endpoints = [resource.name for resource in resources if resource.kind == ENDPOINT.title]
    variants = {name: live_variants(client(account.credentials, "sagemaker"), name) for name in endpoints}
    machines = machine_types(account, [resource.name for resource in resources if resource.kind == TRAINING_INSTANCE.title])
    prices = read_prices(account, {kind for pairs in variants.values() for kind, _ in pairs} | set(machines.values()))
    return [
        machine_cost(machines[resource.name], prices) if resource.name in machines else monthly_cost(account, resource, variants, prices)
        for resource in resources
    ], prices.source


def machine_types(account: Account, instances: Sequence[str]) -> dict[str, str]:
    """{EC2 instance: its type}."""
    if not instances:
        return {}
    found = instances_with(client(account.credentials, "ec2"), {"instance-id": instances})
    return {instance["InstanceId"]: instance["InstanceType"] for instance in found}


def machine_cost(instance_type: str, prices: Prices) -> float | None:
    price = prices.instance("ec2", instance_type)
    return None if price is None else price * HOURS_A_MONTH


def monthly_cost(account: Account, resource: Resource, variants: Mapping[str, Sequence[Variant]], prices: Prices) -> float | None:
    if resource.kind == ENDPOINT.title:
        return endpoint_cost(variants[resource.name], prices)
    if resource.kind == FUNCTION.title:
        return kept_warm_gb(client(account.credentials, "lambda"), resource.name) * prices.provisioned_gb * HOURS_A_MONTH
    if resource.kind in (ROLLBACK_ALARM.title, SCALING_ALARM.title):
        return prices.alarm * HOURS_A_MONTH
    if resource.kind in (SCALABLE_TARGET.title, PROVISIONED_TARGET.title):
        return alarms_of(client(account.credentials, "application-autoscaling"), resource) * prices.alarm * HOURS_A_MONTH
    return resource.size / GB * prices.bucket_gb * HOURS_A_MONTH


def endpoint_cost(variants: Sequence[Variant], prices: Prices) -> float | None:
    total = 0.0
    for instance_type, count in variants:
        price = prices.instance("hosting", instance_type)
        if price is None:
            return None
        total += count * price * HOURS_A_MONTH
    return total


def live_variants(sagemaker: Any, endpoint: str) -> list[Variant]:
    """Nothing for an endpoint that never came up, which bills for nothing."""
    found = sagemaker.describe_endpoint(EndpointName=endpoint)
    counts = {variant["VariantName"]: variant.get("CurrentInstanceCount", 0) for variant in found.get("ProductionVariants", [])}
    if not counts:
        return []
    config = sagemaker.describe_endpoint_config(EndpointConfigName=found["EndpointConfigName"])
    return [(variant["InstanceType"], counts.get(variant["VariantName"], 0)) for variant in config["ProductionVariants"]]


def kept_warm_gb(aws_lambda: Any, function: str) -> float:
    pages = aws_lambda.get_paginator("list_provisioned_concurrency_configs").paginate(FunctionName=function)
    configs = [config for page in pages for config in page["ProvisionedConcurrencyConfigs"]]
    environments: int = sum(config["RequestedProvisionedConcurrentExecutions"] for config in configs)
    megabytes: int = aws_lambda.get_function_configuration(FunctionName=function)["MemorySize"]
    return environments * megabytes / 1024


def alarms_of(scaling: Any, target: Resource) -> int:
    kind = PROVISIONED_TARGET if target.kind == PROVISIONED_TARGET.title else SCALABLE_TARGET
    found = scaling.describe_scaling_policies(ServiceNamespace=kind.namespace, ResourceId=target.name)
    return sum(len(policy["Alarms"]) for policy in found["ScalingPolicies"])
