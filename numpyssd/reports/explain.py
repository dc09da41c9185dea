"""The figure of ``detect --explain``: the default box, offsets, probabilities and NMS behind the best detection."""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.config import VARIANCES, Config
from numpyssd.drawing import COLORS, draw_boxes, draw_image
from numpyssd.figures import empty_figure
from numpyssd.model.default_boxes import cell_sizes
from numpyssd.reports.trace import Trace, origin, trace_best

CLASSES_SHOWN = 6
SUPPRESSED_SHOWN = 12


def plain(text):
    """Escape a name of a class or a file, so that Matplotlib finds no formula in it."""
    return text.replace("$", r"\$")


def explain(model, image, score_threshold=0.5):
    """Return a figure that explains the best detection of a model in an image (H, W, 3) uint8.

    It is drawn even if its score does not exceed score_threshold; the figure says so then.
    """
    trace = trace_best(model, image)
    figure = empty_figure((13, 6.6))
    grid = figure.add_gridspec(2, 2, width_ratios=(1.25, 1), height_ratios=(1, 1.3))
    draw_decoding(figure.add_subplot(grid[:, 0]), image, trace, model.class_names)
    draw_offsets(figure.add_subplot(grid[0, 1]), image, trace, model.config)
    draw_probabilities(figure.add_subplot(grid[1, 1]), trace, model.class_names, score_threshold)
    return figure


def draw_decoding(ax, image, trace: Trace, class_names):
    """Draw the default box, the decoded box, an arrow between their centers, and the boxes that NMS removed."""
    pixels = _pixels(image)
    draw_image(ax, 255 - (255 - image) // 2)  # pale, so that the boxes stand out
    default_box = cxcywh_to_xyxy(trace.default_box[None])[0] * pixels
    box = trace.box * pixels
    draw_boxes(ax, trace.suppressed[:SUPPRESSED_SHOWN] * pixels, "negative", linewidth=1, alpha=0.7)
    draw_boxes(ax, [default_box], "default box", edgecolor="#505050", linewidth=3)
    name = f"{class_names[trace.label - 1]} {trace.probabilities[trace.label]:.2f}"
    draw_boxes(ax, [box], "prediction", [name], linewidth=3)
    start, end = ((corners[:2] + corners[2:]) / 2 for corners in (default_box, box))
    arrow = {"arrowstyle": "-|>", "color": COLORS["positive"], "linewidth": 2, "mutation_scale": 16}
    ax.annotate("", end, start, arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0})
    ax.plot(*start, "o", color="black", markersize=4)
    # Boxes may reach beyond the image; the axes are as large as these two need.
    corners = np.clip([[0, 0, *pixels[:2]], default_box, box], -0.5 * pixels, 1.5 * pixels)  # (3, 4)
    corners = corners + 0.02 * pixels.max() * np.array([-1, -1, 1, 1])
    ax.set_xlim(corners[:, 0].min(), corners[:, 2].max())
    ax.set_ylim(corners[:, 3].max(), corners[:, 1].min())
    ax.set_title("from default box (gray, dotted) to detection (orange);\nNMS removed the red boxes", fontsize=11)
    ax.set_axis_off()


def _pixels(image):
    return np.array([image.shape[1], image.shape[0]] * 2)


def draw_offsets(ax, image, trace: Trace, config: Config):
    """Write how the four offsets turn the default box into the detection, in pixels of the image (paper, eq. 2)."""
    feature_map, row, column, number = origin(config, trace.row)
    shape_width, shape_height = cell_sizes(feature_map, config.whole_pixels)[number]
    cx, cy, w, h = trace.default_box * _pixels(image)
    x1, y1, x2, y2 = trace.box * _pixels(image)
    (dx, dy, dw, dh), (center, size) = trace.offsets, VARIANCES
    lines = [
        f"default box {trace.row}: {feature_map.name}, row {row}, column {column}, box {number} of the cell,",
        f"{shape_width:.0f} x {shape_height:.0f} px at the network's {config.image_size} x {config.image_size} px",
        "",
        f"x      = {cx:6.1f} + ({dx:+5.2f}) * {center} * {w:6.1f} = {(x1 + x2) / 2:6.1f}",
        f"y      = {cy:6.1f} + ({dy:+5.2f}) * {center} * {h:6.1f} = {(y1 + y2) / 2:6.1f}",
        f"width  = {w:6.1f} * exp({dw:+5.2f} * {size})     = {x2 - x1:6.1f}",
        f"height = {h:6.1f} * exp({dh:+5.2f} * {size})     = {y2 - y1:6.1f}",
        "",
        suppressed_text(trace.suppressed_scores),
    ]
    ax.set_axis_off()
    ax.set_title("four offsets move and stretch it (pixels of this image)", fontsize=11)
    ax.text(0, 0.95, "\n".join(lines), transform=ax.transAxes, family="monospace", fontsize=10, va="top")


def suppressed_text(scores):
    """Return a text about the boxes that NMS removed, from their scores (n,), best first."""
    text = f"boxes of its class with an IoU above 0.45, removed by NMS: {len(scores)}"
    if len(scores):
        text += "\nwith scores of " + ", ".join(f"{score:.2f}" for score in scores[:5]) + ", ..." * (len(scores) > 5)
    return text + f" (the best {SUPPRESSED_SHOWN} are drawn)" * (len(scores) > SUPPRESSED_SHOWN)


def draw_probabilities(ax, trace: Trace, class_names, score_threshold=0.5):
    """Draw the highest probabilities of the default box, the background's among them."""
    names = ("background", *class_names)
    order = np.argsort(-trace.probabilities, kind="stable")[:CLASSES_SHOWN]
    colors = [COLORS["prediction"] if label == trace.label else COLORS["default box"] for label in order]
    bars = ax.barh(np.arange(len(order)), trace.probabilities[order], color=colors)
    ax.bar_label(bars, [f"{value:.3f}" for value in trace.probabilities[order]], padding=4)
    ax.set_yticks(np.arange(len(order)), [plain(names[label]) for label in order])
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15)
    ax.spines[["top", "right"]].set_visible(False)
    threshold = np.broadcast_to(score_threshold, len(class_names))[trace.label - 1]  # of each label, or one for all
    shown = trace.probabilities[trace.label] > threshold
    note = "" if shown else f"; not over {threshold:g}, so it does not count as a detection"
    ax.set_title(f"its score is the probability of its class{note}", fontsize=11)
