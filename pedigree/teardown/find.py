"""What dead runs left: jobs that nobody waits for any more, and whatever has outlived its expiry."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from pedigree.aws.clients import client
from pedigree.aws.objects import split_uri
from pedigree.aws.resources.kind import Layer, Resource, gone_is_fine
from pedigree.aws.resources.table import (
    ENDPOINT,
    ENDPOINT_CONFIG,
    FUNCTION,
    KINDS,
    MODEL_PACKAGE,
    MODEL_PACKAGE_GROUP,
    OUTPUT,
    PROVISIONED_TARGET,
    ROLLBACK_ALARM,
    SCALABLE_TARGET,
    SCALING_ALARM,
    TRAINING_JOB,
)
from pedigree.values import Account


def expired(resources: Sequence[Resource]) -> list[Resource]:
    now = datetime.now(UTC)
    return [resource for resource in resources if resource.expires_at is not None and resource.expires_at < now]


OF_ENDPOINTS = (SCALABLE_TARGET.title, SCALING_ALARM.title, ROLLBACK_ALARM.title, FUNCTION.title)


def find_resources(account: Account, layers: Collection[Layer], flow_run_id: str | None = None) -> list[Resource]:
    """What the project has in these layers, in the order of deletion; `flow_run_id` limits it to what that run created."""
    if flow_run_id is None:
        return resources_in(account, layers)
    found = resources_in(account, {*layers, "serving", "model"})
    going = made_by(flow_run_id, found, served(account, found))
    wanted = {kind.title for kind in KINDS if kind.layer in layers}
    return [resource for resource in going if resource.kind in wanted]


def resources_in(account: Account, layers: Collection[Layer]) -> list[Resource]:
    return [resource for kind in KINDS if kind.layer in layers for resource in kind.find(account)]


def made_by(flow_run_id: str, found: Sequence[Resource], served: dict[str, list[str]]) -> list[Resource]:
    """What goes with a flow run, given what each endpoint serves.

    Endpoint, scalable target and function outlive many runs: they go with the run whose config they serve. What an endpoint that stays
    serves stays too. A group goes with its last package.
    """
    own = [resource for resource in found if resource.flow_run_id == flow_run_id]
    configs, jobs = names_of(own, ENDPOINT_CONFIG.title), names_of(own, TRAINING_JOB.title)
    endpoints = {endpoint for endpoint, (config, *_) in served.items() if config in configs}
    kept = {name for endpoint, names in served.items() if endpoint not in endpoints for name in names}
    packages = names_of(own, MODEL_PACKAGE.title)
    foreign = names_of(found, MODEL_PACKAGE.title) - packages

    functions = {resource.name: resource for resource in found if resource.kind == FUNCTION.title}

    def goes(resource: Resource) -> bool:
        if resource.kind == ENDPOINT.title:
            return resource.name in endpoints
        if resource.kind in OF_ENDPOINTS and resource.of in served:
            return resource.of in endpoints
        if resource.kind == PROVISIONED_TARGET.title and resource.of in functions:
            return goes(functions[resource.of])
        if resource.kind == MODEL_PACKAGE_GROUP.title:
            return not (foreign or kept) and (resource in own or bool(packages))
        is_own = resource.flow_run_id == flow_run_id or (resource.kind == OUTPUT.title and resource.of in jobs)
        return is_own and resource.name not in kept

    return [resource for resource in found if goes(resource)]


def names_of(resources: Sequence[Resource], kind: str) -> set[str]:
    return {resource.name for resource in resources if resource.kind == kind}


def served(account: Account, found: Sequence[Resource]) -> dict[str, list[str]]:
    """{endpoint: names of the config that it serves, and of the models, packages and outputs behind it}."""
    sagemaker = client(account.credentials, "sagemaker")
    chains = {endpoint: behind(sagemaker, endpoint) for endpoint in names_of(found, ENDPOINT.title)}
    return {endpoint: chain for endpoint, chain in chains.items() if chain}


def behind(sagemaker: Any, endpoint: str) -> list[str]:
    names: list[str] = []
    with gone_is_fine():
        names.append(sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"])
        for variant in sagemaker.describe_endpoint_config(EndpointConfigName=names[0])["ProductionVariants"]:
            names.append(variant["ModelName"])
            container = sagemaker.describe_model(ModelName=variant["ModelName"])["PrimaryContainer"]
            names.append(container["ModelPackageName"])
            package = sagemaker.describe_model_package(ModelPackageName=container["ModelPackageName"])
            _, key = split_uri(package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])
            names.append("/".join(key.split("/")[:2]) + "/")
    return names
