"""Copying objects: those of one image are pasted onto another, box and all. Not in the paper of SSD.

Dwibedi et al., "Cut, Paste and Learn", 2017, and Ghiasi et al., "Simple Copy-Paste", 2021, cut objects out by their
outlines. Here there are only boxes, so the rectangle comes with its bit of background, and fades at its edges, because
a hard edge is the easiest thing to learn (Dwibedi et al., section 4.2).
"""

import numpy as np

from numpyssd.boxes import area, iou
from numpyssd.datasets.dataset import Sample
from numpyssd.drawing import draw_strips
from numpyssd.images.resize import average

MOST = 3  # objects that are pasted
SCALE = (0.7, 1.4)  # of a pasted object, relative to its size in its own image
COVERED = 0.2  # of an object that is there already, at most
FADE = 0.1  # of the sides of the box
TRIALS = 10  # places that are tried for each


def copy_objects(sample: Sample, source: Sample, rng) -> Sample:
    """Return the sample with up to MOST objects of ``source`` pasted at random places; both stay as they are.

    An object keeps its share of its image, times SCALE, and is mirrored half of the time. It goes where it covers no
    other object by more than COVERED; if TRIALS places are none, it is left out. Difficult objects are not copied.
    """
    candidates = np.flatnonzero(~source.difficult)
    chosen = rng.permutation(candidates)[: rng.integers(1, MOST + 1)]
    image, boxes, labels = sample.image.copy(), sample.boxes, sample.labels
    for row in chosen:
        patch = _patch(source, row, image.shape, rng)
        place = None if patch is None else _place(patch.shape, image.shape, boxes, rng)
        if place is None:
            continue
        x1, y1, x2, y2 = place
        alpha = _fading(patch.shape)
        under = image[y1:y2, x1:x2]
        image[y1:y2, x1:x2] = np.rint(alpha * patch + (1 - alpha) * under).astype(np.uint8)
        boxes = np.concatenate([boxes, np.array([place], dtype=boxes.dtype)])
        labels = np.append(labels, source.labels[row])
    pasted = len(boxes) - len(sample.boxes)
    difficult = np.concatenate([sample.difficult, np.zeros(pasted, sample.difficult.dtype)])
    return Sample(image, boxes, labels.astype(sample.labels.dtype), difficult)


def _patch(source, row, shape, rng):
    """Return the pixels of an object at the size that it gets in an image of this shape, or None if it has none."""
    height, width = source.image.shape[:2]
    x1, y1 = np.floor(np.clip(source.boxes[row, :2], 0, [width, height])).astype(int)
    x2, y2 = np.ceil(np.clip(source.boxes[row, 2:], 0, [width, height])).astype(int)
    factor = rng.uniform(*SCALE) * np.sqrt(shape[0] * shape[1] / (height * width))
    size = np.rint(np.array([x2 - x1, y2 - y1]) * factor).astype(int)
    mirrored = rng.random() < 0.5
    if (size < 2).any() or (size > [shape[1], shape[0]]).any():
        return None
    pixels = average(source.image[y1:y2, x1:x2], (0, 0, x2 - x1, y2 - y1), *size.tolist())
    return pixels[:, ::-1] if mirrored else pixels


def _place(patch, shape, boxes, rng):
    """Return a box (4,) of whole pixels for a patch that leaves the boxes (M, 4) in sight, or None."""
    size = np.array([patch[1], patch[0]])
    for _ in range(TRIALS):
        corner = rng.integers(0, [shape[1], shape[0]] - size + 1)
        place = np.concatenate([corner, corner + size])
        overlap = iou(place[None].astype(np.float64), boxes)[0]  # (M,)
        shared = overlap * (size.prod() + area(boxes)) / (1 + overlap)  # the intersection, since IoU = I / (A + B - I)
        if not (shared > COVERED * area(boxes)).any():
            return place
    return None


def _fading(shape):
    """Return how much of a patch (h, w, 3) is seen at each pixel, (h, w, 1): less within FADE of its edges."""
    along = [np.minimum(np.arange(n) + 0.5, n - np.arange(n) - 0.5) / max(1.0, FADE * n) for n in shape[:2]]
    return np.minimum(1, np.minimum(along[0][:, None], along[1]))[..., None]


# ----------------------------------------------------------------------------------------------------------------------


def draw_copied_objects(ax, samples, seed=1):
    """Draw two samples, and three times the first with objects of the second."""
    rng, (sample, source) = np.random.default_rng(seed), samples
    made = [copy_objects(sample, source, rng) for _ in range(3)]
    strips = [("An image, and one to copy from", [_shown(sample), _shown(source)])]
    draw_strips(ax, [*strips, ("The first with objects of the other", [_shown(s) for s in made])])
    ax.set_title("Objects are copied onto another image, where they hide none")


def _shown(sample):
    height, width = sample.image.shape[:2]
    count = len(sample.boxes)
    return f"{count} object{'' if count == 1 else 's'}", sample.image, sample.boxes / [width, height, width, height]


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("augmentation.copied_objects")
