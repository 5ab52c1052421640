"""The resources of a project: of all its runs, of one run, or after their expiry."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from pedigree.aws.chain import walk
from pedigree.aws.clients import SageMakerClient, client
from pedigree.aws.naming import SEPARATOR
from pedigree.aws.objects import split_uri
from pedigree.aws.resources.kind import ENDPOINT_TITLE, FUNCTION_TITLE, Layer, Resource
from pedigree.aws.resources.sagemaker import group_of
from pedigree.aws.resources.table import BY_TITLE, ENDPOINT, ENDPOINT_CONFIG, KINDS, MODEL_PACKAGE, MODEL_PACKAGE_GROUP
from pedigree.settings.serving import REHEARSAL
from pedigree.values import Account

SERVING = (ENDPOINT_TITLE, FUNCTION_TITLE)  # a function is called as its endpoint


def expired(resources: Sequence[Resource]) -> list[Resource]:
    now = datetime.now(UTC)
    return [resource for resource in resources if resource.expires_at is not None and resource.expires_at < now]


def find_resources(account: Account, layers: Collection[Layer], flow_run_id: str | None = None) -> list[Resource]:
    """The project's resources in these layers, in the order of deletion; `flow_run_id` limits them to one flow run."""
    if flow_run_id is None:
        return resources_in(account, layers)
    found = resources_in(account, {*layers, "serving", "model"})
    going = made_by(flow_run_id, found, served(account, found))
    wanted = {kind.title for kind in KINDS if kind.layer in layers}
    return [resource for resource in going if resource.kind in wanted]


def resources_in(account: Account, layers: Collection[Layer]) -> list[Resource]:
    return [resource for kind in KINDS if kind.layer in layers for resource in kind.find(account)]


def made_by(flow_run_id: str, found: Sequence[Resource], served: dict[str, list[str]]) -> list[Resource]:
    """The resources to delete with a flow run, given the resources that each endpoint serves.

    Endpoint, scalable target and function outlive many runs: they are deleted with the run whose config they serve. The resources that
    a remaining endpoint serves stay too. A model package group is deleted with its last package.
    """
    own = [resource for resource in found if resource.flow_run_id == flow_run_id]
    configs = names_of(own, ENDPOINT_CONFIG.title)
    endpoints = {endpoint for endpoint, (config, *_) in served.items() if config in configs}
    kept = {name for endpoint, names in served.items() if endpoint not in endpoints for name in names}
    going = names_of(own, MODEL_PACKAGE.title) - kept
    needed = {group_of(package) for package in names_of(found, MODEL_PACKAGE.title) - going}
    there = {(resource.kind, resource.name): resource for resource in found}

    def goes(resource: Resource) -> bool:
        if resource.kind == ENDPOINT.title:
            return resource.name in endpoints
        if resource.kind == MODEL_PACKAGE_GROUP.title:
            return resource.name not in needed and (resource in own or resource.name in map(group_of, going))
        owner = there.get(BY_TITLE[resource.kind].owner(resource) or ("", ""))
        return (goes(owner) if owner else resource.flow_run_id == flow_run_id) and resource.name not in kept

    return [resource for resource in found if goes(resource)]


def names_of(resources: Sequence[Resource], kind: str) -> set[str]:
    return {resource.name for resource in resources if resource.kind == kind}


def endpoints_of(resources: Sequence[Resource]) -> list[str]:
    """The names of the endpoints that lose something with these resources, sorted; a rehearsal is its endpoint's."""
    owners = [(each.kind, each.name) if each.kind in SERVING else BY_TITLE[each.kind].owner(each) for each in resources]
    names = {owner[1].removesuffix(f"{SEPARATOR}{REHEARSAL}") for owner in owners if owner and owner[0] in SERVING}
    return sorted(names - {""})


def served(account: Account, found: Sequence[Resource]) -> dict[str, list[str]]:
    """{endpoint: names of its config, and of the models, packages and outputs behind the endpoint}."""
    sagemaker = client(account.credentials, "sagemaker")
    chains = {endpoint: behind(sagemaker, endpoint) for endpoint in names_of(found, ENDPOINT.title)}
    return {endpoint: chain for endpoint, chain in chains.items() if chain}


def behind(sagemaker: SageMakerClient, endpoint: str) -> list[str]:
    """The names of the endpoint config, then of the models, packages and outputs behind its variants."""
    chain = walk(sagemaker, endpoint)
    config = [chain.endpoint["EndpointConfigName"]] if chain.endpoint else []
    packages = [package for package in chain.packages if package]
    artifacts = [split_uri(package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])[1] for package in packages]
    outputs = ["/".join(key.split("/")[:2]) + "/" for key in artifacts]
    return [*config, *(variant.model for variant in chain.variants), *(package["ModelPackageArn"] for package in packages), *outputs]
