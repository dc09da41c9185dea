"""Data augmentation (sections 2.2 and 3.6): from a picture of any size to one training sample of the network's size.

Caffe's order is distort colors, zoom out, crop, resize, mirror. Here zoom-out and crop first agree on one view
(see geometry), which is read from the picture once, at the network's size. A change of color looks at one pixel at a
time, so only the pixels under the view are changed: the result is that of changing all of them first. The mean around
a zoomed-out picture keeps its color, so that it is 0 once the mean is subtracted.
"""

import numpy as np
from PIL import Image

from numpyssd.boxes import as_boxes
from numpyssd.drawing import draw_strips
from numpyssd.images.resize import check_image
from numpyssd.training.augmentation import geometry
from numpyssd.training.augmentation.crop_samplers import crop
from numpyssd.training.augmentation.photometric import photometric_distort
from numpyssd.training.augmentation.resampling import INTERPOLATIONS, resample


def augment(
    image,
    boxes,
    labels,
    size,
    rng,
    mean=(123, 117, 104),
    *,
    colors="first",
    distort_probability=0.5,
    hue_wraps=False,
    shuffle_probability=0.0,
    zoom_out_probability=0.5,
    zoom_out_max=4.0,
    crop_probability=1.0,
    crop_min_scale=0.3,
    qualifies="any",
    free_needs_object=True,
    resize="average",
    flip_probability=0.5,
    flip_vertical=False,
    rotate90=False,
):
    """Make one training sample: ``-> image (size, size, 3) uint8, boxes (M', 4), labels (M',), kept (M',)``.

    image (H, W, 3) uint8 of any size; boxes (M, 4) xyxy pixels; labels (M,); M = 0 is legal, before and after. The
    boxes returned are float32 xyxy in [0, 1], clipped, each side at least geometry.MIN_SIDE; ``kept`` are the rows of
    the objects that are left, with which difficult[kept] follows. rng: a np.random.Generator; the same state gives the
    same sample. The defaults are Caffe's, but for resize.

    colors: changed "first", before resizing, or "last", which takes two thirds of the time for a picture of 640 x 480
    and a tenth for one of 4000 x 3000 (30 instead of 300 ms), and differs by 0.2 of 255 levels, because brightness and
    contrast commute with averaging (benchmarks/augmentation.py). The same rng gives the same view and the same amounts
    in both. distort_probability is that of each change; hue_wraps and shuffle_probability (of the channels):
    see photometric. qualifies and free_needs_object: see crop_samplers. resize: see resampling. flip_vertical (with
    flip_probability) and rotate90 (0 to 3 quarter turns) suit pictures without an up, such as from a microscope.

    Raises ValueError for an array of a wrong shape or type, and for an option that is none of its words.
    """
    image, boxes, labels = check_image(image), as_boxes(boxes), np.asarray(labels)
    if labels.shape != boxes.shape[:1]:
        raise ValueError(f"labels must have the shape ({len(boxes)},), one for each box, but has {labels.shape}")
    if colors not in ("first", "last"):
        raise ValueError(f'colors must be "first" or "last", but is {colors!r}')
    if resize not in ("average", "opencv", "float"):
        raise ValueError(f'resize must be "average", "opencv" or "float", but is {resize!r}')

    view = geometry.zoom_out(image.shape[1], image.shape[0], rng, zoom_out_max, zoom_out_probability)
    if rng.random() < crop_probability:
        options = {"qualifies": qualifies, "free_needs_object": free_needs_object}
        view = crop(view, boxes, rng, min_scale=crop_min_scale, **options)
    new_boxes, kept = geometry.boxes_in_view(boxes, view)

    def distort(pixels):
        options = {"hue_wraps": hue_wraps, "shuffle_probability": shuffle_probability}
        return photometric_distort(pixels, rng, distort_probability, **options)

    interpolation = INTERPOLATIONS[rng.integers(len(INTERPOLATIONS))]
    # To pick pixels and then change their colors is the same as the other way round, and cheaper.
    before = distort if colors == "first" and interpolation != Image.Resampling.NEAREST else None
    part, rows, columns = resample(image, view, size, interpolation, resize, before)
    sample = np.empty((size, size, 3), np.uint8)
    sample[...] = np.rint(mean)
    if part.size:  # a crop of a zoomed-out picture may miss it altogether
        sample[rows, columns] = part if before else distort(part)

    if rng.random() < flip_probability:
        sample, new_boxes = geometry.flip(sample, new_boxes)
    if flip_vertical and rng.random() < flip_probability:
        sample, new_boxes = geometry.flip_vertical(sample, new_boxes)
    if rotate90:
        sample, new_boxes = geometry.rotate90(sample, new_boxes, int(rng.integers(4)))
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
    ax.set_title("Augmentation makes many samples of one picture, and the boxes go with it")


if __name__ == "__main__":
    from numpyssd.drawing import run_picture

    run_picture("augmentation.pipeline")
