"""The upload of a dataset to S3, once: content-addressed, in parallel, resumable, with the manifest last."""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pedigree.aws.clients import S3Client, client
from pedigree.aws.objects import put_json, read_json, upload_once
from pedigree.dataset.inspect import ImageFile, Listing, list_images, require_valid
from pedigree.dataset.shards import plan_shards, write_shard
from pedigree.dataset.source import local_copy
from pedigree.values import Account, Dataset, Outcome

LOG = logging.getLogger(__name__)


def upload_dataset(account: Account, uri: str) -> Dataset:
    """Upload the dataset at `uri` (folder, .zip, .tar.gz, https:// or s3://) under its key into the account's bucket.

    Raises InvalidInput with all problems before anything is uploaded. An existing manifest marks a complete dataset.
    """
    s3 = client(account.credentials, "s3")
    with local_copy(uri, s3) as root:
        listing = list_images(root)
        prefix = f"datasets/{listing.key}/"
        outcome: Outcome = "adopted"
        if read_json(s3, account.bucket, f"{prefix}manifest.json") is None:
            require_valid(uri, listing)
            shards = upload_shards(s3, account.bucket, prefix, listing)
            put_json(s3, account.bucket, f"{prefix}manifest.json", manifest_of(listing, shards))
            outcome = "created"
    for warning in listing.warnings:
        LOG.warning(warning)
    return Dataset(listing.key, f"s3://{account.bucket}/{prefix}", listing.classes, listing.counts, outcome, listing.warnings)


def upload_shards(s3: S3Client, bucket: str, prefix: str, listing: Listing) -> list[str]:
    """Upload all shards to S3 and return their names."""
    shards = dict(plan_shards(listing.images))
    with TemporaryDirectory(prefix="pedigree-shards-") as scratch, ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(partial(upload_shard, s3, bucket, prefix, Path(scratch)), shards.items()))
    return list(shards)


def upload_shard(s3: S3Client, bucket: str, prefix: str, scratch: Path, shard: tuple[str, list[ImageFile]]) -> None:
    name, images = shard
    file = scratch / name.replace("/", "-")
    write_shard(images, file)
    upload_once(s3, bucket, prefix + name, file)
    file.unlink()


def manifest_of(listing: Listing, shards: list[str]) -> dict[str, Any]:
    return {
        "key": listing.key,
        "classes": listing.classes,
        "counts": listing.counts,
        "shards": shards,
        "images": {f"{image.split}/{image.name}": image.sha256 for image in listing.images},
    }
