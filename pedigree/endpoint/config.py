"""Model, endpoint config and endpoint as SageMaker is asked for them: pure functions."""

from typing import Any

from pedigree.aws.naming import job_name, key_of
from pedigree.settings import Serving
from pedigree.values import Account, ModelVersion

VARIANT = "AllTraffic"
ENVIRONMENT = {  # where AWS's inference toolkit finds the code in the artifact
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
}


def model_request(account: Account, version: ModelVersion, tags: list[dict[str, str]]) -> dict[str, Any]:
    key = key_of(package=version.arn, environment=ENVIRONMENT)
    return {
        "ModelName": job_name(account.project, "model", key),
        "PrimaryContainer": {"ModelPackageName": version.arn, "Environment": ENVIRONMENT},
        "ExecutionRoleArn": account.serving_role,
        "Tags": tags,
    }


def endpoint_config_request(account: Account, model_name: str, serving: Serving, tags: list[dict[str, str]]) -> dict[str, Any]:
    variant = {
        "VariantName": VARIANT,
        "ModelName": model_name,
        "InstanceType": serving.instance_type,
        "InitialInstanceCount": serving.initial_instance_count,
        "InitialVariantWeight": 1.0,
        "ContainerStartupHealthCheckTimeoutInSeconds": serving.startup_seconds,
        "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},  # else at random, behind a busy one though others are idle
    }
    return {
        "EndpointConfigName": job_name(account.project, "config", key_of(variant=variant)),
        "ProductionVariants": [variant],
        "Tags": tags,
    }
