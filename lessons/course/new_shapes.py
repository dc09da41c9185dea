"""Images with two classes that the built-in set does not have: the target of the lesson on transfer.

Crescents and letters L are drawn in the manner of the built-in set, where they occur as clutter: a network that was
trained there has learned to ignore them. Each image also has one object of an old class, which is background now.
"""

import numpy as np

from numpyssd.boxes import iou
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.shapes.background import draw_background
from numpyssd.datasets.shapes.outlines import CLASS_NAMES as OLD_NAMES
from numpyssd.datasets.shapes.outlines import pixel_coverage
from numpyssd.datasets.shapes.painting import draw_object
from numpyssd.datasets.shapes.scene import random_outline

NAMES, OUTLINES = ("crescent", "letter L"), ("crescent", "angle")
MIN_SIDE, MAX_SIDE, MAX_OBJECTS = 0.25, 0.6, 2  # of the image's side; objects that have a box
MAX_IOU, TRIES = 0.05, 30  # of two boxes; attempts to place one


def new_shapes(count, first=0, size=64):
    """Return ``count`` images from number ``first`` on, as a data set in memory."""
    images, boxes, labels = zip(*(scene(first + i, size) for i in range(count)))
    return AnnotatedImages(NAMES, images, [Annotation.of(*pair) for pair in zip(boxes, labels)])


def scene(number, size=64):
    """Return the image of a number (size, size, 3) uint8, boxes (M, 4) xyxy pixels, labels (M,) from 1."""
    random = np.random.RandomState([11, number])
    canvas, main = draw_background(random, size)
    names = [OLD_NAMES[random.randint(len(OLD_NAMES))]]
    names += [OUTLINES[random.randint(2)] for _ in range(1 + random.randint(MAX_OBJECTS))]
    near, taken, boxes, labels = [main], np.zeros((0, 4)), [], []
    for name in names:
        outline, box = _placed(random, name, taken, size)
        if outline is None:
            continue
        near.append(draw_object(canvas, random, outline, near))
        taken = np.concatenate([taken, [box]])
        if name in OUTLINES:
            boxes.append(box)
            labels.append(OUTLINES.index(name) + 1)
    image = np.clip(canvas * 255 + 0.5, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return np.ascontiguousarray(image), np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64)


def _placed(random, name, taken, size):
    """Return an outline that touches none of the boxes taken, and its box in pixels; (None, None) if there is none."""
    side = MIN_SIDE + (MAX_SIDE - MIN_SIDE) * random.random_sample()
    for _ in range(TRIES):
        outline = random_outline(random, name, side)
        rows, columns, counts = pixel_coverage(outline, size)
        seen_rows, seen_columns = (np.flatnonzero(counts.any(axis=axis)) for axis in (1, 0))
        low = np.array([columns.start + seen_columns[0], rows.start + seen_rows[0]], float)
        high = np.array([columns.start + seen_columns[-1] + 1, rows.start + seen_rows[-1] + 1], float)
        box = np.concatenate([low, high])
        if not len(taken) or iou(box[None], taken).max() <= MAX_IOU:
            return outline, box
    return None, None
