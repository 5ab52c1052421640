"""The copy of a registered artifact: at `models/<key>/`, where only the orchestrator writes and from where models are served."""

from typing import Any

from boto3.s3.transfer import TransferConfig

from pedigree.aws.clients import client
from pedigree.aws.errors import SpecDiffers
from pedigree.aws.objects import hashed, head, split_uri
from pedigree.aws.resources.table import SERVED_ARTIFACT
from pedigree.values import Account

LARGEST_COPY = 5 * 2**30  # bytes of one CopyObject; what is larger is copied in parts
PART = 2**29


def served_uri(account: Account, key: str) -> str:
    """Where the artifact of the model package with this key is served from."""
    return f"s3://{account.bucket}/{SERVED_ARTIFACT.folder}/{key}/model.tar.gz"


def keep_artifact(account: Account, source: str, key: str, sha256: str) -> str:
    """URI of the copy, which is made where there is none; SpecDiffers where `source` has not the bytes that were evaluated.

    The key of a package holds the SHA-256, so a copy that is there has these bytes. What is copied is the very version of the object
    that was read for its digest, whoever writes to `source` meanwhile.
    """
    s3, uri = client(account.credentials, "s3"), served_uri(account, key)
    bucket, target = split_uri(uri)
    if head(s3, bucket, target):
        return uri
    found, answer = hashed(s3, source)
    if found != sha256:
        cause = f"its SHA-256 is {found}, but the evaluation job saw {sha256}: somebody changed it since"
        raise SpecDiffers("registry", source, cause, "find out who writes there, then train again with another training.fresh")
    looked_at: Any = dict(zip(("Bucket", "Key"), split_uri(source), strict=True))
    if version := answer.get("VersionId"):
        looked_at["VersionId"] = version
    s3.copy(
        looked_at,
        bucket,
        target,
        ExtraArgs={
            "CopySourceIfMatch": answer["ETag"],
            "MetadataDirective": "REPLACE",
            "TaggingDirective": "REPLACE",
            "Metadata": {"sha256": sha256, "flow-run": account.run},
        },
        Config=TransferConfig(multipart_threshold=LARGEST_COPY, multipart_chunksize=PART),
    )
    return uri
