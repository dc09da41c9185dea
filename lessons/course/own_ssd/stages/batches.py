"""Stage 13: batches."""

from functools import cache

import numpy as np

from lessons.course.own_ssd.reference import CONFIG
from lessons.course.own_ssd.stage import Case, Cause, Stage, calling
from lessons.course.own_ssd.stages import scene
from numpyssd.training.matching import targets

ROWS = ("image", "row", "value")
MAP = ("image", "row", "column", "channel")


@cache
def batch_cases():
    """Return the cases of prepare and make_batch; the second image is flipped."""
    pixels, (loc, conf) = scene.pixels(), scene.batch_targets()
    images = np.stack([image for image, _, _ in scene.samples()])
    plain, mean = images.astype(np.float32), np.array(CONFIG.mean, np.float32)
    causes = (
        Cause("the mean is not subtracted.", lambda: plain),
        Cause("the mean is added.", lambda: 2 * plain - pixels),
        Cause("the pixels are divided by 255. This network sees them as they are.", lambda: pixels / 255),
        Cause("the colors are exchanged: they are red, green, blue, and so is MEAN.", lambda: plain[..., ::-1] - mean),
        Cause("uint8 cannot be negative, and begins again at 255: turn it into float32 first.",
              lambda: (images - mean.astype(np.uint8)).astype(np.float32)),
    )  # fmt: skip
    first = Case("prepare(images)", calling("prepare", images), pixels, MAP, causes, 1e-6)
    flipped = np.stack([pixels[0], pixels[1, :, ::-1]])
    moved = _flipped_targets([False, True])
    causes = (
        Cause("the image is flipped, its boxes are not.", lambda: (flipped, loc, conf)),
        Cause("the boxes are flipped, their image is not.", lambda: (pixels, *moved)),
        Cause("nothing is flipped.", lambda: (pixels, loc, conf)),
        Cause("the image is upside down. Flip it left to right: the columns.",
              lambda: (np.stack([pixels[0], pixels[1, ::-1]]), *moved)),
        Cause("the images are not prepared: the mean is not subtracted.", lambda: (flipped + mean, *moved)),
        Cause("all images are flipped.", lambda: (pixels[:, :, ::-1], *_flipped_targets([True, True]))),
    )  # fmt: skip
    run = calling("make_batch", scene.samples(), [False, True], scene.defaults())
    return [first, Case("make_batch(samples, [False, True], defaults)", run, (flipped, *moved), ROWS, causes)]


def _flipped_targets(flips):
    found = []
    for (_, boxes, labels), flip in zip(scene.samples(), flips):
        x1, y1, x2, y2 = boxes.T
        found.append(targets(np.stack([1 - x2, y1, 1 - x1, y2], axis=1) if flip else boxes, labels, scene.defaults()))
    return [np.stack(part) for part in zip(*found)]


STAGES = (Stage("batches", ("flip_boxes",), ("prepare", "make_batch"), batch_cases, ("matching and encoding",)),)
