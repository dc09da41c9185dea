"""From a seed and an index to an image of the built-in set and its objects in whole pixels; and one fixed example."""

import numpy as np

from numpyssd.datasets.shapes.outlines import CLASS_NAMES, Outline
from numpyssd.datasets.shapes.painting import paint
from numpyssd.datasets.shapes.scene import MIN_SEEN, place, plan_scene

SIZE = 64  # pixels a side, the input of TINY


def _pixels(objects, size):
    """Return boxes (M, 4) float32, labels, difficult and truncated of Placed objects on an image of the given size.

    Outlines end between pixels; their boxes are rounded to whole ones and cut at the edge, as an annotator draws them,
    so that a set in memory and the same set in files are one and the same.
    """
    boxes = np.array([item.outline.box() for item in objects], np.float64).reshape(-1, 4)
    boxes = np.minimum(np.maximum(np.floor(boxes * size + 0.5), 0), size).astype(np.float32)
    labels = np.array([item.label for item in objects], np.int64)
    difficult = np.array([item.seen < MIN_SEEN for item in objects], bool)
    return boxes, labels, difficult, np.array([item.truncated for item in objects], bool)


def render_all(seed: int, index: int, size: int = SIZE):
    """Return what render does and, as a fifth, truncated (M,) bool: objects that the edge of the image cuts."""
    for name, value, low in (("seed", seed, 0), ("index", index, 0), ("size", size, 16)):
        if not low <= value < 1 << 32:
            raise ValueError(f"{name} must be a whole number from {low} to 2^32 - 1, not {value}")
    random = np.random.RandomState([seed, index])  # its stream is frozen by NumPy's own promise
    objects = plan_scene(random)
    return paint(random, objects, size), *_pixels(objects, size)


def render(seed: int, index: int, size: int = SIZE):
    """Return image ``index`` of the set of a seed.

    Returns image (size, size, 3) uint8, boxes (M, 4) float32 xyxy in pixels, labels (M,) int64 from 1, and difficult
    (M,) bool: objects of whose area less than 62 % is seen. Another size gives the same scene, finer or coarser.
    """
    return render_all(seed, index, size)[:4]


def example(size: int = 300):
    """Return one fixed scene: a large, two middle-sized and overlapping, and a small object.

    Returns image (size, size, 3) uint8, boxes (4, 4) float32 xyxy in pixels, labels (4,) int64 and the class names.
    """
    objects = place(
        (
            Outline("ellipse", 0.34, 0.60, 0.31, 0.25, 0.8, 0.6),
            Outline("cross", 0.70, 0.60, 0.19, 0.19, 0.96, 0.28),
            Outline("triangle", 0.66, 0.82, 0.15, 0.15, 0.9, -0.436),
            Outline("ring", 0.80, 0.17, 0.055, 0.055, 1.0, 0.0),
        )
    )
    boxes, labels, _, _ = _pixels(objects, size)
    return paint(np.random.RandomState(8), objects, size), boxes, labels, CLASS_NAMES
