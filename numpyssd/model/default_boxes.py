"""Default boxes (also called priors or anchors): the fixed boxes that the network classifies and moves.

Paper: section 2.2, "Choosing scales and aspect ratios for default boxes". Numbers and order are those of Caffe's
ssd_pascal.py and prior_box_layer.cpp, because the published weights depend on both.
"""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, xyxy_to_cxcywh
from numpyssd.drawing import COLORS, draw_boxes, draw_image

CENTER_RULES = ("step", "cell")
CLIP_MODES = ("none", "corners", "cxcywh", "size")


def default_boxes(config):
    """Return all default boxes of a network, (K, 4) float32 cxcywh in units of the image's side.

    Their order is feature map, row, column, box in the cell, which is how the predictors' output (N, rows, columns,
    boxes x values) flattens. The config says what implementations do differently; as it stands, it is Caffe:
    whole_pixels (see cell_sizes), center_rule (see centers) and clip_mode (see clip). Unclipped, boxes may stick out
    of the image, and on a map whose step times size exceeds the image even a center may. The array is new at every
    call. Raises ValueError for a rule that there is not. How far each rule moves the boxes: default_box_rules.py.
    """
    boxes = [map_boxes(feature_map, config) for feature_map in config.feature_maps]
    return np.concatenate(boxes)  # (K, 4)


def map_boxes(feature_map, config):
    """Return the default boxes of one feature map, (size * size * boxes_per_cell, 4) float32 cxcywh in [0, 1]."""
    sizes = cell_sizes(feature_map, config.whole_pixels)  # (B, 2)
    middles = centers(feature_map, config.image_size, config.center_rule)  # (size,)
    boxes = np.empty((feature_map.size, feature_map.size, len(sizes), 4))  # row, column, box, value
    boxes[..., 0] = middles[None, :, None]  # x grows with the column
    boxes[..., 1] = middles[:, None, None]  # y grows with the row
    boxes[..., 2:] = sizes
    return clip(boxes.reshape(-1, 4) / config.image_size, config.clip_mode).astype(np.float32)


def centers(feature_map, image_size, rule="step"):
    """Return where the centers of a map's cells lie along x, and along y, in pixels, (size,) float64.

    "step": (i + 0.5) * step, Caffe's. "cell": (i + 0.5) / size of the image, the paper's; so do balancap, TensorFlow's
    object detection, D2L and sgrvinod. They differ where step times size is not the image's side: on the 10 x 10 map
    of SSD300 by up to 19 px, at 512 px nowhere.
    """
    _check("center_rule", rule, CENTER_RULES)
    step = feature_map.step if rule == "step" else image_size / feature_map.size
    return (np.arange(feature_map.size) + 0.5) * step


def cell_sizes(feature_map, whole_pixels=True):
    """Return width and height in pixels of the boxes in one cell, (B, 2) float64.

    The order is the small square, the large square, then for each aspect ratio the wide box and its tall inverse.
    whole_pixels cuts the scales to whole pixels as Caffe's layer and mmdetection do. All other ports keep the
    fractions, which makes no difference at 300 px, and at 512 px a small one to nearly every box (IoU 0.954 or more).
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


def clip(boxes, mode="none"):
    """Return boxes (K, 4) cxcywh in [0, 1] with what sticks out of the image treated by one of four rules.

    "none": as it is; Caffe's released models, ChainerCV and mmdetection. "corners": the corners are moved to the edge
    of the image, which is what Caffe's own switch `clip` does. "cxcywh": each of the four numbers is cut to [0, 1], so
    that centers move and boxes still stick out; amdegroot, lufficc, qfgaohao and NVIDIA. "size": only width and height
    are; torchvision. Weights trained with one rule want the same one for detection.
    """
    _check("clip_mode", mode, CLIP_MODES)
    if mode == "corners":
        return xyxy_to_cxcywh(np.clip(cxcywh_to_xyxy(boxes), 0, 1))
    if mode == "cxcywh":
        return np.clip(boxes, 0, 1)
    if mode == "size":
        return np.concatenate([boxes[:, :2], np.minimum(boxes[:, 2:], 1)], axis=1)  # (K, 4)
    return boxes


def _check(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, not {value!r}")


# ---------------------------------------------------------------------------------------------------------------------


def draw_default_boxes(ax, image, feature_map, config):
    """Draw the grid of one feature map's cells on the image (S, S, 3), and the default boxes of its middle cell."""
    from matplotlib.patches import Rectangle

    size, middle = len(image), feature_map.size // 2
    boxes = map_boxes(feature_map, config).reshape(feature_map.size, feature_map.size, -1, 4)
    draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    step = feature_map.step if config.center_rule == "step" else size / feature_map.size
    edges = np.arange(feature_map.size + 1) * step
    ax.vlines(edges, 0, edges[-1], color=COLORS["default box"], linewidth=0.4)
    ax.hlines(edges, 0, edges[-1], color=COLORS["default box"], linewidth=0.4)
    corner = (edges[middle], edges[middle])
    ax.add_patch(Rectangle(corner, step, step, color=COLORS["prediction"], alpha=0.4))
    ax.add_patch(Rectangle((0, 0), size, size, fill=False, edgecolor="black", linewidth=1))
    styles = ("-", "--", *("-." if i % 2 == 0 else ":" for i in range(feature_map.boxes_per_cell - 2)))
    for box, style in zip(cxcywh_to_xyxy(boxes[middle, middle]) * size, styles):
        draw_boxes(ax, [box], "default box", linestyle=style, edgecolor="black", linewidth=1.6)
    margin = 0.14 * size  # the largest boxes stick out of the image, and are not clipped
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
        f"{len(default_boxes(config))} default boxes; here those of one cell (orange) of each feature map\n"
        "solid: small square; dashed: large square; dash-dotted: wide; dotted: tall"
    )


if __name__ == "__main__":
    from numpyssd.drawing import run_picture

    run_picture("model.default_boxes")
