"""Find all problems of a dataset at once, before anything is uploaded."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, UnidentifiedImageError

from pedigree.aws.errors import InvalidInput
from pedigree.dataset.listing import SUFFIXES, ImageFile, Listing
from pedigree.dataset.source import SPLITS

FORMATS, MAX_PIXELS = ("JPEG", "PNG"), 50_000_000  # the container reads only these, and a refusal there would come too late
SHOWN = 20  # problems of one kind that are listed one by one


def require_valid(uri: str, listing: Listing) -> None:
    """Raise InvalidInput with the list of all problems."""
    problems = [*missing_parts(listing), *strange_classes(listing), *unreadable_images(listing)]
    if problems:
        cause = "\n".join(["this dataset cannot be used:", *(f"  - {problem}" for problem in problems)])
        raise InvalidInput(
            "inspect", uri, cause, "repair it and run again; nothing was created. Layout: {train,valid,test}/<class>/<image>.jpg"
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
