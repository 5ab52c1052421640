"""The launch of a transform job's model server: the container of its model, with SageMaker's variables for batch transform."""

import tarfile
import zlib
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.capacity import Capacity
from local_aws.cloud import Cloud
from local_aws.endpoints.container import Container
from local_aws.endpoints.instance import Launch
from local_aws.endpoints.models import SERVICE
from local_aws.iam.on_behalf import missing_pull, pull_denied
from local_aws.iam.roles import assume_execution_role
from local_aws.images import find_image, image_environment
from local_aws.training.run import NO_CAPACITY
from local_aws.transform.job import Job, TransformFailed

STARTUP_SECONDS = 300.0


def prepare(cloud: Cloud, capacity: Capacity, container: Container, job: Job, s3: Any) -> Launch:
    """Fetch the model with the rights of its role; TransformFailed when instances, container image or artifact are not available."""
    if capacity.lacks(job.spec["TransformResources"]["InstanceType"]):
        raise TransformFailed(NO_CAPACITY)
    image = find_image(container.image)
    if image is None or not image.serve:
        raise TransformFailed(
            f'ClientError: The image "{container.image}" does not exist or cannot serve: local_aws has no command for it.'
        )
    if missing := missing_pull(cloud, container.role, container.image):
        raise TransformFailed(f"ClientError: {pull_denied(container.role, missing, container.image)}")
    base = cloud.state / "transform" / job.name
    try:
        container.fetch_model(s3, base / "model")
    except (ClientError, BotoCoreError, OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise TransformFailed(f"ClientError: Failed to download model data from {container.model_data}: {error}") from error
    environment = {
        **image_environment(image, cloud.state / "images"),
        **container.environment,
        **job.spec.get("Environment", {}),
        **batch_environment(job),
        **assume_execution_role(cloud, container.role, SERVICE),
    }
    return Launch(image.serve, environment, base, STARTUP_SECONDS)


def batch_environment(job: Job) -> dict[str, str]:
    """The environment variables of batch transform: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html"""
    return {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(job.spec.get("MaxPayloadInMB", 6)),
        "SAGEMAKER_BATCH_STRATEGY": {"MultiRecord": "MULTI_RECORD"}.get(job.spec.get("BatchStrategy", ""), "SINGLE_RECORD"),
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(max(1, job.spec.get("MaxConcurrentTransforms", 1))),
    }
