"""The subject of a latency curve: the live model, its container image and its instance type."""

from dataclasses import dataclass

from pedigree.aws.chain import walk
from pedigree.aws.clients import client
from pedigree.aws.errors import InvalidInput
from pedigree.aws.naming import endpoint_name
from pedigree.endpoint.champion import find_champion
from pedigree.settings import Serving
from pedigree.values import Account


@dataclass(frozen=True)
class LiveModel:
    """The live model; `config` is the last proven endpoint config, `model` the ARN of the package, `artifact` an S3 URI."""

    endpoint: str
    config: str
    model: str
    artifact: str
    image: str
    instance_type: str


def find_live(account: Account, serving: Serving) -> LiveModel:
    """Find the live model; InvalidInput when no model is live, SpecDiffers when this project did not deploy it."""
    champion = find_champion(account, serving)
    if champion is None:
        name = endpoint_name(account.project, serving)
        raise InvalidInput("plan", f"endpoint {name}", "no model is live there", "deploy a model first, or give a recorded `curve`")
    chain = walk(client(account.credentials, "sagemaker"), champion.endpoint, config=champion.config)
    return LiveModel(
        endpoint=champion.endpoint,
        config=champion.config,
        model=champion.package_arn,
        artifact=champion.artifact,
        image=chain.variants[0].container_image,
        instance_type=chain.variants[0].instance_type,
    )
