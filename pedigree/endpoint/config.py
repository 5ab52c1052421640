"""Model, endpoint config and endpoint as SageMaker is asked for them: pure functions."""

from typing import TYPE_CHECKING, Any

from pedigree.aws.extra import with_extra
from pedigree.aws.identity import identify
from pedigree.aws.naming import Tag, job_name
from pedigree.settings import Serving
from pedigree.values import Account, ModelVersion

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import CreateEndpointConfigInputTypeDef, CreateModelInputTypeDef, ProductionVariantTypeDef

VARIANT = "AllTraffic"
ENVIRONMENT = {  # where AWS's inference toolkit finds the code in the artifact
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
}


def model_request(account: Account, version: ModelVersion, serving: Serving, tags: list[Tag]) -> "CreateModelInputTypeDef":
    wanted: CreateModelInputTypeDef = {
        "ModelName": "",
        "PrimaryContainer": {"ModelPackageName": version.arn, "Environment": ENVIRONMENT},
        "ExecutionRoleArn": account.serving_role,
        "Tags": tags,
    }
    request = with_extra(wanted, serving.extra_model, "serving.extra_model")
    key = identify("model", request, package=version.arn, environment=request["PrimaryContainer"]["Environment"])
    return {**request, "ModelName": job_name(account.project, "model", key)}


def endpoint_config_request(account: Account, model_name: str, serving: Serving, tags: list[Tag]) -> "CreateEndpointConfigInputTypeDef":
    instance_type: Any = serving.instance_type  # AWS offers new types before the stubs know them
    variant: ProductionVariantTypeDef = {
        "VariantName": VARIANT,
        "ModelName": model_name,
        "InstanceType": instance_type,
        "InitialInstanceCount": serving.initial_instance_count,
        "InitialVariantWeight": 1.0,
        "ContainerStartupHealthCheckTimeoutInSeconds": serving.startup_seconds,
        "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},  # else at random, behind a busy one though others are idle
    }
    wanted: CreateEndpointConfigInputTypeDef = {"EndpointConfigName": "", "ProductionVariants": [variant], "Tags": tags}
    request = with_extra(wanted, serving.extra_endpoint_config, "serving.extra_endpoint_config")
    key = identify("endpoint config", request, variant=request["ProductionVariants"][0])
    return {**request, "EndpointConfigName": job_name(account.project, "config", key)}
