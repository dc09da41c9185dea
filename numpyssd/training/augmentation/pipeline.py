"""Data augmentation (sections 2.2 and 3.6): from an image of any size to one training sample of the network's size.

Caffe's order is distort colors, zoom out, crop, resize, mirror. Here zoom-out and crop first agree on one view
(see geometry), which is read from the image once, at the network's size. A change of color looks at one pixel at a
time, so only the pixels under the view are changed: the result is that of changing all of them first. The mean around
a zoomed-out image keeps its color, so that it is 0 once the mean is subtracted.
"""

import numpy as np

from numpyssd.boxes import as_boxes
from numpyssd.drawing import draw_strips
from numpyssd.images.resize import check_image
from numpyssd.training.augmentation import geometry
from numpyssd.training.augmentation.crop_samplers import crop
from numpyssd.training.augmentation.photometric import photometric_distort
from numpyssd.training.augmentation.resampling import INTERPOLATIONS, resample
from numpyssd.training.augmentation.variants import Variants


def augment(
    image,
    boxes,
    labels,
    size,
    rng,
    mean=(123, 117, 104),
    *,
    distort_probability=0.5,
    zoom_out_probability=0.5,
    zoom_out_max=4.0,
    crop_probability=1.0,
    crop_min_scale=0.3,
    flip_probability=0.5,
    colors="first",
    hue_wraps=False,
    shuffle_probability=0.0,
    min_iou_rule="any",
    last_needs_object=True,
    resize="average",
    flip_vertical=False,
    rotate90=False,
):
    """Make one training sample: ``-> image (size, size, 3) uint8, boxes (M', 4), labels (M',), kept (M',)``.

    - image: (H, W, 3) uint8 of any size; boxes: (M, 4) xyxy pixels; labels: (M,). M may be 0, before and after.
    - rng: a np.random.Generator; the same state gives the same sample.
    - mean: the color around a zoomed-out image.
    - distort_probability: of each change of color; the other probabilities: of the whole step.
    - colors and all after it: what other implementations do, see variants.py. The defaults are Caffe's, but for resize.

    The boxes returned are float32 xyxy in [0, 1], clipped, each side at least geometry.MIN_SIDE. ``kept`` are the rows
    of the objects that are left, with which difficult[kept] follows.
    Raises ValueError for an array of a wrong shape or type, and for an unknown word.
    """
    image, boxes, labels = check_image(image), as_boxes(boxes), np.asarray(labels)
    if labels.shape != boxes.shape[:1]:
        raise ValueError(f"labels must have the shape ({len(boxes)},), one for each box, but has {labels.shape}")
    choice = Variants(
        colors, hue_wraps, shuffle_probability, min_iou_rule, last_needs_object, resize, flip_vertical, rotate90
    )

    def distort(pixels):
        return photometric_distort(pixels, rng, distort_probability, **choice.of_distort)

    height, width = image.shape[:2]
    view = geometry.zoom_out(width, height, rng, zoom_out_max, zoom_out_probability)  # (4,)
    if rng.random() < crop_probability:
        view = crop(view, boxes, rng, min_scale=crop_min_scale, **choice.of_crop)
    new_boxes, kept = geometry.boxes_in_view(boxes, view)

    interpolation = INTERPOLATIONS[rng.integers(len(INTERPOLATIONS))]
    before = distort if choice.colors_first(interpolation) else None
    part, rows, columns = resample(image, view, size, interpolation, choice.resize, before)
    sample = np.empty((size, size, 3), np.uint8)
    sample[...] = np.rint(mean)
    if part.size:  # a crop of a zoomed-out image may miss it altogether
        sample[rows, columns] = part if before else distort(part)

    if rng.random() < flip_probability:
        sample, new_boxes = geometry.flip(sample, new_boxes)
    sample, new_boxes = choice.turn(sample, new_boxes, rng, flip_probability)
    return np.ascontiguousarray(sample), new_boxes, labels[kept], kept


# ----------------------------------------------------------------------------------------------------------------------


def draw_augmentation(ax, image, boxes, labels, size=200, seed=3):
    """Draw what each step does alone (upper row), and samples as the network gets them (lower row)."""
    none = {"distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0, "flip_probability": 0}
    steps = {
        "as it was": {},
        "colors": {"distort_probability": 1},
        "zoom-out": {"zoom_out_probability": 1},
        "crop": {"crop_probability": 1},
        "flip": {"flip_probability": 1},
        "quarter turns (if you ask)": {"rotate90": True},
    }
    rng = np.random.default_rng(seed)
    alone = [(n, *augment(image, boxes, labels, size, rng, **{**none, **step})[:2]) for n, step in steps.items()]
    samples = [("", *augment(image, boxes, labels, size, rng)[:2]) for _ in steps]
    draw_strips(ax, [("Each step alone", alone), ("All at random, as in training", samples)])
    ax.set_title("Augmentation makes many samples of one image, and the boxes go with it")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("augmentation.pipeline")
