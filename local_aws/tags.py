"""Tags of every SageMaker resource: moto finds only resources of its own, by name, and stores a repeated key twice."""

from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud

COLLECTIONS = (
    "training_jobs",
    "transform_jobs",
    "hyper_parameter_tuning_jobs",
    "endpoints",
    "endpoint_configs",
    "_models",
    "model_packages",
    "model_package_groups",
)


class SageMakerTags:
    """The calls AddTags, ListTags and DeleteTags, which take an ARN."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    @property
    def _books(self) -> Any:
        return self._cloud.books("sagemaker")

    def operations(self) -> Operations:
        return {
            ("sagemaker", "AddTags"): self.add,
            ("sagemaker", "ListTags"): self.list,
            ("sagemaker", "DeleteTags"): self.delete,
        }

    def add(self, call: Call) -> dict[str, Any]:
        resource = self._find(call)
        new = {tag["Key"] for tag in call.parameters["Tags"]}
        resource.tags = [tag for tag in resource.tags or [] if tag["Key"] not in new] + call.parameters["Tags"]
        return {"Tags": resource.tags}

    def list(self, call: Call) -> dict[str, Any]:
        return {"Tags": self._find(call).tags or []}

    def delete(self, call: Call) -> dict[str, Any]:
        resource = self._find(call)
        resource.tags = [tag for tag in resource.tags or [] if tag["Key"] not in call.parameters["TagKeys"]]
        return {}

    def _find(self, call: Call) -> Any:
        arn = call.parameters["ResourceArn"]
        for collection in COLLECTIONS:
            for resource in list(getattr(self._books, collection).values()):
                if resource.arn == arn:
                    return resource
        raise AwsError("ValidationException", f"Could not find resource {arn}: it does not exist, or local_aws keeps no tags of its kind.")
