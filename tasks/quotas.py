"""What a run needs of the account's service quotas, asked for before anything is created."""

from collections import Counter
from typing import Any

from tasks.aws.clients import client
from tasks.aws.errors import QuotaTooLow
from tasks.settings import Serving, Training
from tasks.values import Account


def require_quotas(account: Account, training: Training, serving: Serving, *, new_endpoint: bool) -> None:
    """QuotaTooLow with the requests that raise what is too low; a quota that AWS does not list is none.

    What a live endpoint needs when it is updated, `make preflight` says: it may well stay as it is.
    """
    needed = training_quotas(training) + (endpoint_quotas(serving) if new_endpoint else Counter())
    listed = list_quotas(client(account.credentials, "service-quotas"))
    low = {name: count for name, count in needed.items() if name in listed and listed[name]["Value"] < count}
    if low:
        cause = "; ".join(f"the quota '{name}' is {listed[name]['Value']:g}, this run needs {count}" for name, count in low.items())
        commands = [increase(listed[name]["QuotaCode"], count, account.region) for name, count in low.items()]
        action = "\n".join(["choose another instance type or fewer instances, or request it; nothing was created:", *commands])
        raise QuotaTooLow("plan costs", account.project, cause, action)


def increase(code: str, value: int, region: str) -> str:
    request = "aws service-quotas request-service-quota-increase --service-code sagemaker"
    return f"{request} --quota-code {code} --desired-value {value} --region {region}"


def training_quotas(training: Training) -> Counter[str]:
    """{name: instances} for each type that the training may run on; spot instances have quotas of their own."""
    use = "spot training job" if training.spot else "training job"
    return Counter({f"{name} for {use} usage": training.instance_count for name in training.instance_types})


def endpoint_quotas(serving: Serving) -> Counter[str]:
    return Counter({f"{serving.instance_type} for endpoint usage": serving.initial_instance_count})


def list_quotas(quotas: Any) -> dict[str, dict[str, Any]]:
    """SageMaker's quotas by their names."""
    pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    return {quota["QuotaName"]: quota for page in pages for quota in page["Quotas"] if "Value" in quota}
