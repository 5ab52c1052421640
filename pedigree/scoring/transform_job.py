"""The chunks of a score, and the request for a chunk's transform job: pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pedigree.aws.identity import identify
from pedigree.aws.naming import first_attempt, job_name, tag_list
from pedigree.endpoint.config import ENVIRONMENT
from pedigree.scoring.images import Image, Images
from pedigree.settings import Scoring
from pedigree.values import Account

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import CreateTransformJobRequestTypeDef

# the model answers a refused image with status 200 too: an error status would fail the job
CONTENT_TYPE, ACCEPT = "application/x-image;refusals=answered", "application/json;labels"
COUNT = "PEDIGREE_IMAGES"  # environment variable of the job
AT_ONCE = 4  # requests at once to one instance
MAX_PAYLOAD_MB = 7  # above the largest image, whether AWS counts 1000 or 1024 KB a megabyte


@dataclass(frozen=True)
class Chunk:
    """The images of one transform job; `key` is a hash of images and model, so that no image is predicted twice."""

    key: str
    first: int
    bucket: str
    images: tuple[Image, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.images) - 1

    def name(self, project: str) -> str:
        """The name of the job's first attempt, and of its folder."""
        return job_name(project, "score", self.key)


def cut(account: Account, images: Images, package: str, scoring: Scoring) -> list[Chunk]:
    """Cut the images into chunks; new images at the end of the keys do not change the full chunks."""
    size = scoring.images_per_job
    starts = range(0, len(images.good), size)
    chunks = [Chunk("", 1 + start, images.bucket, images.good[start : start + size]) for start in starts]
    request_of = partial(transform_job_request, "", account=account, model="", scoring=scoring)
    return [replace(chunk, key=chunk_key(request_of(chunk=chunk), package, chunk)) for chunk in chunks]


def chunk_key(request: Mapping[str, Any], package: str, chunk: Chunk) -> str:
    content, types = [[image.key, image.etag] for image in chunk.images], [CONTENT_TYPE, ACCEPT]
    return identify("transform job", request, package=package, environment=ENVIRONMENT, types=types, bucket=chunk.bucket, images=content)


def folder_of(name: str) -> str:
    """The folder in the account's bucket for all attempts at a job."""
    return f"scores/{first_attempt(name)}/"


def manifest_of(chunk: Chunk) -> list[Any]:
    """The manifest with whole keys, so that the name of an answer has the whole key, whichever prefix AWS removes.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformS3DataSource.html
    """
    return [{"prefix": f"s3://{chunk.bucket}/"}, *(image.key for image in chunk.images)]


def transform_job_request(name: str, *, account: Account, model: str, chunk: Chunk, scoring: Scoring) -> "CreateTransformJobRequestTypeDef":
    """CreateTransformJob: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html"""
    folder = f"s3://{account.bucket}/{folder_of(name)}"
    instance_type: Any = scoring.instance_type  # AWS offers new types before the stubs know them
    request: CreateTransformJobRequestTypeDef = {
        "TransformJobName": name,
        "ModelName": model,
        "MaxConcurrentTransforms": AT_ONCE,
        "MaxPayloadInMB": MAX_PAYLOAD_MB,
        "BatchStrategy": "SingleRecord",
        "ModelClientConfig": {"InvocationsTimeoutInSeconds": 60, "InvocationsMaxRetries": 3},
        "Environment": {COUNT: str(len(chunk.images))},
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": f"{folder}manifest.json"}},
            "ContentType": CONTENT_TYPE,
            "SplitType": "None",
        },
        "TransformOutput": {"S3OutputPath": f"{folder}answers", "Accept": ACCEPT, "AssembleWith": "None"},
        "TransformResources": {"InstanceType": instance_type, "InstanceCount": 1},
        "Tags": tag_list(account, chunk.key),
    }
    return request
