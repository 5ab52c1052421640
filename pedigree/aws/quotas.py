"""Check of the account's service quotas, before a run creates anything."""

from collections import Counter
from typing import Any

from pedigree.aws.clients import ServiceQuotasClient, client
from pedigree.aws.errors import QuotaTooLow
from pedigree.settings import Autoscaling, Serving, Training
from pedigree.values import Account


def require_quotas(account: Account, needed: Counter[str]) -> None:
    """Raise QuotaTooLow, with the commands that request an increase; a quota that AWS does not list has no limit."""
    listed = list_quotas(client(account.credentials, "service-quotas"))
    low = {name: count for name, count in needed.items() if name in listed and listed[name]["Value"] < count}
    if low:
        cause = "; ".join(f"the quota '{name}' is {listed[name]['Value']:g}, this run needs {count}" for name, count in low.items())
        region = f"--region {account.region}"
        commands = [increase("sagemaker", listed[name]["QuotaCode"], count, region) for name, count in low.items()]
        advice = "choose another instance type, fewer instances or a lower autoscaling.max_instances, or request it; nothing was created:"
        action = "\n".join([advice, *commands])
        raise QuotaTooLow("plan costs", account.project, cause, action)


def increase(service: str, code: str, value: int, options: str) -> str:
    """The command that requests the increase; `options` name account and region."""
    request = f"aws service-quotas request-service-quota-increase --service-code {service}"
    return f"{request} --quota-code {code} --desired-value {value} {options}"


def training_quotas(training: Training, *, jobs: int = 1) -> Counter[str]:
    """{quota name: instances} for this number of jobs at once, for each instance type; spot instances have other quotas."""
    use = "spot training job" if training.spot else "training job"
    return Counter({f"{name} for {use} usage": jobs * training.instance_count for name in training.instance_types})


def endpoint_quotas(serving: Serving, autoscaling: Autoscaling) -> Counter[str]:
    """{quota name: instances} for an endpoint at its largest; `make preflight` also checks the quotas for an update."""
    return Counter({f"{serving.instance_type} for endpoint usage": max(serving.initial_instance_count, autoscaling.most_instances)})


def list_quotas(quotas: ServiceQuotasClient) -> dict[str, dict[str, Any]]:
    """SageMaker's quotas by their names."""
    pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    return {quota["QuotaName"]: dict(quota) for page in pages for quota in page["Quotas"] if "Value" in quota}
