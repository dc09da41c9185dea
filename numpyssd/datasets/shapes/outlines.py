"""The outlines of the built-in set: five shapes that no rotation, stretch or color turns into one another.

All arithmetic is + - * /, square roots and comparisons, one element at a time, because IEEE 754 rounds those the same
way everywhere; sines, logarithms and sums over axes may differ in the last bit from one machine to the next.
"""

from dataclasses import dataclass
from math import floor, sqrt
from typing import Any

import numpy as np

CLASS_NAMES = ("cross", "ellipse", "rectangle", "ring", "triangle")  # sorted, as a reader of the files sorts them
CLUTTER_NAMES = ("crescent", "angle")  # in the backgrounds, and none of the classes

HOLE = 0.55  # radius of the hole of a ring whose own is 1
ARM = 0.3  # half the width of a cross's arm whose length from the middle is 1
BAR = 0.6  # where the bars of a letter L begin, which end at 1
_HALF_BASE = sqrt(3.0) / 2  # of the equilateral triangle in the unit circle

_CORNERS = {
    "rectangle": ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)),
    "triangle": ((0.0, -1.0), (-_HALF_BASE, 0.5), (_HALF_BASE, 0.5)),
    "cross": tuple((x, y) for a in (-1.0, 1.0) for b in (-ARM, ARM) for x, y in ((a, b), (b, a))),
    "angle": ((-1.0, -1.0), (-BAR, -1.0), (1.0, BAR), (1.0, 1.0), (-1.0, 1.0)),
}
# Area of each class for half axes of 1, by geometry; pi as a number because that is all that is needed of it.
AREAS = {
    "ellipse": 3.141592653589793,
    "ring": 3.141592653589793 * (1.0 - HOLE * HOLE),
    "rectangle": 4.0,
    "triangle": _HALF_BASE * 1.5,
    "cross": 4.0 * (1.0 - (1.0 - ARM) * (1.0 - ARM)),
}


@dataclass(frozen=True)
class Outline:
    """A shape of a given name on the image, in fractions of the image's side.

    x, y: where the unit shape's origin lies. along, across: half axes before the rotation. cos, sin: the rotation.
    """

    name: str
    x: float
    y: float
    along: float
    across: float
    cos: float
    sin: float

    def box(self):
        """Return the tightest upright box around the rotated outline as x1, y1, x2, y2 (fractions, not clipped)."""
        if self.name in _CORNERS:
            corners = [(self.along * u, self.across * v) for u, v in _CORNERS[self.name]]
            xs = [self.x + (p * self.cos - q * self.sin) for p, q in corners]
            ys = [self.y + (p * self.sin + q * self.cos) for p, q in corners]
            return min(xs), min(ys), max(xs), max(ys)
        # The extreme points of a rotated ellipse; the crescent is cut from one and only needs a box that holds it.
        a, b = self.along, self.across
        half_width = sqrt(a * self.cos * (a * self.cos) + b * self.sin * (b * self.sin))
        half_height = sqrt(a * self.sin * (a * self.sin) + b * self.cos * (b * self.cos))
        return self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height

    def area(self):
        """Return the area as a fraction of the image, the parts outside the image included."""
        return AREAS[self.name] * self.along * self.across


def contains(name, u, v):
    """Return which points (u, v) lie inside the unit shape: two arrays of one shape -> bool of that shape."""
    if name == "rectangle":
        return (abs(u) <= 1) & (abs(v) <= 1)
    if name == "triangle":
        return (v <= 0.5) & (v >= 2 * _HALF_BASE * abs(u) - 1)
    if name == "cross":
        u, v = abs(u), abs(v)
        return (np.minimum(u, v) <= ARM) & (np.maximum(u, v) <= 1)
    if name == "angle":  # the two thin bars of a letter L
        return (abs(u) <= 1) & (abs(v) <= 1) & ((u <= -BAR) | (v >= BAR))
    radius2 = u * u + v * v
    if name == "ellipse":
        return radius2 <= 1
    if name == "ring":
        return (radius2 <= 1) & (radius2 >= HOLE * HOLE)
    if name == "crescent":  # a disc without a second disc, shifted
        return (radius2 <= 1) & ((u - 0.6) * (u - 0.6) + v * v >= 0.9)
    raise ValueError(f"name must be one of {CLASS_NAMES + CLUTTER_NAMES}, not {name!r}")


def pixel_coverage(outline: Outline, size: int, samples: int = 3):
    """Return how much of each pixel the outline covers, on the part of a size x size image that its box touches.

    Each pixel is sampled at samples x samples points, which smooths the edge. Returns two slices (rows, columns) and
    the counts (h, w) uint8 from 0 to samples * samples; h or w is 0 for an outline outside the image.
    """
    x1, y1, x2, y2 = outline.box()
    left, right = (min(max(floor(x * size) + k, 0), size) for x, k in ((x1, 0), (x2, 1)))
    top, bottom = (min(max(floor(y * size) + k, 0), size) for y, k in ((y1, 0), (y2, 1)))
    x = (np.arange(left * samples, right * samples) + 0.5) / (size * samples) - outline.x  # (w * samples,)
    y = (np.arange(top * samples, bottom * samples) + 0.5) / (size * samples) - outline.y  # (h * samples,)
    # Rotating back is a sum of one term for the column and one for the row.
    u_x, u_y, v_x, v_y = (
        (distance * factor / axis).astype(np.float32)
        for distance, factor, axis in (
            (x, outline.cos, outline.along),
            (y, outline.sin, outline.along),
            (x, -outline.sin, outline.across),
            (y, outline.cos, outline.across),
        )
    )
    counts: Any = 0
    for i in range(samples):  # the i-th row of points of every row of pixels: pieces small enough for the cache
        inside = contains(outline.name, u_x + u_y[i::samples, None], v_x + v_y[i::samples, None])  # (h, w * samples)
        counts = counts + inside.view(np.uint8)
    counts = sum((counts[:, i::samples] for i in range(1, samples)), counts[:, ::samples])  # (h, w)
    return slice(top, bottom), slice(left, right), counts
