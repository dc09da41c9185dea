"""Mosaic: four images in one (Bochkovskiy et al., "YOLOv4", 2020, section 3.3). Not in the paper of SSD.

A small set of images becomes many more, objects appear in other places beside other objects, and smaller ones appear.
"""

import numpy as np

from numpyssd.datasets.dataset import Sample
from numpyssd.drawing import draw_strips
from numpyssd.images.resize import average
from numpyssd.training.augmentation.geometry import boxes_in_view

CENTER = (0.3, 0.7)  # where the four images meet, as a fraction of the sides
ZOOM = (1.0, 2.0)  # 1: as much of an image as fills its part of the mosaic; 2: twice as large, so a quarter of that


def mosaic(samples, side: int, rng) -> Sample:
    """Return one sample of ``side`` x ``side`` pixels that shows a part of each of four samples.

    The four meet at a random place. Each keeps the ratio of its sides: its part shows a window of it of the same shape,
    at a random place and of a random size. An object is kept if its center is in the window; its box is then cut to it.
    """
    image = np.empty((side, side, 3), np.uint8)
    x, y = np.rint(rng.uniform(*CENTER, 2) * side).astype(int)
    parts = ((0, 0, x, y), (x, 0, side, y), (0, y, x, side), (x, y, side, side))
    boxes, labels, difficult = [], [], []
    for sample, (x1, y1, x2, y2) in zip(samples, parts, strict=True):
        size = np.array([x2 - x1, y2 - y1])
        left, top, right, bottom = view = _window(sample.image.shape, size, rng)
        window = sample.image[top:bottom, left:right]
        image[y1:y2, x1:x2] = average(window, (0, 0, right - left, bottom - top), *size.tolist())
        inside, kept = boxes_in_view(sample.boxes, view.astype(np.float64))
        boxes.append(inside * np.tile(size, 2) + np.tile([x1, y1], 2))
        labels.append(sample.labels[kept])
        difficult.append(sample.difficult[kept])
    together = np.concatenate(boxes).astype(np.float32)
    return Sample(image, together, np.concatenate(labels), np.concatenate(difficult))


def _window(shape, size, rng):
    """Return (x1, y1, x2, y2) whole pixels of an image (H, W, 3): of the shape of ``size``, (width, height)."""
    image = np.array([shape[1], shape[0]])
    factor = max(size / image) * rng.uniform(*ZOOM)  # pixels of the mosaic for a pixel of the image
    window = np.clip(np.rint(size / factor), 1, image).astype(int)  # (2,)
    corner = rng.integers(0, image - window + 1)  # (2,)
    return np.concatenate([corner, corner + window])


# ----------------------------------------------------------------------------------------------------------------------


def draw_mosaic(ax, samples, side=400, seed=2):
    """Draw four samples, and three mosaics of them."""
    rng = np.random.default_rng(seed)
    ones = [("", s.image, _relative(s)) for s in samples]
    made = [mosaic([samples[n] for n in rng.permutation(4)], side, rng) for _ in ones[:3]]
    draw_strips(ax, [("Four images", ones), ("Three mosaics of them", [("", s.image, _relative(s)) for s in made])])
    ax.set_title("A mosaic shows a part of each of four images")


def _relative(sample):
    height, width = sample.image.shape[:2]
    return sample.boxes / [width, height, width, height]


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("augmentation.mosaic")
