"""The addresses of resources in the AWS console: pure functions.

A model package has no address here: only SageMaker Studio shows the registry, under the address of a Studio domain.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-view.html
"""

from typing import Any

from pedigree.aws.console import alias_url, endpoint_url, folder_url, training_job_url
from pedigree.trained_model import Comparison, TrainedModel
from pedigree.values import Dataset, Endpoint, FunctionVersion, ScalingPolicy


def console_url(region: str, value: Any) -> str | None:
    """The address of the page about a stage's result; None when the result has no page."""
    match value:
        case Dataset():
            return folder_url(region, value.uri)
        case TrainedModel(kind="ec2"):
            return folder_url(region, value.artifact.rpartition("output/")[0])  # the instance is gone
        case TrainedModel() | Comparison():
            return training_job_url(region, value.job_name)
        case Endpoint():
            return endpoint_url(region, value.name)
        case ScalingPolicy():
            return endpoint_url(region, value.resource.split("/")[1])  # endpoint/<name>/variant/<variant>
        case FunctionVersion():
            return alias_url(region, value.name, value.alias)
    return None
