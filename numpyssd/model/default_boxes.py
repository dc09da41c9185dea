"""Default boxes (also called priors or anchors): the fixed boxes that the network classifies and moves.

Paper: section 2.2, "Choosing scales and aspect ratios for default boxes". Numbers and order are those of Caffe's
ssd_pascal.py and prior_box_layer.cpp, because the published weights depend on both. What other implementations do:
default_box_variants.py.
"""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.config import Config, FeatureMap
from numpyssd.drawing import COLORS, draw_boxes, draw_image
from numpyssd.model.default_box_variants import cell_step, clip

DARK, WIDE_COLOR = "#3C3C3C", "#8E3C76"  # of squares, and of wide and tall boxes; neither is a role's


def default_boxes(config: Config):
    """Return all default boxes of a network, (K, 4) float32 cxcywh in units of the image's side.

    Their order is feature map, row, column, box in the cell, which is how the predictors' output (N, rows, columns,
    boxes x values) flattens. They are not clipped: boxes may reach beyond the image, and on a map whose step times size
    exceeds the image even a center may. The array is new at every call. Three fields of the config choose what other
    implementations do: whole_pixels, center_rule, clip_mode. Raises ValueError for an unknown rule.
    """
    boxes = [map_boxes(feature_map, config) for feature_map in config.feature_maps]
    return np.concatenate(boxes)  # (K, 4)


def map_boxes(feature_map: FeatureMap, config: Config):
    """Return the default boxes of one feature map, (size * size * boxes_per_cell, 4) float32 cxcywh in [0, 1]."""
    sizes = cell_sizes(feature_map, config.whole_pixels)  # (B, 2) pixels
    middles = centers(feature_map, config.image_size, config.center_rule)  # (size,) pixels
    boxes = np.empty((feature_map.size, feature_map.size, len(sizes), 4))  # row, column, box, value
    boxes[..., 0] = middles[None, :, None]  # x grows with the column
    boxes[..., 1] = middles[:, None, None]  # y grows with the row
    boxes[..., 2:] = sizes
    boxes = boxes.reshape(-1, 4) / config.image_size
    return clip(boxes, config.clip_mode).astype(np.float32)


def centers(feature_map: FeatureMap, image_size, rule="step"):
    """Return where the centers of a map's cells lie along x, and along y, in pixels, (size,) float64.

    (i + 0.5) * step for cell i; rule: see default_box_variants.cell_step.
    """
    return (np.arange(feature_map.size) + 0.5) * cell_step(feature_map, image_size, rule)


def cell_sizes(feature_map: FeatureMap, whole_pixels=True):
    """Return width and height in pixels of the boxes in one cell, (B, 2) float64.

    The order is the small square, the large square, then for each aspect ratio the wide box and its tall inverse.
    whole_pixels cuts the scales to whole pixels, as Caffe does; see default_box_variants.
    """
    scale, next_scale = feature_map.scale_px, feature_map.next_scale_px
    if whole_pixels:
        scale, next_scale = int(scale), int(next_scale)  # prior_box_layer.cpp keeps both in an int
    large = (scale * next_scale) ** 0.5  # the paper's s'_k; next_scale_px serves no other purpose
    sizes = [(scale, scale), (large, large)]
    for ratio in feature_map.aspect_ratios:
        # All boxes but the large square have the same area, scale * scale.
        long, short = scale * ratio**0.5, scale / ratio**0.5
        sizes += [(long, short), (short, long)]
    return np.array(sizes, dtype=np.float64)


# ---------------------------------------------------------------------------------------------------------------------


def draw_default_boxes(ax, image, feature_map, config):
    """Draw the grid of one feature map's cells on the image (S, S, 3), and the default boxes of its middle cell."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    size, middle = len(image), feature_map.size // 2
    boxes = map_boxes(feature_map, config).reshape(feature_map.size, feature_map.size, -1, 4)
    draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    step = cell_step(feature_map, size, config.center_rule)
    edges = np.arange(feature_map.size + 1) * step
    ax.vlines(edges, 0, edges[-1], color=COLORS["default box"], linewidth=0.6)
    ax.hlines(edges, 0, edges[-1], color=COLORS["default box"], linewidth=0.6)
    corner = (edges[middle], edges[middle])
    ax.add_patch(Rectangle(corner, step, step, color=COLORS["default box"], alpha=0.6, linewidth=0))
    ax.add_patch(Rectangle((0, 0), size, size, fill=False, edgecolor="black", linewidth=1))
    shapes = [("-", DARK), ("--", DARK), *[("-", WIDE_COLOR), ("--", WIDE_COLOR)] * len(feature_map.aspect_ratios)]
    looks = {"linewidth": 2.2, "path_effects": [withStroke(linewidth=4.2, foreground="white")]}
    for box, (style, color) in zip(cxcywh_to_xyxy(boxes[middle, middle]) * size, shapes):
        draw_boxes(ax, [box], "default box", linestyle=style, edgecolor=color, **looks)
    margin = 0.14 * size  # the largest boxes reach beyond the image, and are not clipped
    ax.set_xlim(-margin, size + margin)
    ax.set_ylim(size + margin, -margin)
    ax.set_axis_off()
    cells = f"{feature_map.size} x {feature_map.size} cells x {feature_map.boxes_per_cell}"
    ax.set_title(f"{feature_map.name}: {cells} = {boxes.size // 4} boxes", fontsize=10)


def draw_all_maps(axes, image, config):
    """Draw one cell of each feature map, from the many small default boxes to the few large ones."""
    for ax, feature_map in zip(axes, config.feature_maps):
        draw_default_boxes(ax, image, feature_map, config)
    axes[0].figure.suptitle(
        f"{len(default_boxes(config))} default boxes; here those of one cell (shaded) of each feature map\n"
        "dark: the squares, small (solid) and large (dashed); purple: wide (solid) and tall (dashed)"
    )


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("model.default_boxes")
