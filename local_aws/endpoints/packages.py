"""The model registry: moto keeps groups and model packages, and this module adds the rules that moto lacks."""

import threading
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.endpoints.container import invalid


class ModelPackages:
    """Registry calls: ClientToken makes CreateModelPackage idempotent, versions are never reused, updates keep other fields."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._lock = threading.Lock()
        self._by_token: dict[str, str] = cloud.memory.shelf("sagemaker", "client tokens", dict)  # ClientToken -> ARN
        self._last_version: dict[str, int] = cloud.memory.shelf("sagemaker", "last versions", dict)

    @property
    def _books(self) -> Any:
        return self._cloud.books("sagemaker")

    def operations(self) -> Operations:
        return {
            ("sagemaker", "CreateModelPackageGroup"): self.create_group,
            ("sagemaker", "DeleteModelPackageGroup"): self.delete_group,
            ("sagemaker", "CreateModelPackage"): self.create,
            ("sagemaker", "DescribeModelPackage"): self.describe,
            ("sagemaker", "UpdateModelPackage"): self.update,
            ("sagemaker", "DeleteModelPackage"): self.delete,
        }

    def create_group(self, call: Call) -> dict[str, Any]:
        name = call.parameters["ModelPackageGroupName"]
        with self._lock:
            if name in self._books.model_package_groups:
                raise invalid(f"Model Package Group already exists: {self._books.model_package_groups[name].arn}")
            description, tags = call.parameters.get("ModelPackageGroupDescription"), call.parameters.get("Tags")
            return {"ModelPackageGroupArn": self._books.create_model_package_group(name, description, tags)}

    def delete_group(self, call: Call) -> dict[str, Any]:
        name = call.parameters["ModelPackageGroupName"]
        with self._lock:
            self._books.describe_model_package_group(name)
            if any(package.model_package_group_name == name for package in self._books.model_packages.values()):
                raise AwsError("ConflictException", f"Model package group {name} still has model packages: delete them first.")
            del self._books.model_package_groups[name]
        return {}

    def create(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        token, group = asked.get("ClientToken"), group_name(asked.get("ModelPackageGroupName"))
        if group and asked.get("Tags"):
            raise invalid("Tags are not supported for a versioned model package: tag its model package group.")
        with self._lock:
            if token in self._by_token:
                return {"ModelPackageArn": self._by_token[token]}
            package = self._create(asked, group)
            if token:
                self._by_token[token] = package.arn
        return {"ModelPackageArn": package.arn}

    def describe(self, call: Call) -> dict[str, Any]:
        return dict(self._find(call.parameters["ModelPackageName"]).gen_response_object())

    def update(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        package = self._find(asked["ModelPackageArn"])
        if "ModelApprovalStatus" in asked:
            package.set_model_approval_status(asked["ModelApprovalStatus"])
        if "ApprovalDescription" in asked:
            package.approval_description = asked["ApprovalDescription"]
        kept = {**(package.customer_metadata_properties or {}), **asked.get("CustomerMetadataProperties", {})}
        gone = asked.get("CustomerMetadataPropertiesToRemove", [])
        package.customer_metadata_properties = {key: value for key, value in kept.items() if key not in gone}
        package.modifications_done()
        return {"ModelPackageArn": package.arn}

    def delete(self, call: Call) -> dict[str, Any]:
        with self._lock:
            package = self._find(call.parameters["ModelPackageName"])
            del self._books.model_packages[package.arn]
            for token in [token for token, arn in self._by_token.items() if arn == package.arn]:
                del self._by_token[token]
        return {}

    def _create(self, asked: dict[str, Any], group: str | None) -> Any:
        fields = {parameter: asked.get(member) for parameter, member in MEMBERS.items()}
        unheard = dict.fromkeys(("validation_specification", "source_algorithm_specification"))
        arn = self._books.create_model_package(model_package_group_name=group, certify_for_marketplace=False, **unheard, **fields)
        package = self._books.model_packages[arn]
        if group is None:
            return package
        version = self._last_version[group] = self._last_version.get(group, 0) + 1
        if package.model_package_version != version:  # moto counts the packages that are left, so it would reuse a version
            self._renumber(package, version)
        return package

    def _renumber(self, package: Any, version: int) -> None:
        del self._books.model_packages[package.arn]
        package.model_package_version = version
        package.arn = f"{package.arn.rpartition('/')[0]}/{version}"
        self._books.model_packages[package.arn] = package
        self._books.model_package_name_mapping[package.arn] = package.arn

    def _find(self, name: str) -> Any:
        package = self._books.model_packages.get(self._books.model_package_name_mapping.get(name, name))
        if package is None:
            raise invalid(f"ModelPackage {name} does not exist.")
        return package


MEMBERS = {
    "model_package_name": "ModelPackageName",
    "model_package_description": "ModelPackageDescription",
    "inference_specification": "InferenceSpecification",
    "tags": "Tags",
    "model_approval_status": "ModelApprovalStatus",
    "metadata_properties": "MetadataProperties",
    "model_metrics": "ModelMetrics",
    "client_token": "ClientToken",
    "customer_metadata_properties": "CustomerMetadataProperties",
    "drift_check_baselines": "DriftCheckBaselines",
    "domain": "Domain",
    "task": "Task",
    "sample_payload_url": "SamplePayloadUrl",
    "additional_inference_specifications": "AdditionalInferenceSpecifications",
}


def group_name(name_or_arn: str | None) -> str | None:
    return name_or_arn.rpartition("/")[2] if name_or_arn else None
