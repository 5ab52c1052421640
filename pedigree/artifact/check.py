"""The checks of a model artifact before a deployment."""

from tempfile import TemporaryFile

from botocore.exceptions import ClientError

from pedigree.artifact.contents import read_checked
from pedigree.artifact.golden import Golden
from pedigree.aws.archives import BadArchive
from pedigree.aws.clients import client
from pedigree.aws.errors import is_missing
from pedigree.aws.naming import ARTIFACT_SHA256, CLASSES, key_of
from pedigree.aws.objects import hashed
from pedigree.values import Account, ModelVersion


def check_artifact(account: Account, version: ModelVersion) -> tuple[Golden | None, list[str]]:
    """The (golden images, no problems) of an artifact, or (None, the reasons against its deployment)."""
    try:
        return registered_golden(account, version), []
    except BadArchive as problem:
        return None, [f"{version.artifact}: {problem}"]


def registered_golden(account: Account, version: ModelVersion) -> Golden:
    """The golden images of the artifact that was registered; BadArchive where this is another one, or not as it must be."""
    package = client(account.credentials, "sagemaker").describe_model_package(ModelPackageName=version.arn)
    origin = package.get("CustomerMetadataProperties", {})
    if ARTIFACT_SHA256 not in origin:
        raise BadArchive(f"{version.name} was registered by an earlier release, without a copy that no training can change")
    with TemporaryFile() as file:
        try:
            sha256, _ = hashed(client(account.credentials, "s3"), version.artifact, file)
        except ClientError as error:
            if is_missing(error):
                raise BadArchive("there is no such object (any more)") from error
            raise
        if sha256 != origin[ARTIFACT_SHA256]:
            raise BadArchive(f"it is not the registered object: its SHA-256 is {sha256}, and {origin[ARTIFACT_SHA256]} was registered")
        file.seek(0)
        golden = read_checked(file)
    if key_of(classes=golden.classes) != origin.get(CLASSES):
        raise BadArchive(f"its {len(golden.classes)} classes are not those that were evaluated, or in another order")
    return golden
