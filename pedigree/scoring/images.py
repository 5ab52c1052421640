"""The search for the images to score: in place in S3, or after an upload to S3."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from botocore.exceptions import ClientError

from pedigree.aws.clients import S3Client, client
from pedigree.aws.errors import AwsDenied, InvalidInput, may_pass
from pedigree.aws.failures import words_of
from pedigree.aws.naming import key_of
from pedigree.dataset.listing import SUFFIXES, sha256_of
from pedigree.dataset.source import ARCHIVES, fetched, unpacked
from pedigree.values import Account

LARGEST = 6_291_456  # bytes: the limit of the model server
READABLE = ("images/", "inputs/")  # folders of the project's bucket that the scoring role may read
UPLOADS = 16  # uploads at a time


@dataclass(frozen=True)
class Image:
    """An S3 object; its ETag identifies the content."""

    key: str
    etag: str


@dataclass(frozen=True)
class BadImage:
    """An image without a prediction, with the reason."""

    key: str
    reason: str


@dataclass(frozen=True)
class Images:
    """All images below a prefix, in the order of the keys; `bad` are images that are refused without a model."""

    bucket: str
    prefix: str
    good: tuple[Image, ...]
    bad: tuple[BadImage, ...]


def find_images(account: Account, uri: str) -> Images:
    """The images below an s3:// prefix, in place, or the images of a folder or archive, uploaded to `inputs/<key>/`.

    InvalidInput when there are no images, or when the role of the transform jobs may not read them.
    """
    s3 = client(account.credentials, "s3")
    if uri.startswith("s3://") and not uri.endswith(ARCHIVES):
        bucket, _, path = uri.removeprefix("s3://").partition("/")
        prefix = path.rstrip("/") + "/" if path.strip("/") else ""
        require_readable(account, uri, bucket, prefix)
    else:
        bucket, prefix = account.bucket, bring_images(s3, account.bucket, uri)
    listed = list_objects(s3, uri, bucket, prefix)
    reasons = {entry["Key"]: why_bad(entry["Key"], entry["Size"]) for entry in listed}
    good = tuple(Image(entry["Key"], entry["ETag"].strip('"')) for entry in listed if not reasons[entry["Key"]])
    if not good:
        raise wrong(uri, f"it has no image to score among its {len(listed)} objects", f"images end in {', '.join(sorted(SUFFIXES))}")
    return Images(bucket, prefix, good, tuple(BadImage(key, reason) for key, reason in reasons.items() if reason))


def why_bad(key: str, size: int) -> str:
    """The reason why an object is refused without opening it; empty for an image that goes to the model."""
    if PurePosixPath(key).suffix.lower() not in SUFFIXES:
        return f"its name does not end in {', '.join(sorted(SUFFIXES))}"
    if not size:
        return "it is empty"
    return f"it has {size:,} bytes, and the limit is {LARGEST:,}" if size > LARGEST else ""


def bring_images(s3: S3Client, bucket: str, uri: str) -> str:
    """Upload all files of a folder or archive and return their prefix, which is a hash of the content: existing files stay."""
    with TemporaryDirectory(prefix="pedigree-images-") as scratch:
        root = unpacked(uri, fetched(uri, Path(scratch), s3), Path(scratch) / "unpacked")
        files = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.is_file() and path.name[0] != "."}
        with ThreadPoolExecutor(UPLOADS) as pool:
            digests = list(pool.map(sha256_of, files.values()))
            prefix = f"inputs/{key_of(files=dict(zip(files, digests, strict=True)))}/"
            there = {entry["Key"] for entry in list_objects(s3, uri, bucket, prefix)}
            missing = {prefix + name: path for name, path in files.items() if prefix + name not in there}
            list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=missing[key].read_bytes()), missing))
    return prefix


def list_objects(s3: S3Client, uri: str, bucket: str, prefix: str) -> list[dict[str, Any]]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    try:
        return [dict(entry) for page in pages for entry in page.get("Contents", []) if not entry["Key"].endswith("/")]
    except (ClientError, AwsDenied) as error:
        if may_pass(error):
            raise
        raise wrong(uri, words_of(error), "check bucket and prefix, and that the orchestrator's role may list them") from error


def require_readable(account: Account, uri: str, bucket: str, prefix: str) -> None:
    if bucket == account.bucket and not prefix.startswith(READABLE):
        folders = " and ".join(f"s3://{bucket}/{folder}" for folder in READABLE)
        raise wrong(uri, f"the role of the transform jobs may read images in {folders} only", "put them there")


def wrong(uri: str, cause: str, action: str) -> InvalidInput:
    return InvalidInput("find images", uri, cause, f"{action}; nothing was created")
