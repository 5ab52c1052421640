"""The trace of a live model in AWS: endpoint, config, model, model package, job, data, code, people.

The trace needs only names, tags and the metadata of the model package; nothing is stored elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pedigree.aws.chain import Look, walk
from pedigree.aws.clients import client
from pedigree.aws.naming import APPROVER, FLOW_RUN, FLOW_RUN_TAG, TRAINING_JOB
from pedigree.dataset.manifest import manifest_key, read_manifest
from pedigree.training.ec2.records import Records, is_on_ec2
from pedigree.values import NO_FLOW_RUN, Account


@dataclass(frozen=True)
class Lineage:
    """The lineage of one endpoint; None means not found or not known, and `missing` says in words what was not found."""

    endpoint: str
    status: str | None
    config: str | None
    model: str | None
    model_package_arn: str | None
    approval: str | None
    approver: str | None
    reason: str | None
    accuracy: str | None
    training_job: str | None
    artifact: str | None
    dataset_digest: str | None
    images: dict[str, int] | None
    code_digest: str | None
    trained_by: str | None
    registered_by: str | None
    deployed_by: str | None
    missing: tuple[str, ...]


def trace_lineage(account: Account, endpoint: str) -> Lineage:
    """Trace the origin of the model behind the endpoint, as far as possible; this only reads."""
    sagemaker = client(account.credentials, "sagemaker")
    chain = walk(sagemaker, endpoint)
    package, look = chain.package, Look(list(chain.missing))
    origin = package.get("CustomerMetadataProperties", {})
    trained_by = run_that_trained(account, known(origin, TRAINING_JOB, package, look), look)
    dataset, code = known(origin, "pedigree-dataset", package, look), known(origin, "pedigree-code", package, look)
    return Lineage(
        endpoint=endpoint,
        status=chain.endpoint.get("EndpointStatus"),
        config=chain.endpoint.get("EndpointConfigName"),
        model=chain.model.get("ModelName"),
        model_package_arn=package.get("ModelPackageArn"),
        approval=package.get("ModelApprovalStatus"),
        approver=origin.get(APPROVER),
        reason=package.get("ApprovalDescription"),
        accuracy=origin.get("pedigree-accuracy"),
        training_job=origin.get(TRAINING_JOB),
        artifact=package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] if package else None,
        dataset_digest=dataset,
        images=count_images(account, dataset, look),
        code_digest=code,
        trained_by=trained_by,
        registered_by=a_run(origin.get(FLOW_RUN)),
        deployed_by=run_of(look("tags of", sagemaker.list_tags, ResourceArn=chain.config.get("EndpointConfigArn"))),
        missing=tuple(look.missing),
    )


def run_that_trained(account: Account, job: str | None, look: Look) -> str | None:
    """The flow run that started the training job, on SageMaker or on EC2; for EC2, S3 keeps the tags of the instance."""
    if job is not None and is_on_ec2(account, job):
        return run_of(look("training on EC2", Records(client(account.credentials, "s3"), account).read, name=job))
    sagemaker = client(account.credentials, "sagemaker")
    found = look("training job", sagemaker.describe_training_job, TrainingJobName=job)
    return run_of(look("tags of", sagemaker.list_tags, ResourceArn=found.get("TrainingJobArn")))


def known(origin: Mapping[str, str], name: str, package: Mapping[str, Any], look: Look) -> str | None:
    """The value of this name in the metadata of the model package; a missing name is noted in `look`."""
    if package and name not in origin:
        look.missing.append(f"{name} in the metadata of {package['ModelPackageArn']}: this project did not register it")
    return origin.get(name)


def count_images(account: Account, dataset: str | None, look: Look) -> dict[str, int] | None:
    """The {split: number of images} of a dataset in the account's bucket."""
    if dataset is None:
        return None
    manifest = read_manifest(account, dataset)
    if manifest is None:
        look.missing.append(f"dataset {dataset}: s3://{account.bucket}/{manifest_key(dataset)} is gone")
        return None
    return manifest["counts"]


def run_of(tagged: Mapping[str, Any]) -> str | None:
    """The flow run in an answer of ListTags."""
    return a_run({tag["Key"]: tag["Value"] for tag in tagged.get("Tags", [])}.get(FLOW_RUN_TAG))


def a_run(flow_run_id: str | None) -> str | None:
    return None if flow_run_id == NO_FLOW_RUN else flow_run_id
