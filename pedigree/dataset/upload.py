"""The upload of a dataset to S3, once: content-addressed, in parallel, resumable, with the manifest last."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from pedigree.aws.clients import S3Client, client
from pedigree.aws.objects import upload_once
from pedigree.dataset.inspect import Inspected
from pedigree.dataset.listing import ImageFile, Listing
from pedigree.dataset.manifest import read_manifest, write_manifest
from pedigree.dataset.shards import plan_shards, write_shard
from pedigree.dataset.weights import upload_weights
from pedigree.values import Account, Dataset, Outcome


def upload_dataset(account: Account, inspected: Inspected) -> Dataset:
    """Upload an inspected dataset under its key into the account's bucket, or adopt it; what is missing of it is uploaded again.

    The weights to start from go first.
    """
    if inspected.weights:
        upload_weights(account, inspected.weights)
    s3, listing = client(account.credentials, "s3"), inspected.listing
    prefix = f"datasets/{listing.key}/"
    manifest = read_manifest(account, listing.key)
    outcome: Outcome = "adopted"
    if manifest is None or missing_shards(s3, account.bucket, prefix, manifest["shards"]):
        shards = upload_shards(s3, account.bucket, prefix, listing)
        write_manifest(account, listing, shards)
        outcome = "updated" if manifest else "created"
    return Dataset(listing.key, f"s3://{account.bucket}/{prefix}", listing.classes, listing.counts, outcome, listing.warnings)


def missing_shards(s3: S3Client, bucket: str, prefix: str, shards: Collection[str]) -> set[str]:
    """The shards of a manifest that somebody has deleted."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {prefix + name for name in shards} - {entry["Key"] for page in pages for entry in page.get("Contents", [])}


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
