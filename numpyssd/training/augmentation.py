"""Data augmentation (sections 2.2 and 3.6): from a picture of any size to one training sample of the network's size.

Caffe's order is distort colours, zoom out, crop, resize, mirror. Here zoom-out and crop first agree on one view
(see geometry), which is read from the picture once, at the network's size; the colours are changed afterwards. That
touches a third of the pixels of a 640 x 480 picture and gives nearly the same result, because brightness and contrast
commute with averaging pixels: on photographs the two orders are 0.2 of 255 levels apart. The mean around a
zoomed-out picture keeps its colour, so that it is 0 once the mean is subtracted, as in Caffe.
"""

import numpy as np
from PIL import Image

from numpyssd.boxes import as_boxes
from numpyssd.drawing import draw_boxes
from numpyssd.training import geometry
from numpyssd.training.photometric import check_image, photometric_distort

# Caffe's five; one is drawn for each training sample, so that the network doesn't learn the traces of one of them.
INTERPOLATIONS = (
    Image.Resampling.BILINEAR,
    Image.Resampling.BOX,  # averages areas
    Image.Resampling.NEAREST,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)


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
    flip_vertical=False,
    rotate90=False,
):
    """Make one training sample: ``-> image (size, size, 3) uint8, boxes (M', 4), labels (M',), kept (M',)``.

    image (H, W, 3) uint8 of any size; boxes (M, 4) xyxy pixels; labels (M,); M = 0 is legal, before and after. The
    boxes returned are float32 xyxy in [0, 1], clipped, each side at least geometry.MIN_SIDE; ``kept`` are the rows of
    the objects that are left, with which difficult[kept] follows. rng: a np.random.Generator; the same state gives the
    same sample. The defaults are Caffe's. flip_vertical (with flip_probability) and rotate90 (0 to 3 quarter turns)
    suit pictures without an up, such as from a microscope or a satellite.

    Raises ValueError for an array of a wrong shape or type.
    """
    image, boxes, labels = check_image(image), as_boxes(boxes), np.asarray(labels)
    if labels.shape != boxes.shape[:1]:
        raise ValueError(f"labels must have the shape ({len(boxes)},), one for each box, but has {labels.shape}")

    view = geometry.zoom_out(image.shape[1], image.shape[0], rng, zoom_out_max, zoom_out_probability)
    if rng.random() < crop_probability:
        view = geometry.crop(view, boxes, rng, min_scale=crop_min_scale)
    new_boxes, kept = geometry.boxes_in_view(boxes, view)

    part, rows, columns = resample(image, view, size, INTERPOLATIONS[rng.integers(len(INTERPOLATIONS))])
    sample = np.empty((size, size, 3), np.uint8)
    sample[...] = np.rint(mean)
    if part.size:  # a crop of a zoomed-out picture may miss it altogether
        sample[rows, columns] = photometric_distort(part, rng, distort_probability)

    if rng.random() < flip_probability:
        sample, new_boxes = geometry.flip(sample, new_boxes)
    if flip_vertical and rng.random() < flip_probability:
        sample, new_boxes = geometry.flip_vertical(sample, new_boxes)
    if rotate90:
        sample, new_boxes = geometry.rotate90(sample, new_boxes, int(rng.integers(4)))
    return np.ascontiguousarray(sample), new_boxes, labels[kept], kept


def resize_for_test(image, size):
    """Warp an image (H, W, 3) uint8 to (size, size, 3) uint8: bilinear, averaging when it shrinks; nothing random.

    Caffe's INTER_LINEAR doesn't average, so that thin things come and go with the size of the picture.
    """
    image = check_image(image)
    view = np.array([0.0, 0.0, image.shape[1], image.shape[0]])
    return np.array(resample(image, view, size, Image.Resampling.BILINEAR)[0])


def resample(image, view, size, interpolation):
    """Return what a view (4,) sees of the image (H, W, 3), (h, w, 3) uint8, and its rows and columns among size x size.

    The rows and columns are slices: all of them unless the view reaches beyond the image. There, a pixel belongs to
    the image if its centre does, and the part shown is stretched to whole pixels, by less than half a pixel.
    """
    top, bottom, y1, y2 = _visible(view[1], view[3], image.shape[0], size)
    left, right, x1, x2 = _visible(view[0], view[2], image.shape[1], size)
    rows, columns = slice(top, bottom), slice(left, right)
    if top >= bottom or left >= right:
        return np.empty((bottom - top, right - left, 3), np.uint8), rows, columns
    # Only the pixels under the view are handed to Pillow: a crop must not see its neighbours, and copying costs time.
    x0, y0 = int(x1), int(y1)
    part = Image.fromarray(image[y0 : int(np.ceil(y2)), x0 : int(np.ceil(x2))])
    box = (x1 - x0, y1 - y0, x2 - x0, y2 - y0)
    # reducing_gap: a picture over four times too large is first averaged over whole pixels. Two to six times faster
    # at 11 megapixels, and 0.2 levels off.
    part = part.resize((right - left, bottom - top), interpolation, box=box, reducing_gap=2.0)
    return np.asarray(part), rows, columns


def _visible(start, stop, length, size):
    """Cut [start, stop) into ``size`` pixels: which have their centre on [0, length), and the part they show of it."""
    step = (stop - start) / size
    first, last = np.clip(np.ceil((np.array([0.0, length]) - start) / step - 0.5), 0, size).astype(int).tolist()
    return first, max(first, last), max(start + first * step, 0.0), min(start + last * step, float(length))


# ----------------------------------------------------------------------------------------------------------------------


def draw_augmentation(ax, image, boxes, labels, size=200, seed=3):
    """Draw what each step does alone (upper row), and samples as the network gets them (lower row)."""
    from matplotlib.patheffects import withStroke

    none = {"distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0, "flip_probability": 0}
    steps = {
        "as it was": {},
        "colours": {"distort_probability": 1},
        "zoom-out": {"zoom_out_probability": 1},
        "crop": {"crop_probability": 1},
        "flip": {"flip_probability": 1},
        "quarter turns\n(off by default)": {"rotate90": True},
    }
    options = [(name, {**none, **step}) for name, step in steps.items()] + [(None, {})] * len(steps)
    gap = size // 12
    halo = [withStroke(linewidth=3.5, foreground="white")]
    rng = np.random.default_rng(seed)
    for i, (name, option) in enumerate(options):
        sample, new_boxes, *_ = augment(image, boxes, labels, size, rng, **option)
        left, top = i % len(steps) * (size + gap), i // len(steps) * (size + 3 * gap)
        ax.imshow(sample, extent=(left, left + size, top + size, top))
        draw_boxes(ax, [[left, top, left + size, top + size]], "default box", linestyle="-")
        corners = new_boxes * size + np.tile([left, top], 2)
        draw_boxes(ax, corners, "ground truth", linewidth=1.8, path_effects=halo)
        ax.text(left + size / 2, top - gap / 4, name, ha="center", va="bottom", fontsize=10)
    ax.text(0, top - gap / 4, "all at random, as in training", va="bottom", fontsize=10)
    ax.set_xlim(0, left + size)
    ax.set_ylim(top + size + gap / 4, -2 * gap)
    ax.axis("off")
    ax.set_title("Augmentation makes many samples of one picture, and the boxes go with it")


if __name__ == "__main__":
    from numpyssd.datasets.shapes import example
    from numpyssd.drawing import picture

    picture(lambda ax: draw_augmentation(ax, *example()[:3]), size=(12, 4.6))
