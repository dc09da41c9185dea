"""Colors, boxes and figures: the few drawing functions that every component shares.

Each component ends with a ``draw_<idea>(ax, ...)`` that takes a Matplotlib axes. Nothing imports pyplot, so that
training runs without a screen. The colors are those of Okabe and Ito (2008), which the color-blind can tell apart, and
every role has its own line style, so that a gray print shows the roles too.
"""

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from numpyssd.console import make_output_safe
from numpyssd.contrast import text_color
from numpyssd.figure_text import make_drawable
from numpyssd.figures import empty_figure
from numpyssd.files import write_error, written_whole

COLORS = {
    "ground truth": "#009E73",  # green
    "default box": "#8A8A8A",  # gray
    "positive": "#0072B2",  # blue
    "negative": "#D62728",  # red: the hard negatives
    "prediction": "#E69F00",  # orange
}
LINE_STYLES = {
    "ground truth": "-",
    "default box": ":",
    "positive": "--",
    "negative": "-.",
    "prediction": "-",
}
LINE_WIDTHS = {"ground truth": 2.2, "default box": 0.9, "positive": 1.4, "negative": 1.2, "prediction": 2.0}


def draw_image(ax, image):
    """Show an image (H, W, 3) uint8; pixel i covers [i, i + 1), the convention of all boxes in pixels."""
    height, width = image.shape[:2]
    ax.imshow(image, extent=(0, width, height, 0), interpolation="nearest")
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_xticks([])
    ax.set_yticks([])


def draw_boxes(ax, boxes, role, texts=None, **line_options):
    """Draw boxes (N, 4) xyxy in pixels in the color and line style of their role.

    texts: one for each box, or None; a dollar sign in them does not start a formula.
    """
    from matplotlib.colors import to_hex
    from matplotlib.patches import Rectangle

    options = {
        "edgecolor": COLORS[role],
        "linestyle": LINE_STYLES[role],
        "linewidth": LINE_WIDTHS[role],
        **line_options,
    }
    color = to_hex(options["edgecolor"])
    for i, (x1, y1, x2, y2) in enumerate(np.asarray(boxes, dtype=float).reshape(-1, 4)):
        ax.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, **options))
        if texts is not None:
            low, high = sorted(ax.get_ylim())
            above = "top" if y1 - low < 0.06 * (high - low) else "bottom"  # no space above a box at the upper edge
            ax.text(
                x1, max(y1, low), f" {texts[i]} ", color=text_color(color), fontsize=7, va=above, ha="left",
                clip_on=True, parse_math=False,
                bbox={"facecolor": color, "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip


def legend(ax, *roles, **options):
    """Add a legend that names the roles drawn, each with its own color and line style."""
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], color=COLORS[r], linestyle=LINE_STYLES[r], linewidth=LINE_WIDTHS[r]) for r in roles]
    ax.legend(lines, roles, fontsize=8, framealpha=0.9, **options)


def draw_strips(ax, strips):
    """Draw rows of images, each with a text above it and its boxes, on one axes.

    strips: for each row a heading ("" for none) and its images. An image is (text, image (H, W, 3) uint8, boxes (M, 4)
    xyxy in [0, 1]), or None to leave a place empty. Every image is drawn 1 wide.
    """
    from matplotlib.patheffects import withStroke

    halo, top = [withStroke(linewidth=3, foreground="white")], 0.0
    for heading, images in strips:
        shown = [(column, *item) for column, item in enumerate(images) if item is not None]
        lines = max(text.count("\n") for _, text, *_ in shown)
        if heading:
            ax.text(0, top + 0.12, heading, va="bottom", fontsize=11, fontweight="bold")
            top += 0.14
        top += 0.14 + 0.11 * lines if any(text for _, text, *_ in shown) else 0.02
        for column, text, image, boxes in shown:
            height, left = image.shape[0] / image.shape[1], 1.1 * column
            ax.imshow(image, extent=(left, left + 1, top + height, top), interpolation="nearest")
            draw_boxes(ax, [[left, top, left + 1, top + height]], "default box", linestyle="-")
            corners = np.asarray(boxes).reshape(-1, 4) * [1, height, 1, height] + [left, top, left, top]
            draw_boxes(ax, corners, "ground truth", linewidth=1.6, path_effects=halo)
            ax.text(left + 0.5, top - 0.02, text, ha="center", va="bottom", fontsize=9.5)
        top += max(image.shape[0] / image.shape[1] for *_, image, _ in shown) + 0.06
    ax.set_xlim(-0.02, 1.1 * max(len(images) for _, images in strips) - 0.08)
    ax.set_ylim(top - 0.04, 0)
    ax.axis("off")


def new_figure(rows=1, columns=1, size=(6, 6)):
    """Return a figure and its axes (an array of axes, flat, if there are several) without touching pyplot."""
    figure = empty_figure(size)
    axes = figure.subplots(rows, columns)
    return figure, axes.ravel() if rows * columns > 1 else axes


def save_figure(figure, path: Path | str):
    """Write a figure as PNG, whole or not at all. Raises OSError."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    make_drawable(figure)
    with written_whole(path) as temporary:
        figure.savefig(temporary, format="png", metadata={"Software": None})


def figure_command(name: str, draw: Callable, rows=1, columns=1, size=(6, 6), argv=None):
    """Draw the figure of a component as a command: parse ``--out FILE``, call ``draw(axes)``, and save the figure."""
    make_output_safe()
    started = getattr(sys.modules["__main__"], "__spec__", None)  # by python -m; None: by the path of the file
    parser = argparse.ArgumentParser(
        prog=f"python -m {started.name.removesuffix('.__main__')}" if started else None,
        description=f"Draw the figure of {name} on the built-in example.",
    )
    parser.add_argument(
        "--out", metavar="FILE", default=f"{name}.png", help="where the PNG goes (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    figure, axes = new_figure(rows, columns, size)
    draw(axes)
    try:
        save_figure(figure, arguments.out)
    except OSError as reason:
        parser.exit(2, f"error: {write_error(arguments.out, reason, 'choose another place with --out')}\n")
    print(f"figure written to {arguments.out}")


def run_figure(name: str):
    """Draw the figure of a component: "training.matching" calls matching_figure() of numpyssd/pictures/training.py.

    Figures need example data, which a component must not import. So they stand in a folder of their own.
    """
    module, function = name.split(".")
    getattr(importlib.import_module(f"numpyssd.pictures.{module}"), f"{function}_figure")()
