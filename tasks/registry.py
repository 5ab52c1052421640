"""The model registry: one package group a project, one approved version a trained model."""

from typing import Any

from botocore.exceptions import ClientError
from prefect import task

from tasks.aws.clients import client
from tasks.aws.errors import GateRefused, is_taken
from tasks.aws.images import pytorch_image
from tasks.aws.naming import key_of, tag_list
from tasks.aws.tasking import AWS_TASK
from tasks.settings import Serving
from tasks.values import Account, Candidate, ModelVersion

KEY = "pedigree-key"  # versions take no tags: their metadata carries what tags would
FRAMEWORK_VERSION, PYTHON_VERSION = "2.6", "py312"  # the newest inference image that AWS has


@task(name="register model", **AWS_TASK)
def register_model(account: Account, candidate: Candidate, serving: Serving) -> ModelVersion:
    """The approved model package of this candidate in its image, found by its key or created."""
    sagemaker = client(account.credentials, "sagemaker")
    image = serving.image or aws_image(account, serving)
    key = key_of(training=candidate.model.key, attempt=candidate.model.attempt, image=image)
    ensure_group(sagemaker, account)
    found = find_version(sagemaker, account.project, key)
    if found:
        require_approved(found)
        return ModelVersion(found["ModelPackageArn"], key, candidate.model.artifact, "adopted")
    created = sagemaker.create_model_package(**model_package_request(account, candidate, image, key))
    return ModelVersion(created["ModelPackageArn"], key, candidate.model.artifact, "created")


def aws_image(account: Account, serving: Serving) -> str:
    return pytorch_image(
        "inference", region=account.region, version=FRAMEWORK_VERSION, python=PYTHON_VERSION, instance_type=serving.instance_type
    )


def ensure_group(sagemaker: Any, account: Account) -> None:
    try:
        sagemaker.describe_model_package_group(ModelPackageGroupName=account.project)
    except ClientError as missing:
        if missing.response["Error"]["Code"] != "ValidationException":
            raise
        create_group(sagemaker, account)


def create_group(sagemaker: Any, account: Account) -> None:
    try:
        sagemaker.create_model_package_group(
            ModelPackageGroupName=account.project,
            ModelPackageGroupDescription=f"Every model of {account.project} that passed its gate.",
            Tags=tag_list(account.project, account.project),
        )
    except ClientError as error:
        if not is_taken(error):
            raise


def require_approved(package: dict[str, Any]) -> None:
    """GateRefused where a person took the approval back: their word stands, run after run."""
    status = package["ModelApprovalStatus"]
    if status != "Approved":
        cause = f"its approval status is {status}: {package.get('ApprovalDescription', 'no reason was given')}"
        raise GateRefused("registry", package["ModelPackageArn"], cause, "approve it in the model registry, or train another model")


def find_version(sagemaker: Any, group: str, key: str) -> dict[str, Any] | None:
    """Description of the group's version that carries the key."""
    for page in sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending"
    ):
        for summary in page["ModelPackageSummaryList"]:
            package: dict[str, Any] = sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
            if package.get("CustomerMetadataProperties", {}).get(KEY) == key:
                return package
    return None


def model_package_request(account: Account, candidate: Candidate, image: str, key: str) -> dict[str, Any]:
    """CreateModelPackage: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html"""
    model = candidate.model
    return {
        "ModelPackageGroupName": account.project,
        "ModelPackageDescription": f"{model.job_name}: accuracy {candidate.accuracy:.4f} on {model.evaluation.images} test images",
        "InferenceSpecification": {
            "Containers": [{"Image": image, "ModelDataUrl": model.artifact}],
            "SupportedContentTypes": ["image/jpeg", "image/png"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        "ModelApprovalStatus": "Approved",  # the gate is the approval; a person's comes in a flow of its own
        "CustomerMetadataProperties": {
            KEY: key,
            "pedigree-training-job": model.job_name,
            "pedigree-code": model.code_key,
            "pedigree-accuracy": f"{candidate.accuracy:.4f}",
            "pedigree-chance": f"{candidate.chance:.4f}",
        },
        "ClientToken": key,
    }
