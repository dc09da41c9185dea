"""The two ways to write a box, and the overlap of two boxes (the paper's "jaccard overlap", here IoU).

``xyxy`` is (x_min, y_min, x_max, y_max), ``cxcywh`` is (center x, center y, width, height). Both are continuous: pixel
i covers [i, i + 1), so the width is x_max - x_min with no "+ 1". The unit may be a pixel or the side of the image: no
function here depends on it.
"""

import numpy as np

from numpyssd.drawing import COLORS, draw_boxes, draw_image

MAX_COORDINATE = 1e6  # in units of the image's side: a box that overflowed ends here, and its area is still a number


def as_boxes(boxes, name="boxes"):
    """Return boxes as a float array (N, 4): float32 and float64 pass unchanged, anything else is converted.

    Raises ValueError with the name and shape if it is not (N, 4). An image without boxes has the shape (0, 4).
    """
    boxes = np.asarray(boxes)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"{name} must have the shape (N, 4), also when N is 0, but has {boxes.shape}")
    return boxes.astype(np.result_type(boxes, np.float32), copy=False)


def xyxy_to_cxcywh(boxes):
    """Return boxes (N, 4) xyxy as (N, 4) cxcywh, a new array of the same float type."""
    boxes = as_boxes(boxes)
    low, high = boxes[:, :2], boxes[:, 2:]  # (N, 2) each
    return np.concatenate([(low + high) / 2, high - low], axis=1)  # (N, 4)


def cxcywh_to_xyxy(boxes):
    """Return boxes (N, 4) cxcywh as (N, 4) xyxy, a new array of the same float type."""
    boxes = as_boxes(boxes)
    center, half = boxes[:, :2], boxes[:, 2:] / 2  # (N, 2) each
    return np.concatenate([center - half, center + half], axis=1)  # (N, 4)


def iou(a, b):
    """Return the intersection over union of every box of a with every box of b.

    a: (N, 4) xyxy, b: (M, 4) xyxy in the same unit. Returns (N, M) in [0, 1]; two float32 arrays give float32. A box
    that is empty, inverted, not finite or so large that its area overflows has IoU 0 with every box, also with
    itself; the result is never NaN. Raises ValueError for another shape. Paper: section 2.2, "Matching strategy".
    """
    a, b = as_boxes(a, "a"), as_boxes(b, "b")
    a, area_a = _with_area(a)
    b, area_b = _with_area(b)
    b_columns = np.ascontiguousarray(b.T)  # (4, M)
    overlaps = np.empty((len(a), len(b)), dtype=np.result_type(a, b))  # (N, M)
    # A few rows at a time, so that the intermediate arrays stay in the cache: several times faster than all at once.
    rows = max(1, 2**14 // max(1, len(b)))
    for i in range(0, len(a), rows):
        block = slice(i, i + rows)
        intersection = _intersection(a[block].T[:, :, None], b_columns)  # (rows, M)
        union = area_a[block, None] + area_b - intersection  # (rows, M)
        # Two empty boxes have no union either: 0 / tiny instead of 0 / 0.
        np.divide(intersection, np.maximum(union, np.finfo(union.dtype).tiny), out=overlaps[block])
    return overlaps


def _intersection(a, b):
    """Return the area of the intersections; a and b are (x_min, y_min, x_max, y_max), four arrays that broadcast."""
    width = np.minimum(a[2], b[2]) - np.maximum(a[0], b[0])
    height = np.minimum(a[3], b[3]) - np.maximum(a[1], b[1])
    return np.maximum(width, 0) * np.maximum(height, 0)


def area(boxes):
    """Return the area of boxes (N, 4) xyxy as (N,); 0 for a box that is empty or inverted."""
    return _with_area(as_boxes(boxes))[1]


def _with_area(boxes):
    """Return boxes and their areas, with every box that encloses no finite area replaced by zeros."""
    with np.errstate(over="ignore", invalid="ignore"):
        size = boxes[:, 2:] - boxes[:, :2]  # (N, 2)
        areas = size[:, 0] * size[:, 1]
    # A quarter of the largest number leaves room for the sum of two areas.
    proper = (size > 0).all(axis=1) & (areas < np.finfo(areas.dtype).max / 4)
    return np.where(proper[:, None], boxes, 0), np.where(proper, areas, 0)


# ---------------------------------------------------------------------------------------------------------------------


def draw_iou(ax, image, box, other):
    """Draw two boxes (4,) xyxy in pixels on the image, their intersection filled, and the IoU as the title."""
    from matplotlib.patches import Rectangle

    box, other = np.asarray(box, dtype=float), np.asarray(other, dtype=float)
    intersection = _intersection(box, other)
    union = area(np.stack([box, other])).sum() - intersection
    draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    if intersection > 0:
        low, high = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
        ax.add_patch(Rectangle(low, *(high - low), color=COLORS["positive"], alpha=0.5, linewidth=0))
    draw_boxes(ax, [box], "ground truth", linewidth=3)
    draw_boxes(ax, [other], "prediction", linewidth=2.5, linestyle="--")
    value = iou([box], [other])[0, 0]
    ax.set_title(f"IoU = intersection / union = {intersection:.0f} / {union:.0f} = {value:.2f}", fontsize=10)


def draw_ladder(axes, image, box):
    """Draw the IoU of a box (4,) xyxy in pixels with a copy of itself that is moved away step by step."""
    for ax, fraction in zip(axes, (0.1, 1 / 3, 0.6)):
        step = fraction * (box[2] - box[0])
        draw_iou(ax, image, box, box + np.array([step, 0, step, 0]))
        ax.set_xlabel(f"moved by {fraction:.0%} of its width", fontsize=10)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("kernels.boxes")
