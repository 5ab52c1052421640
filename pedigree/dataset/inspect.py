"""Look through a dataset before anything is uploaded: all its problems at once, its classes, and its number of images."""

import logging
import shutil
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from pedigree.aws.clients import client
from pedigree.dataset.listing import Listing, list_images
from pedigree.dataset.manifest import read_manifest
from pedigree.dataset.problems import require_valid
from pedigree.dataset.source import local_folder
from pedigree.dataset.weights import Weights, read_weights
from pedigree.settings import Training
from pedigree.text import dataset_size
from pedigree.values import Account, Outcome

LOG = logging.getLogger(__name__)


class Scratch:
    """A folder that is removed with the last reference to it, at the latest when the process ends."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="pedigree-dataset-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Inspected:
    """A dataset on this machine that can be used, and the weights to start from, if any; `scratch` holds what came from elsewhere."""

    uri: str
    listing: Listing = field(repr=False)
    scratch: Scratch = field(repr=False, compare=False)
    weights: Weights | None = None
    outcome: Outcome = "passed"

    @property
    def resource(self) -> str:
        return self.uri

    @property
    def classes(self) -> tuple[str, ...]:
        return self.listing.classes

    @property
    def counts(self) -> dict[str, int]:
        """The number of images of each split."""
        return self.listing.counts

    @property
    def summary(self) -> str:
        """The number of images of each split, and of classes."""
        return dataset_size(self.counts, self.classes)

    def starting(self, training: Training) -> Training:
        """The training, with the address in the bucket for the weights that it was asked to start from."""
        return training.model_copy(update={"weights": self.weights.uri}) if self.weights else training


def inspect_dataset(account: Account, uri: str, weights: str = "") -> Inspected:
    """Bring the dataset at `uri` (folder, .zip, .tar.gz, https:// or s3://) to this machine and read every image.

    So it does with the file of `weights`, if one is named. Raises InvalidInput with all problems of either; nothing is uploaded. The images
    of a dataset that is uploaded already are not decoded again.
    """
    scratch = Scratch()
    start = read_weights(account, weights, scratch.folder) if weights else None
    listing = list_images(local_folder(uri, scratch.folder, client(account.credentials, "s3")))
    if read_manifest(account, listing.key) is None:
        require_valid(uri, listing)
    for warning in listing.warnings:
        LOG.warning(warning)
    return Inspected(uri, listing, scratch, start)
