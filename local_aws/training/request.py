"""The refusals of CreateTrainingJob: requests that AWS refuses, and requests that local_aws cannot run."""

import re
from collections.abc import Mapping
from typing import Any

from local_aws.call import AwsError
from local_aws.images import Image, find_image, is_there
from local_aws.mounts import OPT_ML, obstacle

CHECKPOINTS = "/opt/ml/checkpoints"
DAY = 86_400  # seconds, the default MaxRuntimeInSeconds
NEEDED = ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition")
PULL = "ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"
MODES = {"File", "FastFile"}  # the two modes are the same for a script that reads files


def validate(spec: Mapping[str, Any]) -> Image:
    """Check a request and return its container image; ValidationException for what AWS refuses or local_aws cannot run."""
    if missing := [name for name in NEEDED if name not in spec]:
        raise invalid(f"local_aws runs no job without {' and '.join(missing)}.")
    algorithm = spec["AlgorithmSpecification"]
    require_s3(spec["OutputDataConfig"]["S3OutputPath"], "OutputDataConfig.S3OutputPath")
    if spec["OutputDataConfig"].get("CompressionType", "GZIP") != "GZIP":
        raise invalid("local_aws uploads the model as model.tar.gz only: OutputDataConfig.CompressionType must be GZIP.")
    names = [channel["ChannelName"] for channel in spec.get("InputDataConfig", [])]
    if len(set(names)) < len(names):
        raise invalid(f"Channel names must be unique, got {', '.join(names)}.")
    for channel in spec.get("InputDataConfig", []):
        validate_channel(channel, algorithm.get("TrainingInputMode", "File"))
    validate_spot(spec)
    if "CheckpointConfig" in spec:
        validate_checkpoints(spec["CheckpointConfig"])
    for metric in algorithm.get("MetricDefinitions", []):
        validate_regex(metric)
    if "InstanceCount" not in spec["ResourceConfig"]:
        raise invalid("ResourceConfig.InstanceCount is required: local_aws runs homogeneous clusters only.")
    return validate_image(algorithm, spec["RoleArn"])


def validate_channel(channel: Mapping[str, Any], job_mode: str) -> None:
    name, source = channel["ChannelName"], channel["DataSource"].get("S3DataSource")
    mode = channel.get("InputMode", job_mode)
    if source is None or source["S3DataType"] != "S3Prefix" or mode not in MODES or channel.get("CompressionType", "None") != "None":
        raise invalid(f"local_aws feeds uncompressed S3Prefix channels in File or FastFile mode; channel {name} asks for something else.")
    require_s3(source["S3Uri"], f"S3Uri of channel {name}")


def validate_spot(spec: Mapping[str, Any]) -> None:
    stopping, spot = spec["StoppingCondition"], spec.get("EnableManagedSpotTraining")
    wait, runtime = stopping.get("MaxWaitTimeInSeconds", 0), stopping.get("MaxRuntimeInSeconds", DAY)
    if spot and wait < runtime:
        raise invalid("Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds.")
    if wait and not spot:
        raise invalid("Invalid MaxWaitTimeInSeconds. It is of use to managed spot training only: set EnableManagedSpotTraining.")


def validate_checkpoints(config: Mapping[str, str]) -> None:
    require_s3(config["S3Uri"], "CheckpointConfig.S3Uri")
    if config.get("LocalPath", CHECKPOINTS).rstrip("/") != CHECKPOINTS:
        raise invalid(f"local_aws keeps checkpoints in {CHECKPOINTS} only; CheckpointConfig.LocalPath asks for {config['LocalPath']}.")


def validate_regex(metric: Mapping[str, str]) -> None:
    try:
        groups = re.compile(metric["Regex"]).groups
    except re.error as error:
        raise invalid(f"Invalid regular expression for metric {metric['Name']}: {error}.") from error
    if not groups:
        raise invalid(f"The regular expression of metric {metric['Name']} has no capture group for the value.")


def validate_image(algorithm: Mapping[str, Any], role: str) -> Image:
    uri = algorithm.get("TrainingImage", "")
    if not is_there(uri):
        raise invalid(
            f"Cannot find the requested image: {uri} with tag: {uri.rpartition(':')[2]} and digest: null. Please check if your ECR image "
            f"exists and role {role} has proper pull permissions for SageMaker: {PULL}"
        )
    image = find_image(uri)
    if image is None:
        registry, _, repository = uri.partition("/")
        raise invalid(
            f"Cannot find repository: {repository.split(':')[0]} in registry ID: {registry.split('.')[0]} Please check if your ECR "
            f"repository exists and role {role} has proper pull permissions for SageMaker: {PULL}"
        )
    if not algorithm.get("ContainerEntrypoint") and (not image.train or algorithm.get("ContainerArguments")):
        raise invalid(f"local_aws knows no default entrypoint of {uri}: give AlgorithmSpecification.ContainerEntrypoint.")
    words = " ".join([*algorithm.get("ContainerEntrypoint", []), *algorithm.get("ContainerArguments", [])])
    if OPT_ML in words and obstacle():
        raise invalid(f"The entrypoint names {OPT_ML}, which local_aws cannot give a container on this machine: {obstacle()}.")
    return image


def require_s3(uri: str, where: str) -> None:
    if not re.fullmatch(r"s3://[a-z0-9.-]{3,63}(/.*)?", uri):
        raise invalid(f"{where} must be an S3 URI such as s3://bucket/prefix, got {uri!r}.")


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
