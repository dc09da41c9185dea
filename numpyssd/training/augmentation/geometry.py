"""Where the network looks: zoom-out (section 3.6), flips and turns (section 2.2, "Data augmentation").

Zooming out and cropping only choose a **view**: a rectangle (x1, y1, x2, y2) in the continuous pixel coordinates of
the image, which may reach beyond its edges. No pixel is touched until the last view is known; then it is read once.
(Caffe makes each image in turn, and cuts its edges to whole pixels, so that boxes are up to a pixel off.) Crops are
in crop_samplers.
"""

import numpy as np

from numpyssd.drawing import draw_strips

MIN_SIDE = 1e-3  # a box that is left with less of the view's width or height is dropped: log(w) must stay harmless


def zoom_out(width, height, rng, max_ratio=4.0, probability=0.5):
    """Return a view (4,) that holds the whole image of width x height pixels at a random place, and more around it.

    The view is ``ratio`` times as wide and as high, uniform in [1, max_ratio], so objects shrink to as little as 1/16
    of their area. Without zoom-out the view is the image. Caffe: ExpandImage, expand_param of ssd_pascal.py.
    """
    image = np.array([0.0, 0.0, width, height])
    if rng.random() >= probability:
        return image
    ratio = rng.uniform(1.0, max_ratio)
    corner = -rng.random(2) * (ratio - 1.0) * image[2:]
    return np.concatenate([corner, corner + ratio * image[2:]])


def boxes_in_view(boxes, view):
    """Return the boxes that a view keeps, (M', 4) xyxy in [0, 1] of the view, and their indices (M',).

    boxes (M, 4) xyxy pixels. An object is kept if its center is in the view; its box is then clipped to the view.
    """
    origin, extent = np.tile(view[:2], 2), np.tile(view[2:] - view[:2], 2)
    boxes = (np.asarray(boxes, dtype=np.float64) - origin) / extent
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    boxes = np.clip(boxes, 0.0, 1.0)
    inside = ((centers >= 0.0) & (centers <= 1.0)).all(axis=1)
    kept = np.flatnonzero(inside & (boxes[:, 2:] - boxes[:, :2] >= MIN_SIDE).all(axis=1))
    return boxes[kept].astype(np.float32), kept


def flip(image, boxes):
    """Mirror left and right: image (H, W, 3), boxes (M, 4) xyxy in [0, 1]."""
    x1, y1, x2, y2 = boxes.T
    return image[:, ::-1], np.stack([1 - x2, y1, 1 - x1, y2], axis=1)


def flip_vertical(image, boxes):
    """Mirror top and bottom: image (H, W, 3), boxes (M, 4) xyxy in [0, 1]."""
    x1, y1, x2, y2 = boxes.T
    return image[::-1], np.stack([x1, 1 - y2, x2, 1 - y1], axis=1)


def rotate90(image, boxes, turns=1):
    """Turn by ``turns`` quarters, counter-clockwise as seen: image (H, W, 3), boxes (M, 4) xyxy in [0, 1]."""
    for _ in range(turns % 4):
        x1, y1, x2, y2 = boxes.T
        boxes = np.stack([y1, 1 - x2, y2, 1 - x1], axis=1)
    return np.rot90(image, turns), boxes


# ----------------------------------------------------------------------------------------------------------------------


def draw_geometry(ax, image, boxes, size=200, mean=(123, 117, 104), seed=1):
    """Draw a strip of zoom-outs, each at a random place in the mean, and a strip of flips and turns."""
    from numpyssd.training.augmentation.resampling import INTERPOLATIONS, resample

    def seen(view):
        sample = np.full((size, size, 3), mean, np.uint8)
        part, rows, columns = resample(image, view, size, INTERPOLATIONS[0])
        sample[rows, columns] = part
        return sample, boxes_in_view(boxes, view)[0]

    rng, (height, width) = np.random.default_rng(seed), image.shape[:2]
    views = sorted((zoom_out(width, height, rng, probability=1) for _ in range(48)), key=lambda view: view[2] - view[0])
    views = [np.array([0.0, 0, width, height]), *views[5::9]]
    zoomed = [(f"{(view[2] - view[0]) / width:.1f} times the side", *seen(view)) for view in views]
    whole = seen(views[0])
    flipped = [
        ("as it was", *whole),
        ("flip, half of the time", *flip(*whole)),
        ("flip_vertical", *flip_vertical(*whole)),
        *((f"rotate90, {turns} of 4", *rotate90(*whole, turns)) for turns in (1, 2, 3)),
    ]
    headings = "Zoom-out: 1 to 4 times the side, at a random place", "Flips and turns: Caffe only flips"
    draw_strips(ax, list(zip(headings, (zoomed, flipped))))
    ax.set_title("Where the image lies: pixels and boxes go together")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("augmentation.geometry")
