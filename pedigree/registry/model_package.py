"""A model package as SageMaker is asked for it and for a decision about it: pure functions."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pedigree.aws.naming import APPROVER, ARTIFACT_SHA256, CLASSES, DATASET, EVALUATION_JOB, FLOW_RUN, KEY, TRAINING_JOB, key_of
from pedigree.trained_model import Candidate, Comparison
from pedigree.values import Account

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import CreateModelPackageInputTypeDef, UpdateModelPackageInputTypeDef


@dataclass(frozen=True)
class Origin:
    """The key of a version, the URI of its copy of the artifact, and whether a person has to approve it."""

    key: str
    artifact: str
    wait_for_approval: bool = False


def model_package_request(
    account: Account, group: str, candidate: Candidate, image: str, origin: Origin
) -> "CreateModelPackageInputTypeDef":
    """CreateModelPackage: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html"""
    model = candidate.model
    return {
        "ModelPackageGroupName": group,
        "ModelPackageDescription": f"{model.job_name}: {candidate.resource}, {candidate.evaluation.images} test images",
        "InferenceSpecification": {
            "Containers": [{"Image": image, "ModelDataUrl": origin.artifact}],
            "SupportedContentTypes": ["image/jpeg", "image/png"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        "ModelApprovalStatus": "PendingManualApproval" if origin.wait_for_approval else "Approved",  # else the gate is the approval
        "CustomerMetadataProperties": {
            KEY: origin.key,
            TRAINING_JOB: model.job_name,
            ARTIFACT_SHA256: candidate.comparison.artifact_sha256,
            CLASSES: key_of(classes=candidate.evaluation.classes),
            DATASET: model.dataset_key,
            "pedigree-code": model.code_key,
            FLOW_RUN: account.run,
            "pedigree-accuracy": f"{candidate.evaluation.accuracy:.4f}",
            "pedigree-baseline": f"{candidate.evaluation.baseline:.4f}",
            **comparison_metadata(candidate.comparison),
        },
        "ClientToken": f"{origin.key}-{key_of(group=group)}",  # two endpoints may register the same model at once; AWS takes 36 characters
    }


def comparison_metadata(comparison: Comparison) -> dict[str, str]:
    """The evaluation job by which the candidate passed the gate, and the champion that was live then."""
    champion = {"pedigree-champion": comparison.champion.package_arn} if comparison.champion else {}
    return champion | {EVALUATION_JOB: comparison.job_name}


def decision_request(package: dict[str, Any], *, approved: bool, approver: str, reason: str) -> "UpdateModelPackageInputTypeDef":
    """UpdateModelPackage: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html"""
    words = " ".join(f"{approver}: {reason or 'no reason given'}".split())
    return {
        "ModelPackageArn": package["ModelPackageArn"],
        "ModelApprovalStatus": "Approved" if approved else "Rejected",
        "ApprovalDescription": words[:1024],
        # AWS takes letters, digits and few signs in metadata; the description has the name as it was written
        "CustomerMetadataProperties": {
            **package.get("CustomerMetadataProperties", {}),
            APPROVER: " ".join(re.sub(r"[^\w.:/=+@-]", " ", approver).split())[:256],
        },
    }
