"""The champion is what is live, found from the endpoint down: config, model, model package, artifact and training job."""

from collections.abc import Mapping
from typing import Any

from pedigree.aws.adoption import describe
from pedigree.aws.chain import walk
from pedigree.aws.clients import SageMakerClient, client
from pedigree.aws.errors import SpecDiffers
from pedigree.aws.naming import DATASET, EVALUATION_JOB, TRAINING_JOB, endpoint_name
from pedigree.aws.resources.table import ENDPOINT
from pedigree.endpoint.rollout import NONE_YET, VERIFIED_TAG, Rollout, proven_package
from pedigree.registry.versions import is_version_of
from pedigree.settings import Serving
from pedigree.values import Account, Champion


def find_champion(account: Account, serving: Serving) -> Champion | None:
    """The model behind the endpoint once nothing is under way there, None where nothing is live.

    When a run was killed before the proof of its model, this is the model that was proven last, or None.
    Raises SpecDiffers for one that this project did not register. None would put a candidate over it that was never held to it.
    """
    sagemaker = client(account.credentials, "sagemaker")
    rollout = Rollout(sagemaker, account, endpoint_name(account.project, serving))
    return champion_of(sagemaker, rollout, rollout.settled())


def known_champion(account: Account, serving: Serving) -> Champion | None:
    """The same as `find_champion` while an update may be under way: the model that was proven last."""
    sagemaker = client(account.credentials, "sagemaker")
    rollout = Rollout(sagemaker, account, endpoint_name(account.project, serving))
    return champion_of(sagemaker, rollout, describe(ENDPOINT.on(sagemaker), rollout.name))


def champion_of(sagemaker: SageMakerClient, rollout: Rollout, endpoint: dict[str, Any] | None) -> Champion | None:
    if endpoint is None:
        return None
    rollout.require_ours(endpoint)
    if endpoint["EndpointStatus"] == "Failed":
        return None
    tags = rollout.tags(endpoint)
    if tags.get(VERIFIED_TAG) == NONE_YET:
        return None
    return trace(sagemaker, rollout.account, endpoint, tags)


def trace(sagemaker: SageMakerClient, account: Account, endpoint: dict[str, Any], tags: Mapping[str, str]) -> Champion:
    """Follow the chain to the package; where somebody deleted the config or the model, the endpoint's own tag names the package."""
    config = tags.get(VERIFIED_TAG, endpoint["EndpointConfigName"])
    chain = walk(sagemaker, endpoint["EndpointName"], config=config, package=proven_package(tags))
    if not chain.package:
        raise of_unknown_origin(endpoint, f"the chain from it to its model package is broken: {'; '.join(chain.missing)}")
    arn, model = chain.package["ModelPackageArn"], chain.model.get("ModelName", "")
    if not is_version_of(account, arn):
        raise of_unknown_origin(endpoint, f"its model {model} is of no package of the project {account.project}")
    origin = chain.package.get("CustomerMetadataProperties", {})
    if TRAINING_JOB not in origin:
        raise of_unknown_origin(endpoint, f"its package {arn} does not say which training job it came from")
    artifact = chain.package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    jobs = (origin[TRAINING_JOB], artifact, origin.get(EVALUATION_JOB))
    return Champion(endpoint["EndpointName"], config, model, arn, *jobs, dataset_key=origin.get(DATASET, ""))


def of_unknown_origin(endpoint: dict[str, Any], cause: str) -> SpecDiffers:
    action = (
        "set gate.against_champion to `ignored` and gate.classes to `replace` to put a model over it unseen,"
        " or choose another serving.endpoint_name"
    )
    return SpecDiffers("champion", endpoint["EndpointName"], cause, action)
