import io

import pytest
import torch
from PIL import ExifTags, Image

from model import images
from tests.model.containers import encoded

RED = (220, 50, 40)


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1")])
def test_every_mode_becomes_three_channels(kind: str, mode: str) -> None:
    pixels = images.pixels(images.open_image(encoded(RED, kind=kind, mode=mode)), 32)
    assert pixels.shape == (3, 32, 32)
    assert pixels.dtype == torch.uint8


def test_the_middle_square_is_kept() -> None:
    wide = Image.new("RGB", (300, 100), "blue")
    wide.paste("red", (100, 0, 200, 100))
    pixels = images.pixels(images.open_image(as_png(wide)), 20)
    assert pixels[0, :, 1:-1].min() == 255
    assert pixels[2, :, 1:-1].max() == 0


def test_a_photograph_is_turned_as_its_camera_was_held() -> None:
    lying = Image.new("RGB", (64, 64), "black")
    lying.paste("white", (0, 0, 32, 64))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    buffer = io.BytesIO()
    lying.save(buffer, "JPEG", exif=exif)
    pixels = images.pixels(images.open_image(buffer.getvalue()), 32)
    assert pixels[:, :12].min() > 200
    assert pixels[:, 20:].max() < 50


def test_a_large_jpeg_decodes_like_a_small_one() -> None:
    gradient = Image.linear_gradient("L").convert("RGB")
    small = images.pixels(images.open_image(as_jpeg(gradient)), 32)
    large = images.pixels(images.open_image(as_jpeg(gradient.resize((2048, 2048), Image.Resampling.BICUBIC))), 32)
    assert (small.int() - large.int()).abs().max() <= 4


@pytest.mark.parametrize("content", [b"", b"GIF89a not an image of ours", b"\xff\xd8\xff\xe0 broken"])
def test_bytes_of_no_image_are_unreadable(content: bytes) -> None:
    with pytest.raises(images.UnreadableImage):
        images.open_image(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_half_an_image_is_unreadable(kind: str) -> None:
    content = encoded(RED, kind=kind)
    with pytest.raises(images.UnreadableImage, match="damaged"):
        images.pixels(images.open_image(content[: len(content) // 2]), 32)


@pytest.mark.parametrize("side", [8_000, 20_000])  # below and above Pillow's own limit
def test_a_small_file_of_too_many_pixels_is_refused_undecoded(side: int) -> None:
    with pytest.raises(images.ImageTooLarge, match="pixels"):
        images.open_image(as_png(Image.new("1", (side, side))))


def as_png(image: Image.Image) -> bytes:
    return encode(image, "PNG")


def as_jpeg(image: Image.Image) -> bytes:
    return encode(image, "JPEG")


def encode(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()
