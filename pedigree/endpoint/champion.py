"""The champion is what is live, found from the endpoint down: config, model, model package, artifact and training job."""

from typing import Any

from pedigree.aws.chain import walk
from pedigree.aws.clients import SageMakerClient, client
from pedigree.aws.errors import SpecDiffers
from pedigree.aws.naming import TRAINING_JOB, endpoint_name
from pedigree.endpoint.rollout import NONE_YET, Rollout
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
    endpoint = rollout.settled()
    if endpoint is None:
        return None
    rollout.require_ours(endpoint)
    if endpoint["EndpointStatus"] == "Failed":
        return None
    proven = rollout.verified(endpoint)
    if proven == NONE_YET:
        return None
    return trace(sagemaker, account, endpoint, proven or endpoint["EndpointConfigName"])


def trace(sagemaker: SageMakerClient, account: Account, endpoint: dict[str, Any], config: str) -> Champion:
    chain = walk(sagemaker, endpoint["EndpointName"], config=config)
    if not chain.package:
        raise of_unknown_origin(endpoint, f"the chain from it to its model package is broken: {'; '.join(chain.missing)}")
    arn, model = chain.package["ModelPackageArn"], chain.model["ModelName"]
    if not is_version_of(account, arn):
        raise of_unknown_origin(endpoint, f"its model {model} is of no package of the project {account.project}")
    training_job = chain.package.get("CustomerMetadataProperties", {}).get(TRAINING_JOB)
    if training_job is None:
        raise of_unknown_origin(endpoint, f"its package {arn} does not say which training job it came from")
    artifact = chain.package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    return Champion(endpoint["EndpointName"], config, model, arn, training_job, artifact)


def of_unknown_origin(endpoint: dict[str, Any], cause: str) -> SpecDiffers:
    action = "set gate.against_champion to `ignored` to put a model over it unseen, or choose another serving.endpoint_name"
    return SpecDiffers("champion", endpoint["EndpointName"], cause, action)
