"""Anchors: the boxes that the first stage starts from. SSD calls them default boxes (Faster R-CNN, section 3.1.1).

Every cell of one map has the same few, in all sizes; SSD spreads the sizes over several maps.
"""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.drawing import COLORS, draw_boxes, draw_image
from numpyssd.rivals.faster_rcnn.config import FasterRCNNConfig

EDGE = 1e-6  # in units of the image: so far outside is a rounding, not a crossing


def anchor_sizes(config: FasterRCNNConfig):
    """Return width and height (A, 2) in pixels of the anchors of a cell, ratio after ratio, each with all scales.

    The area is scale^2, and height / width is the ratio. With ``round_anchors`` the sides are those of the released
    code (generate_anchors.py): rounded, halves to even, on a window as large as the step, and then magnified.
    """
    ratios, scales = np.asarray(config.anchor_ratios, float), np.asarray(config.anchor_scales, float)
    if config.round_anchors:
        width = np.rint(np.sqrt(config.step**2 / ratios))  # (ratios,)
        height = np.rint(width * ratios)
        scales = scales / config.step
    else:
        width, height = 1 / np.sqrt(ratios), np.sqrt(ratios)
    return (np.stack([width, height], axis=1)[:, None] * scales[:, None]).reshape(-1, 2)  # (A, 2)


def anchors(config: FasterRCNNConfig):
    """Return all anchors (K, 4) float32, cxcywh in units of the image: row, column, anchor of the cell.

    Cell i has its center at (i + 0.5) * step pixels, as SSD's default boxes have. That is the released code too: its
    first anchor, (-84, -40, 99, 55), counts its last pixel as covered, so that its center is 8 and not 7.5 (the comment
    in that file has the same boxes counted from 1). torchvision puts anchors on the corner of a cell instead.
    """
    size = anchor_sizes(config)  # (A, 2)
    center = (np.arange(config.map_size) + 0.5) * config.step  # (cells,)
    grid = np.stack(np.meshgrid(center, center), axis=-1)[:, :, None]  # (rows, columns, 1, 2)
    shape = (config.map_size, config.map_size, len(size), 2)
    boxes = np.concatenate([np.broadcast_to(grid, shape), np.broadcast_to(size, shape)], axis=-1)
    return (boxes.reshape(-1, 4) / config.image_size).astype(np.float32)  # (K, 4)


def inside_image(boxes):
    """Return whether each anchor (K, 4) cxcywh lies inside the image, (K,)."""
    corners = cxcywh_to_xyxy(boxes)  # (K, 4)
    return (corners >= -EDGE).all(axis=1) & (corners <= 1 + EDGE).all(axis=1)


# ---------------------------------------------------------------------------------------------------------------------


def draw_anchors(ax, image, config: FasterRCNNConfig):
    """Draw the centers of all cells and the anchors of the middle one on an image (S, S, 3)."""
    boxes, middle = anchors(config), (config.map_size // 2) * (config.map_size + 1)
    own = cxcywh_to_xyxy(boxes.reshape(-1, config.anchors_per_cell, 4)[middle]) * len(image)  # (A, 4)
    draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    x, y = boxes[:: config.anchors_per_cell, :2].T * len(image)
    ax.scatter(x, y, 4, COLORS["default box"], linewidths=0)
    for scale in range(len(config.anchor_scales)):
        color = (COLORS["positive"], COLORS["prediction"], COLORS["negative"], COLORS["ground truth"])[scale % 4]
        draw_boxes(ax, own[scale :: len(config.anchor_scales)], "default box", linewidth=1.8, edgecolor=color)
    low, high = min(0, own.min()) - 2, max(len(image), own.max()) + 2
    ax.set_xlim(low, high)
    ax.set_ylim(high, low)
    inside = inside_image(boxes).sum()
    ax.set_title(
        f"{len(boxes)} anchors: {config.anchors_per_cell} for each of {config.map_size} x {config.map_size} cells,\n"
        f"{inside} of them inside the image",
        fontsize=10,
    )


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("two_stages.anchors")
