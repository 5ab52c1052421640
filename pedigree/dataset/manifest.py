"""The manifest of a dataset in S3: its classes, counts, shards and images. It is written last, and so marks a complete dataset."""

from typing import TypedDict

from pedigree.aws.clients import client
from pedigree.aws.objects import put_json, read_json
from pedigree.dataset.listing import Listing
from pedigree.values import Account


class Manifest(TypedDict):
    """The content of `manifest.json`; `images` are the SHA-256 by `<split>/<class>/<file>`."""

    key: str
    classes: list[str]
    counts: dict[str, int]
    shards: list[str]
    images: dict[str, str]


def manifest_key(dataset_key: str) -> str:
    """Where the manifest of a dataset lies in the account's bucket."""
    return f"datasets/{dataset_key}/manifest.json"


def read_manifest(account: Account, dataset_key: str) -> Manifest | None:
    """The manifest of the dataset; None when there is none (any more)."""
    found: Manifest | None = read_json(client(account.credentials, "s3"), account.bucket, manifest_key(dataset_key))
    return found


def write_manifest(account: Account, listing: Listing, shards: list[str]) -> None:
    manifest: Manifest = {
        "key": listing.key,
        "classes": list(listing.classes),
        "counts": listing.counts,
        "shards": shards,
        "images": {f"{image.split}/{image.name}": image.sha256 for image in listing.images},
    }
    put_json(client(account.credentials, "s3"), account.bucket, manifest_key(listing.key), manifest)
