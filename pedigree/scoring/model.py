"""The model package of a score, and the SageMaker model for its transform jobs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pedigree.aws.clients import client
from pedigree.aws.errors import InvalidInput
from pedigree.aws.identity import identify
from pedigree.aws.naming import ARTIFACT_SHA256, job_name, tag_list
from pedigree.aws.resources.table import MODEL
from pedigree.endpoint.champion import find_champion
from pedigree.endpoint.config import ENVIRONMENT
from pedigree.registry.versions import describe_version
from pedigree.settings import Scoring, Serving
from pedigree.values import Account

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import CreateModelInputTypeDef


def choose_model(account: Account, scoring: Scoring) -> str:
    """The ARN of the requested model package, or of the live one; InvalidInput when it is not approved or not available."""
    if not account.scoring_role:
        action = "deploy deployments/bootstrap.yaml again: `make bootstrap`, on a laptop `make down` and `make up`"
        raise InvalidInput("choose model", account.project, "its bootstrap stack is older than scoring and has no scoring role", action)
    if scoring.package:
        package = describe_version(client(account.credentials, "sagemaker"), account, scoring.package)
        if package["ModelApprovalStatus"] != "Approved":
            cause = f"its approval status is {package['ModelApprovalStatus']}"
            raise InvalidInput("choose model", scoring.package, cause, "approve it in the flow `approve`, or choose another package")
        require_copy(package)
        return scoring.package
    champion = find_champion(account, Serving(endpoint_name=scoring.endpoint_name))
    if champion is None:
        action = "run `operationalize` first, or name a model package in scoring.package"
        raise InvalidInput("choose model", scoring.endpoint_name or account.project, "no model is live behind this endpoint", action)
    require_copy(describe_version(client(account.credentials, "sagemaker"), account, champion.package_arn))
    return champion.package_arn


def require_copy(package: dict[str, Any]) -> None:
    """InvalidInput for a version of an earlier release: the scoring role reads registered copies only."""
    if ARTIFACT_SHA256 not in package.get("CustomerMetadataProperties", {}):
        cause = "it was registered by an earlier release, without a copy that no training can change"
        raise InvalidInput(
            "choose model", package["ModelPackageArn"], cause, "run `operationalize` again, which registers a model with a copy"
        )


@dataclass(frozen=True)
class ScoringModel:
    """The ARN of a model package, and the name of the SageMaker model that transform jobs use."""

    package: str
    name: str


def prepare_model(account: Account, package: str) -> ScoringModel:
    """Create the SageMaker model for transform jobs; the role of the endpoint's model may not write answers to S3."""
    name, _ = MODEL.ensure(client(account.credentials, "sagemaker"), scoring_model_request(account, package))
    return ScoringModel(package, name)


def scoring_model_request(account: Account, package: str) -> "CreateModelInputTypeDef":
    """CreateModel: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html"""
    request: CreateModelInputTypeDef = {
        "ModelName": "",
        "PrimaryContainer": {"ModelPackageName": package, "Environment": ENVIRONMENT},
        "ExecutionRoleArn": account.scoring_role,
    }
    key = identify("model", request, package=package, environment=ENVIRONMENT)
    return {**request, "ModelName": job_name(account.project, "model", key), "Tags": tag_list(account, key)}
