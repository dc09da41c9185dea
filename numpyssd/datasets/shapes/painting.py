"""Paint a scene of the built-in set: textured objects on a darker busy background, smooth edges, noise last.

Neither the colors nor the texture tell the class: both are drawn without a look at it.
"""

import numpy as np

from numpyssd.datasets.shapes.background import (
    as_column,
    blend,
    color_distance,
    draw_background,
    random_color,
)
from numpyssd.datasets.shapes.outlines import pixel_coverage
from numpyssd.datasets.shapes.random_numbers import between, direction, whole

TEXTURES = ("plain", "stripes", "checks", "dots", "gradient")
_SAMPLES = 3  # each pixel of an edge is sampled at 3 x 3 points


def distinct_color(random, others, candidates=12):
    """Return the one of a few random bright colors whose nearest color among the others is the farthest away."""
    return max(
        (random_color(random, 0.5, 0.98) for _ in range(candidates)),
        key=lambda color: min(color_distance(color, other) for other in others),
    )


def _soft(value, period, size):
    """Turn a value that changes sign at an edge into 0..1, over about one pixel."""
    return np.minimum(np.maximum(value * (period * size) + 0.5, 0), 1)


def _wave(x):
    """Return a triangular wave of period 1 between -0.5 and 0.5."""
    return 2 * abs(x - np.floor(x) - 0.5) - 0.5


def texture(name, x, y, period, size):
    """Return how far each pixel is from the first color (0) to the second (1), float32.

    x, y: coordinates in periods along two perpendicular directions. period: in fractions of the image's side.
    """
    if name == "stripes":
        return _soft(_wave(x), period, size)
    if name == "checks":
        return _soft(4 * _wave(x) * _wave(y), period, size)
    if name == "dots":
        x, y = x - np.floor(x) - 0.5, y - np.floor(y) - 0.5
        return _soft(2 * (0.1 - x * x - y * y), period, size)
    if name == "gradient":
        return np.minimum(np.maximum(0.5 + 0.25 * x, 0), 1)
    raise ValueError(f"name must be one of {TEXTURES[1:]}, not {name!r}")


def draw_object(canvas, random, outline, near):
    """Paint one object over the canvas, in place, in colors unlike those in ``near``; return its main color."""
    size = canvas.shape[1]
    first = distinct_color(random, near)
    second = distinct_color(random, [first, near[0]])
    name = TEXTURES[whole(random, len(TEXTURES))]
    cos, sin = direction(random)
    x1, y1, x2, y2 = outline.box()
    side = max(x2 - x1, y2 - y1)
    period = max(0.045, side * between(random, 0.12, 0.4))
    strength = between(random, 0.1, 0.45) * min(1.0, side / 0.3)  # on a small object it would hide the outline
    rows, columns, counts = pixel_coverage(outline, size, _SAMPLES)
    alpha = counts.astype(np.float32) * (1.0 / (_SAMPLES * _SAMPLES))  # (h, w)
    color = as_column(first)
    if name != "plain":
        x = ((np.arange(columns.start, columns.stop) + 0.5) / size - outline.x) / period  # (w,)
        y = ((np.arange(rows.start, rows.stop) + 0.5) / size - outline.y)[:, None] / period  # (h, 1)
        along, across = (x * cos + y * sin).astype(np.float32), (y * cos - x * sin).astype(np.float32)  # (h, w)
        color = color + (as_column(second) - color) * (texture(name, along, across, period, size) * strength)
    blend(canvas, rows, columns, color, alpha)
    return first


def paint(random, objects, size):
    """Return the image (size, size, 3) uint8 of the objects of a scene, the first at the bottom."""
    canvas, main = draw_background(random, size)
    near = [main]
    for item in objects:
        near.append(draw_object(canvas, random, item.outline, near))
    # The only draws whose number depends on the size come last, so that a scene looks alike at every size.
    canvas += ((random.random_sample((size, size)) - 0.5) * between(random, 0.01, 0.05)).astype(np.float32)
    canvas *= 255
    canvas += 0.5  # so that cutting off the fraction rounds
    np.maximum(canvas, 0, out=canvas)
    np.minimum(canvas, 255, out=canvas)
    image = np.empty((size, size, 3), np.uint8)
    for channel in range(3):
        image[:, :, channel] = canvas[channel]
    return image
