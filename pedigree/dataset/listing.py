"""List the images of a dataset folder, and derive its key from them."""

import hashlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pedigree.aws.naming import key_of
from pedigree.dataset.source import SPLITS

SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


@dataclass(frozen=True)
class ImageFile:
    """One image: `name` is `<class>/<file>` within its split."""

    split: str
    label: str
    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Listing:
    """All images of a dataset in the order of their names; `ignored` are the files that are not images."""

    images: tuple[ImageFile, ...]
    ignored: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key of the dataset: it depends only on relative paths and bytes, not on the packing."""
        return key_of(dataset=[[f"{image.split}/{image.name}", image.sha256] for image in self.images])

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted({image.label for image in self.images if image.split == "train"}))

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(image.split for image in self.images)
        return {split: found[split] for split in SPLITS}

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings that are not errors: ignored files, and images of valid and test that are in the train split too."""
        trained = {image.sha256 for image in self.images if image.split == "train"}
        leaked = [f"{image.split}/{image.name}" for image in self.images if image.split != "train" and image.sha256 in trained]
        warnings = [f"{len(self.ignored)} files are not images and were ignored, such as {self.ignored[0]}"] if self.ignored else []
        return (*warnings, *([f"{len(leaked)} images of valid and test are in train too, such as {leaked[0]}"] if leaked else []))


def list_images(root: Path) -> Listing:
    """List all images below the three splits, and hash them in parallel."""
    files = [path for split in SPLITS for path in sorted((root / split).rglob("*")) if path.is_file() and not path.name.startswith(".")]
    chosen = [path for path in files if path.suffix.lower() in SUFFIXES and len(path.relative_to(root).parts) == 3]
    with ThreadPoolExecutor() as pool:
        hashes = list(pool.map(sha256_of, chosen))
    images = [image_file(root, path, digest) for path, digest in zip(chosen, hashes, strict=True)]
    ignored = [str(path.relative_to(root)) for path in sorted(set(files) - set(chosen))]
    return Listing(tuple(images), tuple(ignored))


def image_file(root: Path, path: Path, sha256: str) -> ImageFile:
    split, label, name = path.relative_to(root).parts
    return ImageFile(split, label, f"{label}/{name}", path, sha256)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
