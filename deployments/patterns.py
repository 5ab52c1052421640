"""Shapes and textures as signed distances: negative inside, zero on the edge. Shapes have radius 1, textures have period 1."""

# mypy: disable-error-code="no-any-return"
# (numpy types its ufuncs as Any)

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]  # one value for each point
Pattern = Callable[[Field, Field], Field]  # distance of the points (u, v)


def disc(u: Field, v: Field) -> Field:
    return np.hypot(u, v) - 0.9


def triangle(u: Field, v: Field) -> Field:
    return np.maximum(np.abs(u) * (3**0.5 / 2) + v / 2, -v) - 0.6


def square(u: Field, v: Field) -> Field:
    return np.maximum(np.abs(u), np.abs(v)) - 0.8


def star(u: Field, v: Field) -> Field:
    """A star with five points: the edge from a tip to the next notch, mirrored and repeated."""
    half = np.pi / 5
    angle = np.abs(np.mod(np.arctan2(u, v) + half, 2 * half) - half)
    x, y = np.hypot(u, v) * np.cos(angle), np.hypot(u, v) * np.sin(angle)
    tip, along, across = 1.1, 1.1 - 0.5 * np.cos(half), 0.5 * np.sin(half)
    return ((x - tip) * across + y * along) / np.hypot(along, across)


def cross(u: Field, v: Field) -> Field:
    a, b = np.abs(u), np.abs(v)
    return np.minimum(np.maximum(a - 1, b - 0.38), np.maximum(b - 1, a - 0.38))


def crescent(u: Field, v: Field) -> Field:
    return np.maximum(np.hypot(u, v) - 1, 0.78 - np.hypot(u - 0.5, v))


def flower(u: Field, v: Field) -> Field:
    return 0.8 * (np.hypot(u, v) - 0.82 - 0.18 * np.cos(6 * np.arctan2(v, u)))


def heart(u: Field, v: Field) -> Field:
    """A heart: a square with a disc on two of its sides."""
    a, b = u + 0.2, v + 0.2
    return np.minimum(np.maximum(np.abs(a), np.abs(b)) - 0.6, np.minimum(np.hypot(a - 0.6, b), np.hypot(a, b - 0.6)) - 0.6)


def rings(u: Field, v: Field) -> Field:
    return bands(np.hypot(u, v))


def stripes(u: Field, _v: Field) -> Field:
    return bands(u)


def checks(u: Field, v: Field) -> Field:
    a, b = bands(u), bands(v)
    return np.sign(a * b) * np.minimum(np.abs(a), np.abs(b))


def dots(u: Field, v: Field) -> Field:
    return np.hypot(u - np.round(u), v - np.round(v)) - 0.28


def bricks(u: Field, v: Field) -> Field:
    row = np.floor(v * 1.8)
    x, y = np.mod(u + row / 2, 1) - 0.5, (np.mod(v * 1.8, 1) - 0.5) / 1.8
    return np.maximum(np.abs(x) - 0.43, np.abs(y) - 0.21)


def ripples(u: Field, v: Field) -> Field:
    return bands(u + 0.28 * np.sin(1.4 * np.pi * v))


def net(u: Field, v: Field) -> Field:
    return 0.14 - np.minimum(np.abs(u - np.round(u)), np.abs(v - np.round(v)))


def scales(u: Field, v: Field) -> Field:
    row = np.floor(v * 2)
    return np.abs(np.hypot(np.mod(u + row / 2, 1) - 0.5, v - row / 2) - 0.42) - 0.08


def bands(x: Field) -> Field:
    """Bands: half of each period is inside, half outside."""
    return np.abs(np.mod(x, 1) - 0.5) - 0.25


CLASSES: dict[str, tuple[Pattern, Pattern]] = {
    "Ringed_disc": (disc, rings),
    "Striped_triangle": (triangle, stripes),
    "Checked_square": (square, checks),
    "Dotted_star": (star, dots),
    "Brick_cross": (cross, bricks),
    "Rippled_crescent": (crescent, ripples),
    "Netted_flower": (flower, net),
    "Scaly_heart": (heart, scales),
}
