"""The one walk from an endpoint to its endpoint config, models and model packages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from pedigree.aws.clients import SageMakerClient
from pedigree.aws.errors import AwsDenied, is_missing

Description = Mapping[str, Any]


@dataclass(frozen=True)
class ProductionVariant:
    """One production variant, with the counts of the live endpoint; they are 0 when the endpoint has no such variant."""

    name: str
    model: str = ""
    instance_type: str = ""
    current_count: int = 0
    desired_count: int = 0
    container_image: str = ""


@dataclass(frozen=True)
class Chain:
    """The links from an endpoint to its packages, as AWS describes them; all after a missing link are empty.

    `missing` names what was not found. `models` and `packages` are in the order of `variants`, empty ones included.
    """

    endpoint: Description
    config: Description
    variants: tuple[ProductionVariant, ...]
    models: tuple[Description, ...]
    packages: tuple[Description, ...]
    missing: tuple[str, ...]

    @property
    def model(self) -> Description:
        return next(iter(self.models), {})

    @property
    def package(self) -> Description:
        return next(iter(self.packages), {})


@dataclass
class Look:
    """Describes resources; one that does not exist, or that we may not see, is empty and is noted in `missing`."""

    missing: list[str] = field(default_factory=list)

    def __call__(self, what: str, ask: Callable[..., Any], **name: str | None) -> dict[str, Any]:
        """Describe the one resource called `name`; empty without a name."""
        (known,) = name.values()
        if known is None:
            return {}
        try:
            return dict(ask(**name))
        except AwsDenied:
            why = "it is not the project's: these credentials may not see it"
        except ClientError as error:
            if not is_missing(error):
                raise
            why = "there is none (any more)"
        self.missing.append(f"{what} {known}: {why}")
        return {}


def walk(sagemaker: SageMakerClient, endpoint: str, *, config: str | None = None, package: str | None = None) -> Chain:
    """The chain of an endpoint; `config` is another endpoint config than the live one.

    `package` is the ARN of the package that is taken when config or model is gone.
    """
    look = Look()
    live = look("endpoint", sagemaker.describe_endpoint, EndpointName=endpoint)
    wanted = config or live.get("EndpointConfigName")
    found = look("endpoint config", sagemaker.describe_endpoint_config, EndpointConfigName=wanted)
    variants = read_variants(live, found) if found else ()
    models = tuple(look("model", sagemaker.describe_model, ModelName=variant.model) for variant in variants)
    arns = [package_of(model, look) if model else package for model in models] or [package]
    packages = tuple(look("model package", sagemaker.describe_model_package, ModelPackageName=arn) for arn in arns)
    return Chain(live, found, variants, models, packages, tuple(look.missing))


def read_variants(endpoint: Description, config: Description | None = None) -> tuple[ProductionVariant, ...]:
    """The variants of an endpoint config, or of the endpoint when there is no config, with the counts of the endpoint."""
    live = {variant["VariantName"]: variant for variant in endpoint.get("ProductionVariants", [])}
    named = live if config is None else {variant["VariantName"]: variant for variant in config["ProductionVariants"]}
    return tuple(read_variant({**variant, **live.get(name, {})}) for name, variant in named.items())


def read_variant(described: Description) -> ProductionVariant:
    images = described.get("DeployedImages") or [{}]
    return ProductionVariant(
        described["VariantName"],
        described.get("ModelName", ""),
        described.get("InstanceType", ""),
        int(described.get("CurrentInstanceCount", 0)),
        int(described.get("DesiredInstanceCount", 0)),
        images[0].get("SpecifiedImage", ""),
    )


def package_of(model: Description, look: Look) -> str | None:
    """ARN of the package that the model was made from."""
    arn: str | None = model.get("PrimaryContainer", {}).get("ModelPackageName")
    if arn is None:
        look.missing.append(f"model package of {model['ModelName']}: the model was made by hand, so nobody knows what it came from")
    return arn
