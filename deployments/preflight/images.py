"""Checks of the container images of training and serving: their URIs, and whether they can be pulled."""

import re

from botocore.exceptions import ClientError

from deployments.preflight.check import DENIED, Answer, missing, ok, unknown
from deployments.preflight.survey import Survey
from pedigree.aws.errors import code_of
from pedigree.aws.images import pytorch_image
from pedigree.registry import versions as registry
from pedigree.training import training_job as request

ECR = re.compile(r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<repository>[^:@]+):(?P<tag>.+)")


def training_image(survey: Survey) -> Answer:
    training = survey.plan.training
    return pullable(
        survey, training.image, "training", training.instance_type, request.FRAMEWORK_VERSION, request.PYTHON_VERSION, "training.image"
    )


def serving_image(survey: Survey) -> Answer:
    serving = survey.plan.serving
    return pullable(
        survey, serving.image, "inference", serving.instance_type, registry.FRAMEWORK_VERSION, registry.PYTHON_VERSION, "serving.image"
    )


def pullable(survey: Survey, given: str | None, scope: str, instance_type: str, version: str, python: str, setting: str) -> Answer:
    region = survey.access.region
    try:
        uri = given or pytorch_image(scope, region=region, version=version, python=python, instance_type=instance_type)
    except ValueError as error:
        return missing(f"AWS has no PyTorch {version} image for {instance_type} in {region}: {error}", f"set {setting} to your own")
    match = ECR.fullmatch(uri)
    if match is None:
        return unknown(f"{uri} is not in an ECR repository", f"SageMaker pulls from ECR: set {setting} to a container image in ECR")
    ecr = survey.access.client("ecr", match["region"])
    try:
        answer = ecr.batch_get_image(
            registryId=match["registry"], repositoryName=match["repository"], imageIds=[{"imageTag": match["tag"]}]
        )
    except ClientError as error:
        return refused(uri, setting, error)
    return ok(uri) if answer["images"] else missing(f"there is no container image {uri}", f"set {setting} to one that exists")


def refused(uri: str, setting: str, error: ClientError) -> Answer:
    if code_of(error) == "RepositoryNotFoundException":
        return missing(f"{uri}: there is no such repository", f"set {setting} to a container image that exists")
    if code_of(error) in DENIED:
        return unknown(f"{uri}; this profile may not check whether it exists", "run it with a profile that has ecr:BatchGetImage")
    raise error
