"""Read a dataset folder: its images, its key, and all its problems."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from pedigree.aws.errors import InvalidInput
from pedigree.aws.naming import key_of
from pedigree.dataset.source import SPLITS

SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
FORMATS, MAX_PIXELS = ("JPEG", "PNG"), 50_000_000  # the container reads only these, and a refusal there would come too late
SHOWN = 20  # problems of one kind that are listed one by one


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


def require_valid(uri: str, listing: Listing) -> None:
    """Raise InvalidInput with the list of all problems."""
    problems = [*missing_parts(listing), *strange_classes(listing), *unreadable_images(listing)]
    if problems:
        cause = "\n".join(["this dataset cannot be used:", *(f"  - {problem}" for problem in problems)])
        raise InvalidInput(
            "dataset", uri, cause, "repair it and run again; nothing was created. Layout: {train,valid,test}/<class>/<image>.jpg"
        )


def missing_parts(listing: Listing) -> Iterable[str]:
    for split, count in listing.counts.items():
        if not count:
            yield f"{split}/ is missing or holds no image ({', '.join(sorted(SUFFIXES))} in <class>/ folders)"
    if len(listing.classes) == 1:
        yield f"there is only one class, {listing.classes[0]}; a classifier needs two"


def strange_classes(listing: Listing) -> Iterable[str]:
    for split in SPLITS[1:]:
        there = {image.label for image in listing.images if image.split == split}
        for label in sorted(there - set(listing.classes))[:SHOWN]:
            yield f"{split}/{label} is not a class of train/"
        if there:
            yield from (f"{split}/ has no image of {label}" for label in sorted(set(listing.classes) - there)[:SHOWN])


def unreadable_images(listing: Listing) -> Iterable[str]:
    with ThreadPoolExecutor() as pool:
        reasons = list(pool.map(why_unreadable, listing.images))
    bad = [f"{image.split}/{image.name} cannot be read: {why}" for image, why in zip(listing.images, reasons, strict=True) if why]
    yield from bad[:SHOWN]
    if len(bad) > SHOWN:
        yield f"... and {len(bad) - SHOWN} more unreadable images"


def why_unreadable(image: ImageFile) -> str | None:
    try:
        with Image.open(image.path, formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return f"it has {opened.width} x {opened.height} pixels, and the limit is {MAX_PIXELS:,}"
            opened.draft("RGB", (64, 64))  # a JPEG is still read to its end, but decoded at a small size
            opened.load()
    except UnidentifiedImageError:
        return "it is not a JPEG or PNG file, despite its name"
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # Pillow raises all of these for damaged files
        return str(error).replace(str(image.path), image.name)
    return None
