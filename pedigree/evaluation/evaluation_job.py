"""The evaluation job as SageMaker is asked for it: pure functions, like those of the training job."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pedigree.aws.extra import with_extra
from pedigree.aws.identity import identify
from pedigree.settings import Training
from pedigree.trained_model import TrainedModel
from pedigree.training.training_job import PREPARATION, JobParts, algorithm, channel, image_name, instances
from pedigree.values import Champion, Dataset

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import CreateTrainingJobRequestTypeDef

ENTRYPOINT = f"{PREPARATION} && exec python -m model.compare"
METRICS = ("candidate:accuracy", "champion:accuracy")


def comparison_key(request: Mapping[str, Any], *, dataset_key: str, code_key: str, training: Training) -> str:
    """Hash of the models, the test images and what asks them; an artifact's address names its training job and attempt, or its package."""
    uris = {each["ChannelName"]: each["DataSource"]["S3DataSource"]["S3Uri"] for each in request["InputDataConfig"]}
    return identify(
        "evaluation job",
        request,
        candidate=uris["candidate"],
        champion=uris.get("champion"),
        dataset=dataset_key,
        code=code_key,
        image=image_name(training),
        entrypoint=request["AlgorithmSpecification"]["ContainerEntrypoint"][-1],
    )


def comparison_job_request(
    name: str, parts: JobParts, *, trained: TrainedModel, champion: Champion | None
) -> "CreateTrainingJobRequestTypeDef":
    """CreateTrainingJob: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html"""
    account, training = parts.account, parts.training
    channels = {"code": parts.code, **models_asked(parts.dataset, trained, champion)}
    request: CreateTrainingJobRequestTypeDef = {
        "TrainingJobName": name,
        "RoleArn": account.evaluation_role,  # what trains may not write what decides about it
        "AlgorithmSpecification": algorithm(parts.image, ENTRYPOINT, METRICS),
        "InputDataConfig": [channel(channel_name, uri) for channel_name, uri in channels.items()],
        "OutputDataConfig": {"S3OutputPath": f"s3://{account.bucket}/evaluations"},
        "ResourceConfig": instances(training, 1),
        "StoppingCondition": {"MaxRuntimeInSeconds": training.max_runtime_seconds},
        "Tags": list(parts.tags),
    }
    return with_extra(request, training.extra, "training.extra")  # network and keys of a training hold for what asks its model


def models_asked(dataset: Dataset, trained: TrainedModel, champion: Champion | None) -> dict[str, str]:
    """{channel: URI} of the test images and of the models that are asked about them."""
    beside = {"champion": champion.artifact} if champion else {}
    return {"test": f"{dataset.uri}test/", "candidate": trained.artifact, **beside}
