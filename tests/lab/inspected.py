"""Inspected datasets without images, for what needs only their classes and counts."""

from collections.abc import Sequence
from pathlib import Path

from pedigree.dataset.inspect import Inspected, Scratch
from pedigree.dataset.listing import ImageFile, Listing
from pedigree.dataset.source import SPLITS
from tests.lab.small_models import CLASSES


def inspected(classes: Sequence[str] = CLASSES, *, each: int = 10, uri: str = "/photos/birds.zip") -> Inspected:
    """A dataset with `each` images of every class in every split."""
    images = [
        ImageFile(split, label, f"{label}/{number}.jpg", Path("absent"), f"{split}{label}{number}")
        for split in SPLITS
        for label in classes
        for number in range(each)
    ]
    return Inspected(uri, Listing(tuple(images), ()), Scratch())
