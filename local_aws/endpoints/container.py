"""The container of a model: container image, artifact and environment, from the model itself or from its model package."""

import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.call import AwsError
from local_aws.cloud import Cloud
from local_aws.s3_uri import split_s3_uri


@dataclass(frozen=True)
class Container:
    """A container to run; `model_data` is the S3 URI of a model.tar.gz, empty for a container image that includes its model."""

    image: str
    model_data: str
    environment: Mapping[str, str]
    role: str

    def fetch_model(self, s3: Any, folder: Path) -> None:
        """Create `folder` and unpack the artifact into it."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.model_data:
            bucket, key = split_s3_uri(self.model_data)
            body = s3.get_object(Bucket=bucket, Key=key)["Body"]
            with tarfile.open(fileobj=body, mode="r|*") as archive:
                archive.extractall(folder, filter="data")


def resolve_container(cloud: Cloud, definition: Mapping[str, Any], role: str) -> Container:
    """Resolve a CreateModel container; ValidationException when its model package is missing or not approved."""
    environment = dict(definition.get("Environment", {}))
    if "ModelPackageName" in definition:
        return resolve_package(cloud, definition["ModelPackageName"], environment, role)
    if "Image" not in definition or "ModelDataSource" in definition:
        raise invalid("local_aws serves a container with Image and ModelDataUrl, or with ModelPackageName.")
    return Container(definition["Image"], definition.get("ModelDataUrl", ""), environment, role)


def resolve_package(cloud: Cloud, name: str, environment: dict[str, str], role: str) -> Container:
    books = cloud.books("sagemaker")
    package = books.model_packages.get(books.model_package_name_mapping.get(name, name))
    if package is None:
        raise invalid(f"ModelPackage {name} does not exist.")
    if package.model_approval_status not in (None, "Approved"):
        raise invalid(
            f"Cannot deploy model package {package.arn}: its ModelApprovalStatus is {package.model_approval_status}, not Approved."
        )
    specified = package.inference_specification["Containers"][0]
    merged = {**specified.get("Environment", {}), **environment}
    return Container(specified["Image"], specified.get("ModelDataUrl", ""), merged, role)


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
