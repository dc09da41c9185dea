"""Where the network looks: zoom-out (section 3.6), crops, flips and turns (section 2.2, "Data augmentation").

Zooming out and cropping only choose a **view**: a rectangle (x1, y1, x2, y2) in the continuous pixel coordinates of
the image, which may reach beyond its edges. No pixel is touched until the last view is known; then it is read once.
"""

import numpy as np

from numpyssd.boxes import iou
from numpyssd.drawing import draw_boxes, draw_image

MIN_IOUS = (0.1, 0.3, 0.5, 0.7, 0.9)
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


def crop_candidates(view, boxes, rng, min_scale=0.3, max_aspect_ratio=2.0, min_ious=MIN_IOUS, trials=50):
    """Let seven samplers look for a crop of the view; return crops (7, 4) and which samplers succeeded, (7,) bool.

    Row 0 is the whole view; the next rows each want an IoU of at least min_ious[i] with ANY one of boxes (M, 4), xyxy
    pixels; the last wants nothing. Each takes the first of ``trials`` random rectangles that will do. A rectangle has
    sides scale * sqrt(ratio) and scale / sqrt(ratio) of the view's, scale uniform in [min_scale, 1] and ratio in
    [1 / max_aspect_ratio, max_aspect_ratio], cut to where both sides fit. Caffe: sampler.cpp, batch_sampler of
    ssd_pascal.py. The paper's "between [0.1, 1] of the original image size" is the area: 0.3 x 0.3 = 0.09.

    Caffe's free sampler does ask for an object (any IoU), which only matters in an image without one: we let it crop.
    """
    wanted = np.append(min_ious, 0.0)[:, None]  # (6, 1)
    scale = rng.uniform(min_scale, 1.0, (len(wanted), trials))  # (6, T)
    ratio = rng.uniform(1.0 / max_aspect_ratio, max_aspect_ratio, scale.shape)
    ratio = np.clip(ratio, scale**2, scale**-2)
    sides = np.stack([scale * np.sqrt(ratio), scale / np.sqrt(ratio)], axis=-1)  # (6, T, 2)
    sides = np.minimum(sides, 1.0)  # rounding must not push a crop over the edge
    corners = rng.random(sides.shape) * (1.0 - sides)
    origin, extent = view[:2], view[2:] - view[:2]
    crops = np.concatenate([origin + corners * extent, origin + (corners + sides) * extent], axis=-1)  # (6, T, 4)

    best_iou = iou(crops.reshape(-1, 4), boxes).max(axis=1, initial=0.0).reshape(scale.shape)  # (6, T)
    accepted = best_iou >= wanted
    first = accepted.argmax(axis=1)
    crops = np.concatenate([view[None], crops[np.arange(len(first)), first]])  # (7, 4)
    return crops, np.append(True, accepted.any(axis=1))


def crop(view, boxes, rng, **options):
    """Return a new view (4,): one of the candidates that succeeded, each as likely. Options: see crop_candidates."""
    crops, succeeded = crop_candidates(view, boxes, rng, **options)
    return crops[rng.choice(np.flatnonzero(succeeded))]


def boxes_in_view(boxes, view):
    """Return the boxes that a view keeps, (M', 4) xyxy in [0, 1] of the view, and their indices (M',).

    boxes (M, 4) xyxy pixels. An object is kept if its centre is in the view; what sticks out is then cut off.
    """
    origin, extent = np.tile(view[:2], 2), np.tile(view[2:] - view[:2], 2)
    boxes = (np.asarray(boxes, dtype=np.float64) - origin) / extent
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    boxes = np.clip(boxes, 0.0, 1.0)
    inside = ((centres >= 0.0) & (centres <= 1.0)).all(axis=1)
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


def draw_crops(axes, image, boxes, seed=3, draws=2000):
    """Draw one crop of each sampler on the image, and how the IoU with the best object is spread among the crops."""
    from matplotlib import colormaps

    left, right = axes
    rng = np.random.default_rng(seed)
    view = np.array([0.0, 0.0, image.shape[1], image.shape[0]])
    names = ["whole image", *(f"IoU ≥ {m}" for m in MIN_IOUS), "free"]
    colours = ["black", *colormaps["plasma"](np.linspace(0.0, 0.9, len(MIN_IOUS))), "#777777"]

    draw_image(left, image)
    draw_boxes(left, boxes, "ground truth")
    crops, succeeded = crop_candidates(view, boxes, rng)
    for i in np.flatnonzero(succeeded)[1:]:
        draw_boxes(left, crops[i : i + 1], "default box", [names[i]], edgecolor=colours[i], linestyle="--", linewidth=2)
    left.set_title("A crop of each sampler (dashed);\nthe network then sees one of them")

    best = [[] for _ in names]
    for _ in range(draws):
        crops, succeeded = crop_candidates(view, boxes, rng)
        for i in np.flatnonzero(succeeded):
            best[i].append(iou(crops[i : i + 1], boxes).max(initial=0.0))
    right.hist(best[1:], bins=np.linspace(0, 1, 41), stacked=True, color=colours[1:], label=names[1:])
    right.set(xlabel="IoU of the crop with the object it fits best", ylabel="accepted crops", xlim=(0, 1))
    right.legend(fontsize=8)
    right.set_title(f"{draws} times each: a sampler keeps its promise,\nno colour lies to the left of its limit")


if __name__ == "__main__":
    from numpyssd.datasets.shapes import example
    from numpyssd.drawing import picture

    picture(lambda axes: draw_crops(axes, *example()[:2]), columns=2, size=(11, 5))
