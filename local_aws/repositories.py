"""The part of ECR for pulls: whether a container image exists, for the images that training and serving can run."""

from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.images import find_image


class Repositories:
    """ECR with BatchGetImage for any registry; the manifests have no layers."""

    def operations(self) -> Operations:
        return {("ecr", "BatchGetImage"): self.batch_get_image}

    def close(self) -> None:
        return

    def batch_get_image(self, call: Call) -> dict[str, Any]:
        registry, repository = call.parameters.get("registryId", ""), call.parameters["repositoryName"]
        images = [
            {"registryId": registry, "repositoryName": repository, "imageId": image, "imageManifest": "{}"}
            for image in call.parameters["imageIds"]
            if find_image(f"{registry}.dkr.ecr/{repository}:{image.get('imageTag')}")
        ]
        if not images:
            message = f"The repository with name '{repository}' does not exist in the registry with id '{registry}'"
            raise AwsError("RepositoryNotFoundException", message)
        return {"images": images, "failures": []}
