"""The model registry: one package group an endpoint, one version a trained model, and what was decided about it."""

from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pedigree.aws.clients import SageMakerClient, client
from pedigree.aws.errors import GateRefused, InvalidInput, is_missing
from pedigree.aws.identity import identify
from pedigree.aws.images import pytorch_image
from pedigree.aws.naming import KEY, endpoint_name, tag_list
from pedigree.aws.resources.kind import may_be_ours
from pedigree.aws.resources.sagemaker import group_of
from pedigree.aws.resources.table import MODEL_PACKAGE_GROUP
from pedigree.registry.artifact import keep_artifact
from pedigree.registry.model_package import Origin, decision_request, model_package_request
from pedigree.settings import Serving
from pedigree.trained_model import Candidate, TrainedModel
from pedigree.values import Account, ModelVersion, Outcome

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import CreateModelPackageGroupInputTypeDef

FRAMEWORK_VERSION, PYTHON_VERSION = "2.6", "py312"  # the newest inference image that AWS has


def register_model(account: Account, candidate: Candidate, serving: Serving, *, wait_for_approval: bool = False) -> ModelVersion:
    """The model package of this candidate in its image, found by its key or created: approved, or waiting for a person's decision.

    Its artifact is a copy of the one that was evaluated; SpecDiffers where that has changed since.

    A decision that was made stands: an approved package is adopted, GateRefused says who rejected it.
    """
    sagemaker = client(account.credentials, "sagemaker")
    group = endpoint_name(account.project, serving)
    image = serving.image or aws_image(account, serving)
    request_of = partial(model_package_request, account, group, candidate, image)
    model, sha256 = candidate.model, candidate.comparison.artifact_sha256
    key = identify("model package", request_of(Origin("", "")), training=model.key, attempt=model.attempt, image=image, artifact=sha256)
    MODEL_PACKAGE_GROUP.ensure(sagemaker, group_request(account, group))
    found = find_version(sagemaker, group, model, key)
    if found:
        require_adoptable(found, wait_for_approval=wait_for_approval)
    artifact = keep_artifact(account, model.artifact, key, sha256)
    if found:
        return version_of(found, "adopted")
    created = sagemaker.create_model_package(**request_of(Origin(key, artifact, wait_for_approval)))
    return ModelVersion(created["ModelPackageArn"], key, artifact, "created", approved=not wait_for_approval)


def decide_on_model(account: Account, package_arn: str, *, approved: bool, approver: str, reason: str) -> ModelVersion:
    """The version with a person's decision, kept with name and reason; deciding the same again changes nothing."""
    sagemaker = client(account.credentials, "sagemaker")
    found = describe_version(sagemaker, account, package_arn)
    request = decision_request(found, approved=approved, approver=approver, reason=reason)
    if all(found.get(field) == value for field, value in request.items()):
        return version_of(found, "adopted")
    sagemaker.update_model_package(**request)
    return version_of({**found, **request}, "updated")


def aws_image(account: Account, serving: Serving) -> str:
    return pytorch_image(
        "inference", region=account.region, version=FRAMEWORK_VERSION, python=PYTHON_VERSION, instance_type=serving.instance_type
    )


def group_request(account: Account, group: str) -> "CreateModelPackageGroupInputTypeDef":
    """A group is called as the endpoint that its models are for."""
    return {
        "ModelPackageGroupName": group,
        "ModelPackageGroupDescription": f"Every model for the endpoint {group} that passed its gate.",
        "Tags": tag_list(account, group),
    }


def require_adoptable(package: dict[str, Any], *, wait_for_approval: bool) -> None:
    """GateRefused where a person said no, or has yet to be asked: their word stands, run after run."""
    status = package["ModelApprovalStatus"]
    if status == "Approved" or (status == "PendingManualApproval" and wait_for_approval):
        return
    if status == "PendingManualApproval":
        cause, action = "a person has yet to decide about it", "decide in the flow `approve`, which then puts it live"
    else:
        cause = f"its approval status is {status}: {package.get('ApprovalDescription', 'no reason was given')}"
        action = "approve it in the flow `approve`, or train another model"
    raise GateRefused("registry", package["ModelPackageArn"], cause, action)


def version_of(package: dict[str, Any], outcome: Outcome) -> ModelVersion:
    return ModelVersion(
        arn=package["ModelPackageArn"],
        key=package["CustomerMetadataProperties"][KEY],
        artifact=package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"],
        outcome=outcome,
        approved=package["ModelApprovalStatus"] == "Approved",
    )


def find_version(sagemaker: SageMakerClient, group: str, model: TrainedModel, key: str) -> dict[str, Any] | None:
    """Description of the group's version that carries the key; only versions whose summary names the job need to be asked for it."""
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 100}
    )
    for summary in (summary for page in pages for summary in page["ModelPackageSummaryList"]):
        if not summary.get("ModelPackageDescription", "").startswith(f"{model.job_name}:"):
            continue
        package = sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
        if package.get("CustomerMetadataProperties", {}).get(KEY) == key:
            return dict(package)
    return None


def is_version_of(account: Account, package_arn: str) -> bool:
    return may_be_ours(account, group_of(package_arn))


def describe_version(sagemaker: SageMakerClient, account: Account, package_arn: str) -> dict[str, Any]:
    """InvalidInput where it is no version of a group of this project, or gone."""
    step, action = "decide on model", f"take the ARN of a version in a model package group of the project {account.project}"
    if not is_version_of(account, package_arn):
        raise InvalidInput(step, package_arn, f"it is no model package of the project {account.project}", action)
    try:
        return dict(sagemaker.describe_model_package(ModelPackageName=package_arn))
    except ClientError as error:
        if is_missing(error):
            raise InvalidInput(step, package_arn, "there is no such model package", action) from error
        raise
