"""The training job as SageMaker is asked for it: pure functions of the settings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pedigree.aws.errors import InvalidInput
from pedigree.aws.extra import with_extra
from pedigree.aws.identity import identify
from pedigree.aws.naming import Tag, first_attempt
from pedigree.settings import Training
from pedigree.values import Account, Dataset

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import (
        AlgorithmSpecificationTypeDef,
        ChannelTypeDef,
        CreateTrainingJobRequestTypeDef,
        ResourceConfigTypeDef,
        S3DataSourceTypeDef,
        StoppingConditionTypeDef,
    )

SPLITS = ("train", "valid", "test")
PREPARATION = (
    "cd ${SAGEMAKER_BASE_DIR:-/opt/ml}/input/data/code"
    # a bare channel installs nothing, and AWS's image may lack what model/requirements.txt names
    " && (python -c 'import safetensors' 2>/dev/null || python -m pip install --quiet -r model/requirements.txt)"
)
ENTRYPOINT = f"{PREPARATION} && exec python -m model.train"
METRICS = (
    *("train:loss", "train:accuracy", "valid:loss", "valid:accuracy", "test:loss", "test:accuracy"),
    *("epoch:seconds", "epoch:images_per_second"),  # of the last epoch
    *("distributed:ranks", "distributed:disjoint", "distributed:covered", "distributed:equal_hashes"),  # of several instances or GPUs
)
QUEUEING_SECONDS = 3600  # what a job may wait for its instances, on top of its own runtime
FRAMEWORK_VERSION, PYTHON_VERSION = "2.10", "py313"
PLACEMENT = {  # fields of Training that are no hyperparameters, each with the reason
    "weights": "a channel, whose address is made of the content, and by that in the key",
    "instance_type": "where it runs",
    "instance_count": "a part of the key",
    "fallback_instance_types": "where it runs",
    "spot": "where it runs",
    "compare": "it adds a training of its own",
    "max_runtime_seconds": "how long it may run",
    "volume_gb": "where it runs",
    "image": "a part of the key",
    "fresh": "a part of the key",
    "retry_failed": "whether there is another attempt",
    "extra": "in the request as it stands, and by that in the key",
}


def training_key(request: Mapping[str, Any], training: Training) -> str:
    """Hash of what decides the outcome: where and how long the job runs is not part of it, nor which attempt it is."""
    return identify(
        "training job",
        request,
        dataset=request["Environment"]["PEDIGREE_DATASET"],
        code=request["Environment"]["PEDIGREE_CODE"],
        parameters=request["HyperParameters"],
        image=image_name(training),
        entrypoint=request["AlgorithmSpecification"]["ContainerEntrypoint"][-1],
        instances=request["ResourceConfig"]["InstanceCount"],
        fresh=training.fresh,
    )


def image_name(training: Training) -> str:
    """The image as keys know it: AWS has one of the same content for CPU and one for GPU."""
    return training.image or f"pytorch {FRAMEWORK_VERSION} {PYTHON_VERSION}"


def hyperparameters(training: Training) -> dict[str, str]:
    """All fields of the training but its placement, as model.train reads them; SageMaker takes strings only."""
    return {name: str(value).lower() for name, value in training if name not in PLACEMENT}


@dataclass(frozen=True)
class JobParts:
    """The parts of every request for a job that runs `model/`; `code` is the URI of the code channel, `image` the container image."""

    account: Account
    dataset: Dataset
    code: str
    training: Training
    image: str
    tags: Sequence[Tag] = ()


def training_job_request(name: str, parts: JobParts) -> "CreateTrainingJobRequestTypeDef":
    """CreateTrainingJob: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html"""
    account, dataset, code, training = parts.account, parts.dataset, parts.code, parts.training
    request: CreateTrainingJobRequestTypeDef = {
        "TrainingJobName": name,
        "RoleArn": account.training_role,
        "AlgorithmSpecification": algorithm(parts.image, ENTRYPOINT, METRICS),
        "HyperParameters": hyperparameters(training),
        "InputDataConfig": [
            channel("code", code),
            *(channel(split, f"{dataset.uri}{split}/") for split in SPLITS),
            *([channel("weights", weights_folder(account, training.weights))] if training.weights else []),
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{account.bucket}/training"},
        "ResourceConfig": instances(training, training.instance_count),
        # a job that begins anew, as the next attempt or after a spot interruption, goes on from there
        "CheckpointConfig": {"S3Uri": f"s3://{account.bucket}/checkpoints/{first_attempt(name)}/", "LocalPath": "/opt/ml/checkpoints"},
        "EnableManagedSpotTraining": training.spot,
        "StoppingCondition": stopping_condition(training),
        "Environment": {"PEDIGREE_DATASET": dataset.key, "PEDIGREE_CODE": code.rstrip("/").rsplit("/", 1)[-1]},
        "Tags": list(parts.tags),
    }
    return with_extra(request, training.extra, "training.extra")


def weights_folder(account: Account, uri: str) -> str:
    """The channel of weights at their address in the bucket; InvalidInput for any other address."""
    if not uri.startswith(f"s3://{account.bucket}/weights/"):
        cause = "a job reads them from the bucket, under their content"
        raise InvalidInput("training.weights", uri, cause, "give them to inspect_dataset, and train with what its `starting` gives")
    return uri.rpartition("/")[0] + "/"


def instances(training: Training, count: int) -> "ResourceConfigTypeDef":
    instance_type: Any = training.instance_type  # AWS offers new types before the stubs know them
    return {"InstanceType": instance_type, "InstanceCount": count, "VolumeSizeInGB": training.volume_gb}


def stopping_condition(training: Training) -> "StoppingConditionTypeDef":
    """Only a spot job has a limit of its own for running and waiting together."""
    if training.spot:
        longest = training.max_runtime_seconds + QUEUEING_SECONDS
        return {"MaxRuntimeInSeconds": training.max_runtime_seconds, "MaxWaitTimeInSeconds": longest}
    return {"MaxRuntimeInSeconds": training.max_runtime_seconds}


def algorithm(image: str, entrypoint: str, metrics: Iterable[str]) -> "AlgorithmSpecificationTypeDef":
    """SageMaker finds a metric as `<name>=<value>` in the job's log."""
    return {
        "TrainingImage": image,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["bash", "-c", entrypoint],
        "MetricDefinitions": [{"Name": name, "Regex": rf"(?:^|\s){name}=(\S+)"} for name in metrics],
    }


def channel(name: str, uri: str) -> "ChannelTypeDef":
    source: S3DataSourceTypeDef = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}
