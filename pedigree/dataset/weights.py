"""The weights to start from: one file, looked at before anything is paid, then kept in the bucket under its content."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pedigree.aws.clients import client
from pedigree.aws.naming import KEY_LENGTH
from pedigree.aws.objects import split_uri, upload_once
from pedigree.dataset.source import Kind, fetched
from pedigree.dataset.state_dict import why_no_state_dict
from pedigree.values import Account

ENDINGS = (".pth", ".pt", ".safetensors")
GIVEN = f"a state dict as torchvision publishes it, one file that ends in {', '.join(ENDINGS)}"
FILE = Kind("training.weights", "file of weights", GIVEN, ENDINGS)
MOST_GB = 5  # the largest that torchvision publishes has 2.6 GB
PUBLISHED = re.compile(r"-([0-9a-f]{8})\.pth$")  # torchvision puts the first digits of the SHA-256 into the name


@dataclass(frozen=True)
class Weights:
    """A state dict on this machine, and its address in the bucket of the account, which its content decides."""

    path: Path
    uri: str


def read_weights(account: Account, source: str, scratch: Path) -> Weights:
    """Bring the file at `source` (a path, https:// or s3://) here; InvalidInput for what can be no state dict."""
    FILE.require_ending(source, urlsplit(source).path)
    path = fetched(source, scratch, client(account.credentials, "s3"), FILE)
    if cause := why_unusable(path):
        raise FILE.wrong(source, cause, f"give {GIVEN}; nothing was created")
    return Weights(path, address_of(account, path))


def upload_weights(account: Account, weights: Weights) -> None:
    """Upload the file to its address, unless it is there; InvalidInput for one that has changed meanwhile."""
    if address_of(account, weights.path) != weights.uri:
        raise FILE.wrong(str(weights.path), "it has changed since it was inspected", "run again")
    upload_once(client(account.credentials, "s3"), *split_uri(weights.uri), weights.path)


def address_of(account: Account, path: Path) -> str:
    return f"s3://{account.bucket}/weights/{digest_of(path)[:KEY_LENGTH]}/{path.name}"


def why_unusable(path: Path) -> str | None:
    """The reason why no training could begin with this file; None for one that a training can try."""
    if not path.is_file():
        return "it is a folder"
    if path.stat().st_size > MOST_GB * 10**9:
        return f"it is larger than {MOST_GB} GB"
    promised = PUBLISHED.search(path.name)
    if promised and not digest_of(path).startswith(promised[1]):
        return f"its SHA-256 does not begin with {promised[1]} as its name says: it is incomplete, or was renamed"
    return why_no_state_dict(path)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
