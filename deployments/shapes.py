"""The default dataset: generated images of eight classes that differ only in shape and texture.

    python -m deployments.shapes FOLDER

Position, scale, rotation, colours and background are random in every image, so the mean colour does not identify a class
and a model must learn the form. The same seed gives the same images.
"""

import argparse
import colorsys
import math
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from deployments.patterns import CLASSES, Field, Pattern

SPLITS = ("train", "valid", "test")
SIZE = 256  # pixels of a side


def write_shapes(folder: Path, *, seed: int = 2026, train: int = 120, valid: int = 30, test: int = 30) -> None:
    """Write `{train,valid,test}/001.Name/001.jpg`, with `train`, `valid` and `test` images for each class.

    A folder that holds exactly these images stays as it is.

    Raises FileExistsError when the folder holds anything else.
    """
    counts = {"train": train, "valid": valid, "test": test}
    if folder.exists():
        require_same(folder, seed, counts)
        return
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for path in image_paths(counts):
        (partial / path).parent.mkdir(parents=True, exist_ok=True)
        (partial / path).write_bytes(jpeg_of(path, seed))
    partial.rename(folder)


def require_same(folder: Path, seed: int, counts: dict[str, int]) -> None:
    found = sorted(path.relative_to(folder) for path in folder.rglob("*.jpg"))
    wanted = sorted(image_paths(counts))
    # comparing one image is enough to detect another seed or recipe; the rename was atomic, so the folder is complete
    if found != wanted or (folder / wanted[0]).read_bytes() != jpeg_of(wanted[0], seed):
        raise FileExistsError(f"{folder} does not hold these generated images: remove it or name another folder")


def image_paths(counts: dict[str, int]) -> Iterator[Path]:
    for split in SPLITS:
        for number, name in enumerate(CLASSES, start=1):
            for index in range(1, counts[split] + 1):
                yield Path(split, f"{number:03d}.{name}", f"{index:03d}.jpg")


def jpeg_of(path: Path, seed: int) -> bytes:
    """The JPEG at the path `split/001.Name/001.jpg`."""
    split, class_folder, file = path.parts
    number, name = class_folder.split(".")
    rng = np.random.default_rng([seed, SPLITS.index(split), int(number), int(Path(file).stem)])
    buffer = BytesIO()
    draw(*CLASSES[name], rng).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def draw(shape: Pattern, texture: Pattern, rng: np.random.Generator) -> Image.Image:
    """Draw the textured shape with a soft shadow at a random place on a cloudy background."""
    canvas = background(rng)
    radius = rng.uniform(52, 96)
    center = rng.uniform(0.95 * radius, SIZE - 0.95 * radius, 2).astype(np.float32)
    angle = rng.uniform(0, 2 * math.pi)
    window = tuple(slice(max(0, int(c - 1.5 * radius)), min(SIZE, int(c + 1.5 * radius))) for c in center)
    part = canvas[window]

    u, v = local_coordinates(window, center + radius * 0.1, radius, angle)
    paint(part, np.zeros(3, np.float32), 0.5 * coverage(shape(u, v) * radius, blur=radius * 0.25))
    u, v = local_coordinates(window, center, radius, angle)
    periods = rng.uniform(2.2, 3.2)
    first, second = two_tones(rng)
    fill = np.broadcast_to(first, part.shape).copy()
    paint(fill, second, coverage(texture(u * periods, v * periods) * (radius / periods)))
    fill *= 1 - 0.12 * v[..., None]
    paint(part, fill, coverage(shape(u, v) * radius))

    grain = rng.standard_normal((SIZE, SIZE, 1), np.float32) * 3
    return Image.fromarray(np.clip(canvas * 255 + grain, 0, 255).astype(np.uint8))


def background(rng: np.random.Generator) -> Field:
    """A gradient between two colours with soft clouds of a third colour, `(SIZE, SIZE, 3)` in [0, 1]."""
    hue, lightness = rng.uniform(0, 1), rng.uniform(0.3, 0.75)
    start, end, cloud = (color(hue + shift, lightness + rng.uniform(-0.15, 0.15), rng.uniform(0.1, 0.6)) for shift in (0.0, 0.08, -0.1))
    rows, columns = np.mgrid[-1:1:32j, -1:1:32j].astype(np.float32)
    angle = rng.uniform(0, 2 * math.pi)
    canvas = np.broadcast_to(start, (32, 32, 3)).copy()
    paint(canvas, end, 0.5 + 0.5 * (columns * math.cos(angle) + rows * math.sin(angle)) / math.sqrt(2))
    for _ in range(rng.integers(2, 6)):
        x, y = rng.uniform(-1, 1, 2)
        paint(canvas, cloud, 0.7 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / rng.uniform(0.05, 0.5)))
    channels = [Image.fromarray(canvas[..., channel]).resize((SIZE, SIZE), Image.Resampling.BICUBIC) for channel in range(3)]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


def two_tones(rng: np.random.Generator) -> tuple[Field, Field]:
    """A light and a dark colour of neighbouring hues, in either order."""
    hue, saturation = rng.uniform(0, 1), rng.uniform(0.45, 0.9)
    light = color(hue, rng.uniform(0.62, 0.85), saturation)
    dark = color(hue + rng.uniform(-0.15, 0.15), rng.uniform(0.18, 0.42), saturation)
    return (light, dark) if rng.random() < 0.5 else (dark, light)


def color(hue: float, lightness: float, saturation: float) -> Field:
    return np.array(colorsys.hls_to_rgb(hue % 1, lightness, saturation), np.float32)


def local_coordinates(window: tuple[slice, ...], center: Field, radius: float, angle: float) -> tuple[Field, Field]:
    """Pixel positions of the window relative to the centre, rotated and scaled so that the radius is 1."""
    rows, columns = (axis.astype(np.float32) for axis in np.ogrid[window])
    y, x = (rows - center[0]) / radius, (columns - center[1]) / radius
    cosine, sine = math.cos(angle), math.sin(angle)
    return x * cosine + y * sine, y * cosine - x * sine


def coverage(distance: Field, *, blur: float = 1.0) -> Field:
    """The share of each pixel that lies inside the shape, given its distance to the edge in pixels."""
    inside: Field = np.clip(0.5 - distance / blur, 0, 1)
    return inside


def paint(canvas: Field, paint_color: Field, opacity: Field) -> None:
    canvas += (paint_color - canvas) * opacity[..., None]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the generated dataset.")
    parser.add_argument("folder", type=Path)
    write_shapes(parser.parse_args().folder)
