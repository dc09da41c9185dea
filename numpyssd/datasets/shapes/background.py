"""Busy, rather dark backgrounds for the built-in set: smooth color noise, lines, and small things of no class.

Images are planar here, (3, S, S) float32 from 0 to 1, so that one mask (h, w) serves the three colors.
"""

import numpy as np

from numpyssd.datasets.shapes.outlines import CLUTTER_NAMES, pixel_coverage
from numpyssd.datasets.shapes.random_numbers import between, direction, whole
from numpyssd.datasets.shapes.scene import random_outline


def random_color(random, low=0.04, high=0.96):
    """Return a random color, three numbers from low to high, which lie in 0..1."""
    return tuple(between(random, low, high) for _ in range(3))


def color_distance(a, b):
    """Return how different two colors are: the sum of the differences of their three channels."""
    return abs(a[0] - b[0]) + abs(a[1] - b[1]) + abs(a[2] - b[2])


def as_column(color):
    """Return a color as an array (3, 1, 1) float32, to be spread over pixels."""
    return np.array(color, np.float32)[:, None, None]


def smooth_noise(random, cells, size):
    """Return (3, size, size) float32 in -1..1: random values on a coarse grid with smooth steps between them."""
    grid = (2.0 * random.random_sample((3, cells + 1, cells + 1)) - 1.0).astype(np.float32)
    x = (np.arange(size) + 0.5) / size * cells
    before = np.floor(x).astype(np.int64)
    t = (x - before).astype(np.float32)
    t = t * t * (3 - 2 * t)
    grid = grid[:, before] * (1 - t)[:, None] + grid[:, before + 1] * t[:, None]  # (3, S, cells + 1)
    return grid[:, :, before] * (1 - t) + grid[:, :, before + 1] * t  # (3, S, S)


def blend(canvas, rows, columns, color, alpha):
    """Lay color, (3, h, w) or (3, 1, 1), over a part of the canvas, in place; alpha (h, w) is 1 where it hides all."""
    part = canvas[:, rows, columns]
    part += (color - part) * alpha


def draw_line(canvas, random):
    """Draw a thin straight line of random place, length, width and color over the canvas, in place."""
    size = canvas.shape[1]
    x, y = random.random_sample(), random.random_sample()
    cos, sin = direction(random)
    half_width, half_length = between(random, 0.003, 0.012), between(random, 0.1, 0.7)
    opacity, color = between(random, 0.3, 0.9), random_color(random)
    # Only the pixels of the box around the line are looked at.
    reach_x, reach_y = abs(cos) * half_length + half_width, abs(sin) * half_length + half_width
    left, right = (min(max(int(v * size), 0), size) for v in (x - reach_x, x + reach_x + 1.0 / size))
    top, bottom = (min(max(int(v * size), 0), size) for v in (y - reach_y, y + reach_y + 1.0 / size))
    xs = ((np.arange(left, right) + 0.5) / size - x).astype(np.float32)  # (w,)
    ys = ((np.arange(top, bottom) + 0.5) / size - y).astype(np.float32)[:, None]  # (h, 1)
    across, along = abs(ys * cos - xs * sin), abs(xs * cos + ys * sin)
    alpha = np.minimum((half_width - across) * size + 0.5, (half_length - along) * size + 0.5)
    alpha = np.minimum(np.maximum(alpha, 0), 1) * opacity  # (h, w)
    blend(canvas, slice(top, bottom), slice(left, right), as_column(color), alpha)


def draw_clutter(canvas, random):
    """Draw a small dot, crescent or letter L, none of them a class, over the canvas, in place."""
    kind = whole(random, 4)
    if kind < 2:  # dots too small to be an ellipse of the set
        outline = random_outline(random, "ellipse", between(random, 0.015, 0.035), inside=False)
    else:
        outline = random_outline(random, CLUTTER_NAMES[kind - 2], between(random, 0.06, 0.16), inside=False)
    rows, columns, counts = pixel_coverage(outline, canvas.shape[1], samples=2)
    blend(canvas, rows, columns, as_column(random_color(random)), counts.astype(np.float32) * 0.25)


def draw_background(random, size):
    """Return a canvas (3, size, size) float32 and its main color, which is darker than any object's."""
    main = random_color(random, 0.04, 0.42)  # objects begin at 0.5: much of what one wants to find stands out
    canvas = smooth_noise(random, 3, size) * between(random, 0.05, 0.2)
    canvas += smooth_noise(random, 8, size) * between(random, 0.02, 0.08)
    canvas += as_column(main)
    for _ in range(1 + whole(random, 3)):
        draw_line(canvas, random)
    for _ in range(1 + whole(random, 4)):
        draw_clutter(canvas, random)
    return canvas, main
