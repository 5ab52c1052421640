"""ECR as far as a pull goes: whether an image is there, for the images that training and serving know."""

from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.images import find_image


class Repositories:
    """BatchGetImage of any registry; there are no layers behind the manifests."""

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
