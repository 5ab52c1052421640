"""From encoded bytes to the tensor a network sees; training and serving share it, so they see the same pixels."""

from io import BytesIO

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 50_000_000
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, which pretrained weights expect


class UnreadableImage(ValueError):
    """These bytes are not a whole JPEG or PNG."""


class ImageTooLarge(ValueError):
    """More than MAX_PIXELS, however small the file is."""


def open_image(content: bytes) -> Image.Image:
    """A JPEG or PNG whose header was read and whose size is allowed; its pixels are decoded by `pixels`."""
    try:
        image = Image.open(BytesIO(content), formats=("JPEG", "PNG"))
    except Image.DecompressionBombError:
        raise ImageTooLarge(f"the image has more than {MAX_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise UnreadableImage("this is not a JPEG or PNG") from None
    except BROKEN as error:
        raise UnreadableImage(f"this JPEG or PNG is damaged: {error}") from error
    if image.width * image.height > MAX_PIXELS:
        raise ImageTooLarge(f"the image has {image.width} x {image.height} pixels, allowed are {MAX_PIXELS:,}")
    return image


def pixels(image: Image.Image, size: int) -> torch.Tensor:
    """The middle square of an image, upright and in colour, as uint8 `(3, size, size)`."""
    square = ImageOps.fit(load(image, 2 * size), (size, size), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1).contiguous()


def load(image: Image.Image, size: int) -> Image.Image:
    """Decode, upright and in colour; a large JPEG comes smaller than it is, with no side below `size`."""
    try:
        image.draft("RGB", (size, size))
        image.load()
    except BROKEN as error:
        raise UnreadableImage(f"this JPEG or PNG is damaged: {error}") from error
    return upright(image).convert("RGB")


def upright(image: Image.Image) -> Image.Image:
    """Turn a photograph as its camera was held."""
    try:
        turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except BROKEN:  # a picture is worth more than its description
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
    """uint8 `(n, 3, h, w)` to float32 with the channels' mean at 0 and their deviation at 1."""
    shape = (1, 3, 1, 1)
    return (batch.float() / 255 - batch.new_tensor(mean, dtype=torch.float32).view(shape)) / batch.new_tensor(
        std, dtype=torch.float32
    ).view(shape)
