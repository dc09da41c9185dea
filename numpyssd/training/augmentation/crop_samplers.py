"""Crops: seven samplers look for one, and the choice is among those that found one (section 2.2, "Data augmentation").

A crop is a view, see geometry: a rectangle (x1, y1, x2, y2) in the pixel coordinates of the image.
"""

import numpy as np

from numpyssd.boxes import iou
from numpyssd.drawing import draw_strips

MIN_IOUS = (0.1, 0.3, 0.5, 0.7, 0.9)


def crop_candidates(
    view,
    boxes,
    rng,
    min_scale=0.3,
    max_aspect_ratio=2.0,
    min_ious=MIN_IOUS,
    trials=50,
    min_iou_rule="any",
    last_needs_object=True,
):
    """Let seven samplers look for a crop of the view; return crops (7, 4) and which samplers succeeded, (7,) bool.

    Row 0 is the whole view. Each of the next rows needs an IoU of at least min_ious[i] with one of boxes (M, 4), xyxy
    pixels. The last row takes any crop. Each sampler takes the first of ``trials`` random rectangles that fulfills its
    condition. A rectangle has the sides scale * sqrt(ratio) and scale / sqrt(ratio) of the view's: scale is uniform in
    [min_scale, 1], ratio in [1 / max_aspect_ratio, max_aspect_ratio], cut to where both sides fit. Caffe: sampler.cpp,
    batch_sampler of ssd_pascal.py. The paper's "between [0.1, 1] of the original image size" is the area: 0.3 x 0.3 =
    0.09.

    - min_iou_rule: "any": one object with that IoU is enough, even if its center is outside the crop; Caffe. "all"
      objects must have it; ChainerCV.
    - last_needs_object: the last, unconstrained sampler needs an object, of whatever IoU, so that an image without
      objects is never cropped; Caffe.

    Raises ValueError for another word.
    """
    if min_iou_rule not in ("any", "all"):
        raise ValueError(f'min_iou_rule must be "any" or "all", but is {min_iou_rule!r}')
    wanted = np.append(min_ious, 0.0)[:, None]  # (6, 1)
    scale = rng.uniform(min_scale, 1.0, (len(wanted), trials))  # (6, T)
    ratio = rng.uniform(1.0 / max_aspect_ratio, max_aspect_ratio, scale.shape)
    ratio = np.clip(ratio, scale**2, scale**-2)
    sides = np.stack([scale * np.sqrt(ratio), scale / np.sqrt(ratio)], axis=-1)  # (6, T, 2)
    sides = np.minimum(sides, 1.0)  # rounding must not push a crop beyond the edge
    corners = rng.random(sides.shape) * (1.0 - sides)
    origin, extent = view[:2], view[2:] - view[:2]
    crops = np.concatenate([origin + corners * extent, origin + (corners + sides) * extent], axis=-1)  # (6, T, 4)

    overlaps = iou(crops.reshape(-1, 4), boxes)  # (6 T, M)
    any_one = min_iou_rule == "any" or not len(boxes)
    overlap = overlaps.max(axis=1, initial=0.0) if any_one else overlaps.min(axis=1)
    accepted = overlap.reshape(scale.shape) >= wanted  # (6, T)
    accepted[-1] &= len(boxes) > 0 or not last_needs_object
    first = accepted.argmax(axis=1)
    crops = np.concatenate([view[None], crops[np.arange(len(first)), first]])  # (7, 4)
    return crops, np.append(True, accepted.any(axis=1))


def crop(view, boxes, rng, **options):
    """Return a new view (4,): one of the candidates that succeeded, each as likely. Options: see crop_candidates."""
    crops, succeeded = crop_candidates(view, boxes, rng, **options)
    return crops[rng.choice(np.flatnonzero(succeeded))]


# ----------------------------------------------------------------------------------------------------------------------


def draw_crops(ax, image, boxes, seed=116, size=200, samplers=range(7)):
    """Draw a crop of each of the samplers, of 0 to 6: where it is on the image, and what the network gets of it."""
    from numpyssd.training.augmentation.geometry import boxes_in_view
    from numpyssd.training.augmentation.resampling import INTERPOLATIONS, resample

    height, width = image.shape[:2]
    names = ["the whole image", *(f"IoU at least {m}" for m in MIN_IOUS), "any crop"]
    crops, succeeded = crop_candidates(np.array([0.0, 0, width, height]), boxes, np.random.default_rng(seed))
    where, what = [], []
    for name, crop, success in [(names[i], crops[i], succeeded[i]) for i in samplers]:
        pale = 255 - (255 - image) // 4  # outside the crop
        x1, y1, x2, y2 = np.rint(crop).astype(int)
        if success:
            pale[y1:y2, x1:x2] = image[y1:y2, x1:x2]
        found = f"found: IoU {iou(crop[None], boxes).max(initial=0):.2f}" if success else "found none"
        where.append((f"{name}\n{found}", pale, boxes / [width, height, width, height]))
        new_boxes, kept = boxes_in_view(boxes, crop)
        sample = resample(image, crop, size, INTERPOLATIONS[0])[0]
        what.append((f"{len(kept)} of {len(boxes)} objects", sample, new_boxes) if success else None)
    draw_strips(ax, [("Where each sampler looks", where), ("What the network would get", what)])
    ax.set_title("Seven samplers look for a crop, and one of those that found one is taken")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("augmentation.crop_samplers")
