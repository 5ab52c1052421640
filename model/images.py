"""Decode an image into the tensor that a network sees; training and serving share this code, so they see the same pixels."""

from io import BytesIO

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 50_000_000
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet: pretrained weights expect these


class UnreadableImage(ValueError):
    """The bytes are not a complete JPEG or PNG."""


class ImageTooLarge(ValueError):
    """The image has more than MAX_PIXELS pixels, whatever the size of its file."""


def open_image(content: bytes) -> Image.Image:
    """Read the header of a JPEG or PNG and check its size; `pixels` decodes the pixels."""
    try:
        image = Image.open(BytesIO(content), formats=("JPEG", "PNG"))
    except Image.DecompressionBombError:
        raise ImageTooLarge(f"the image has more than {MAX_PIXELS:,} pixels: send a smaller one") from None
    except UnidentifiedImageError:
        raise UnreadableImage("this is not a JPEG or PNG") from None
    except BROKEN as error:
        raise UnreadableImage(f"this JPEG or PNG is damaged: {error}") from error
    if image.width * image.height > MAX_PIXELS:
        raise ImageTooLarge(f"the image has {image.width} x {image.height} pixels, at most {MAX_PIXELS:,} are allowed")
    return image


def pixels(image: Image.Image, size: int) -> torch.Tensor:
    """The centre square of an image, upright and in colour, as uint8 `(3, size, size)`."""
    square = ImageOps.fit(load(image, 2 * size), (size, size), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1).contiguous()


def load(image: Image.Image, size: int) -> Image.Image:
    """Decode an image, upright and in colour; a large JPEG is decoded at a reduced size, with no side below `size`."""
    try:
        image.draft("RGB", (size, size))
        image.load()
    except BROKEN as error:
        raise UnreadableImage(f"this JPEG or PNG is damaged: {error}") from error
    return upright(image).convert("RGB")


def upright(image: Image.Image) -> Image.Image:
    """Rotate or mirror an image as its EXIF orientation says."""
    try:
        turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except BROKEN:  # damaged EXIF data must not lose the image
        return image
    return image if turn is None else image.transpose(turn)


BROKEN = (OSError, SyntaxError, ValueError)  # Pillow raises all of these for damaged files
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def normalize(batch: torch.Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> torch.Tensor:
    """Convert uint8 `(n, 3, h, w)` to float32, so that each channel has mean 0 and standard deviation 1."""
    shape = (1, 3, 1, 1)
    return (batch.float() / 255 - batch.new_tensor(mean, dtype=torch.float32).view(shape)) / batch.new_tensor(
        std, dtype=torch.float32
    ).view(shape)
