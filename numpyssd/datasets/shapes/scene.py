"""Where the objects of a scene of the built-in set lie: sizes over a ninefold range, tilted, overlapping, never lost.

A scene is planned in fractions of the image's side, so that the same one can be painted at any size.
"""

from dataclasses import dataclass

import numpy as np

from numpyssd.datasets.shapes.outlines import CLASS_NAMES, Outline, pixel_coverage
from numpyssd.datasets.shapes.random_numbers import between, log_uniform, tilt, whole

MIN_SIDE, MAX_SIDE = 0.1, 0.9  # of the image's side: the longer side of an object's box
MAX_OBJECTS = 5
MAX_STRETCH = 1.3  # length of an object divided by its width, before the tilt
MAX_HIDDEN = 0.3  # the largest fraction of an object that others may cover
MIN_INSIDE = 0.7  # the smallest fraction of an object's area that lies in the image
MAX_ON_OTHERS = 0.35  # the largest fraction of an object that lies on top of others
MAX_BOX_IOU = 0.45  # above it non-maximum suppression could not tell two objects of a class apart
MIN_SEEN = 0.62  # an object of which less is seen counts as difficult, as in VOC
_GRID = 64  # overlaps are counted on this many cells a side, whatever the image's size
_TRIES = 12


@dataclass(frozen=True)
class Placed:
    """An object of a scene: outline, label from 1, seen: the fraction of its area in sight, truncated: by the edge."""

    outline: Outline
    label: int
    seen: float
    truncated: bool


def random_outline(random, name: str, side: float, stretch: float = 1.0, inside: bool = True) -> Outline:
    """Return an outline of a random tilt and place whose box has the given longer side, whole or partly inside."""
    cos, sin = tilt(random)
    axes = (1.0, 1.0 / stretch) if random.random_sample() < 0.5 else (1.0 / stretch, 1.0)
    x1, y1, x2, y2 = Outline(name, 0.0, 0.0, *axes, cos, sin).box()
    factor = side / max(x2 - x1, y2 - y1)
    x1, y1, x2, y2 = x1 * factor, y1 * factor, x2 * factor, y2 * factor
    over = 0.0 if inside else 1.0 - MIN_INSIDE  # the fraction of a side that may stick out
    left = between(random, -over * (x2 - x1), 1.0 - (1.0 - over) * (x2 - x1))
    top = between(random, -over * (y2 - y1), 1.0 - (1.0 - over) * (y2 - y1))
    return Outline(name, left - x1, top - y1, axes[0] * factor, axes[1] * factor, cos, sin)


def _box_iou(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


class Cover:
    """The outlines laid so far, one over the other, on a grid of cells, and how much of each is still seen."""

    def __init__(self):
        self.outlines, self.boxes = [], []
        self.drawn, self.left = [], []  # cells of each at first, and still in sight
        self.top = np.zeros((_GRID, _GRID), np.uint8)  # the number of the outline on top, from 1; 0 is background

    def add(self, outline):
        """Lay an outline over the others and return True, or return False if it would break a rule of the scene."""
        rows, columns, inside = pixel_coverage(outline, _GRID, samples=1)
        inside = inside.view(bool)
        drawn = int(np.count_nonzero(inside))
        if drawn == 0 or drawn < MIN_INSIDE * outline.area() * _GRID * _GRID:
            return False
        box = outline.box()
        if any(_box_iou(box, other) > MAX_BOX_IOU for other in self.boxes):
            return False
        lost = np.bincount(self.top[rows, columns][inside], minlength=len(self.outlines) + 1)[1:].tolist()
        if sum(lost) > MAX_ON_OTHERS * drawn:
            return False
        left = [cells - gone for cells, gone in zip(self.left, lost)]
        if any(cells < (1.0 - MAX_HIDDEN) * first for cells, first in zip(left, self.drawn)):
            return False
        self.outlines.append(outline)
        self.boxes.append(box)
        self.drawn.append(drawn)
        self.left = [*left, drawn]
        self.top[rows, columns][inside] = len(self.outlines)
        return True

    def seen(self, k):
        """Return the fraction of outline k that is in sight, of its whole area with what lies outside the image."""
        return min(1.0, self.left[k] / (self.outlines[k].area() * _GRID * _GRID))


def place(outlines):
    """Return a tuple of Placed for outlines laid one over the other in the order given."""
    cover = Cover()
    for outline in outlines:
        if not cover.add(outline):
            raise ValueError(f"outlines must keep the rules of a scene; this one does not: {outline}")
    return _placed(cover)


def _placed(cover):
    out = []
    for k, (outline, box) in enumerate(zip(cover.outlines, cover.boxes)):
        truncated = min(box) < 0.0 or max(box) > 1.0
        out.append(Placed(outline, CLASS_NAMES.index(outline.name) + 1, cover.seen(k), truncated))
    return tuple(out)


def plan_scene(random: np.random.RandomState) -> tuple[Placed, ...]:
    """Return 1 to MAX_OBJECTS objects (the lowest first)."""
    cover = Cover()
    sides = []
    for _ in range(1 + whole(random, MAX_OBJECTS)):
        # The larger of two draws: each third of the way from MIN_SIDE to MAX_SIDE holds about a third of the objects.
        sides.append(max(log_uniform(random, MIN_SIDE, MAX_SIDE) for _ in range(2)))
    for side in sorted(sides, reverse=True):  # the large ones first, so that the small ones lie on top
        name = CLASS_NAMES[whole(random, len(CLASS_NAMES))]
        # A small object that is thin as well would be a few pixels of nothing.
        stretch = between(random, 1.0, MAX_STRETCH if side > 0.2 else 1.25)
        for _ in range(_TRIES):
            if cover.add(random_outline(random, name, side, stretch, inside=random.random_sample() < 0.75)):
                break
    return _placed(cover)
