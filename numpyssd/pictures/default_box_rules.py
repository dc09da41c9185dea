"""How far other implementations' rules move the default boxes: a table and a figure.

    python -m numpyssd.model.default_boxes --compare --preset ssd512

The numbers: default_box_differences.py.
"""

import argparse

import numpy as np

from numpyssd import config as presets
from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.console import make_output_safe
from numpyssd.drawing import COLORS, draw_boxes, draw_image, new_figure, save_figure
from numpyssd.files import write_error
from numpyssd.model.default_boxes import default_boxes, draw_all_maps
from numpyssd.pictures.default_box_differences import difference, difference_table, rules

SHOWN = ("the paper's scales", "centers by cell", "fractions of pixels", "clip corners", "clip cxcywh", "clip size")


def draw_rules(axes, image, config):
    """Draw for each rule the box of the image (S, S, 3) that it changes most, as it was and as it becomes.

    axes: seven, the last for the mean IoU of each rule, and of each other project, on each feature map.
    """
    compared = {name: (other, difference(config, other)) for name, other in rules(config).items()}
    edges = np.cumsum([0, *(m.size * m.size * m.boxes_per_cell for m in config.feature_maps)])
    for ax, name in zip(axes, SHOWN):
        other, d = compared[name]
        k = edges.searchsorted(d.iou.argmin(), side="right")  # the map of the box that changes most, counted from 1
        mine = slice(edges[k - 1], edges[k])
        changed, per_cell = d.iou[mine].argmin(), config.feature_maps[k - 1].boxes_per_cell
        # The boxes of one shape, one for each cell.
        alike = [default_boxes(c)[mine][changed % per_cell :: per_cell] * c.image_size for c in (config, other)]
        _draw_largest_change(ax, image, *alike, changed // per_cell)
        head = f"{name}, {config.feature_maps[k - 1].name}\n"
        here = f"{d.moved.sum()} boxes change, IoU {d.iou.mean():.3f} on average, here {d.iou.min():.2f}"
        ax.set_title(head + (here if d.moved.any() else "nothing changes"), fontsize=10)
    means = np.array([[d.iou[i:j].mean() for i, j in zip(edges, edges[1:])] for _, d in compared.values()])
    draw_means(axes[len(SHOWN)], means, list(compared), [m.name for m in config.feature_maps])
    axes[0].figure.suptitle(
        f"{len(default_boxes(config))} default boxes of {config.name}: the one that each rule changes most\n"
        "gray: Caffe's rule, orange: the other; dots, crosses: centers of such boxes; black: the image"
    )


def _draw_largest_change(ax, image, before, after, changed):
    """Draw row ``changed`` of two tables of boxes (cells, 4) cxcywh in pixels, and the centers of all of them."""
    from matplotlib.patches import Rectangle

    size = len(image)
    draw_image(ax, 255 - (255 - image) // 4)  # pale, so that the boxes stand out
    ax.add_patch(Rectangle((0, 0), size, size, fill=False, edgecolor="black", linewidth=1.5))
    ax.plot(*before[:, :2].T, "o", color="#555555", markersize=4)
    ax.plot(*after[:, :2].T, "x", color=COLORS["prediction"], markersize=7)
    pair = cxcywh_to_xyxy(np.stack([before[changed], after[changed]]))  # (2, 4)
    draw_boxes(ax, pair[:1], "default box", edgecolor="#555555", linestyle="--", linewidth=2.4)
    draw_boxes(ax, pair[1:], "prediction")
    low, high = pair[:, :2].min(axis=0), pair[:, 2:].max(axis=0)
    middle, half = (low + high) / 2, 0.75 * (high - low).max()
    ax.set_xlim(middle[0] - half, middle[0] + half)
    ax.set_ylim(middle[1] + half, middle[1] - half)
    ax.set_axis_off()


def draw_means(ax, means, names, maps):
    """Draw the mean IoU (rules, maps) as a table of colors, the darker the further from Caffe."""
    ax.imshow(means, cmap="YlOrBr_r", vmin=0.5, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(means):
        text = "=" if value > 1 - 1e-6 else f"{value:.3f}"
        ax.text(column, row, text, ha="center", va="center", fontsize=9, color="white" if value < 0.7 else "black")
    ax.set_xticks(range(len(maps)), maps, fontsize=9)
    ax.set_yticks(range(len(names)), names, fontsize=9)
    ax.set_title("mean IoU with Caffe's boxes, map by map", fontsize=10)


def main(example, argv=None):
    """Run ``python -m numpyssd.model.default_boxes``; example: a function from a size to an image to draw on."""
    named = {c.name: c for c in vars(presets).values() if isinstance(c, presets.Config)}
    parser = argparse.ArgumentParser(
        prog="python -m numpyssd.model.default_boxes",
        description="Draw the default boxes of a network, or compare the rules in which implementations differ.",
        epilog="example: python -m numpyssd.model.default_boxes --compare --preset ssd512 --out rules.png",
    )
    parser.add_argument("--compare", action="store_true", help="print and draw how far each rule moves the boxes")
    parser.add_argument("--preset", choices=named, default="ssd300", help="which network (default: %(default)s)")
    parser.add_argument("--out", metavar="FILE", help="where to draw it (default: default_boxes.png)")
    make_output_safe()
    arguments = parser.parse_args(argv)
    config = named[arguments.preset]
    out = arguments.out or ("default_box_rules.png" if arguments.compare else "default_boxes.png")
    image = example(config.image_size)
    if arguments.compare:
        print(difference_table(config))
        figure, axes = new_figure(2, 4, (18, 10))
        for ax in axes[6:]:
            ax.remove()
        draw_rules([*axes[:6], figure.add_subplot(axes[0].get_gridspec()[1, 2:])], image, config)
    else:
        rows = -(-len(config.feature_maps) // 3)
        figure, axes = new_figure(rows, 3, (12, 4.3 * rows))
        for ax in axes:
            ax.set_axis_off()
        draw_all_maps(axes, image, config)
    try:
        save_figure(figure, out)
    except OSError as reason:
        parser.exit(2, f"error: {write_error(out, reason, 'choose another place with --out')}\n")
    print(f"figure written to {out}")
