"""The model summary: what each layer outputs, learns, computes and depends on, without computing anything."""

import argparse
from dataclasses import replace
from typing import NamedTuple

from numpyssd import config as presets
from numpyssd.config import Config
from numpyssd.console import make_output_safe
from numpyssd.drawing import COLORS, new_figure, save_figure
from numpyssd.files import write_error
from numpyssd.model.geometry import predictors, trunk
from numpyssd.model.receptive_field import receptive_fields


class Row(NamedTuple):
    """One layer. Multiply-adds are those of convolutions; batch normalization counts with its convolution."""

    layer: str
    size: int  # rows = columns of the output
    channels: int
    parameters: int
    multiply_adds: int  # for one image
    receptive_field: int  # pixels
    default_boxes: int = 0  # of the feature map, on the layer that it is predicted from


def summary(config: Config) -> list[Row]:
    """Return the rows of a network: first the trunk, then the predictors of each feature map."""
    layers = trunk(config)
    fields = receptive_fields(layers)
    rows = [layer_row(layer, fields[layer.name], config.batch_norm) for layer in layers]
    sources = [layer.name for layer in layers if layer.feature_map is not None]
    for i, (layer, row) in enumerate(zip(layers, rows)):
        if layer.feature_map is not None:
            boxes = layer.size_out**2 * config.feature_maps[layer.feature_map].boxes_per_cell
            rows[i] = row._replace(default_boxes=boxes)
    heads = predictors(config)
    return rows + [layer_row(layer, fields[sources[layer.feature_map]].after(layer), False) for layer in heads]


def layer_row(layer, field, batch_norm: bool) -> Row:
    """Return the row of a layer (geometry.LayerGeometry) with its receptive field."""
    parameters = multiply_adds = 0
    if layer.kind == "conv":
        weights = layer.kernel**2 * layer.channels_in * layer.channels_out
        # A bias for each channel, and the scale and shift of the batch normalization.
        parameters = weights + layer.channels_out * (3 if batch_norm else 1)
        multiply_adds = layer.size_out**2 * weights
    elif layer.kind == "l2norm":
        parameters = layer.channels_out
    return Row(layer.name, layer.size_out, layer.channels_out, parameters, multiply_adds, field.field)


def summary_table(config: Config) -> str:
    """Return the model summary as text, a line for each row, with the totals below."""
    return table(summary(config))


def table(rows: list[Row], boxes: str = "default boxes") -> str:
    """Return the rows of a summary as text, with the totals below; boxes: what the last column is called."""
    line = "{:<14}{:>17}{:>13}{:>17}{:>23}{:>15}"
    titles = "layer", "output H x W x C", "parameters", "multiply-adds", "receptive field (px)", boxes
    lines = [line.format(*titles)]
    for row in rows:
        numbers = (f"{n:,}" if n else "" for n in row[3:])
        lines.append(line.format(row.layer, f"{row.size} x {row.size} x {row.channels}", *numbers))
    parameters, multiply_adds, _, count = (f"{sum(column):,}" for column in list(zip(*rows))[3:])
    lines.append(line.format("total", "", parameters, multiply_adds, "", count))
    return "\n".join(text.rstrip() for text in lines)


# ---------------------------------------------------------------------------------------------------------------------


def draw_ssd(ax, config):
    """Draw the feature maps from left to right as blocks that shrink, and what is predicted from each (Figure 2)."""
    from matplotlib.patches import Rectangle

    rows = [row for row in summary(config) if row.default_boxes]
    arrow = {"arrowstyle": "-|>", "color": "black", "shrinkA": 0, "shrinkB": 0}
    gap, floor = 0.9, -3.4
    x = first = _draw_block(ax, 0, "image", config.image_size, 3, 1, COLORS["default box"]) + gap
    for row, name in zip(rows, (f.name for f in config.feature_maps)):
        relative = row.size / config.image_size
        end = _draw_block(ax, x, name, row.size, row.channels, relative, COLORS["positive"])
        ax.annotate("", (x, 0), (x - 0.8 * gap, 0), arrowprops=arrow)
        ax.annotate("", (x + 0.4, floor), (x + 0.4, -2 * relative**0.5), arrowprops=arrow)
        ax.text(x + 0.5, floor / 2 - relative**0.5, f"{row.default_boxes}", va="center", fontsize=10, weight="bold")
        x = end + gap
    bar = {"facecolor": COLORS["prediction"] + "88", "edgecolor": "black"}
    ax.add_patch(Rectangle((first, floor - 0.8), end - first, 0.8, **bar))
    total = sum(row.default_boxes for row in rows)
    words = f"predictors: 4 offsets and {config.num_classes} logits for each of {total} default boxes"
    ax.text((first + end) / 2, floor - 0.4, words, ha="center", va="center", fontsize=11)
    ax.set_xlim(-0.6, end + 0.6)
    ax.set_ylim(floor - 0.9, 4.2)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_title(f"{config.name}: {len(rows)} feature maps, the large ones for small objects")


def _draw_block(ax, x, name, size, channels, relative, color):
    """Draw a map at x, as high as the root of its side relative to the image's; return where it ends."""
    from matplotlib.patches import Polygon

    high, depth = 2 * relative**0.5, 0.25 + 1.5 * (channels / 1024) ** 0.5
    back = 0.6 * high  # how far the slanted edges, which run backwards, go in both directions
    near, far = x + depth, x + depth + back
    front = (x, -high), (near, -high), (near, high), (x, high)
    top = (x, high), (near, high), (far, high + back), (x + back, high + back)
    right = (near, -high), (far, -high + back), (far, high + back), (near, high)
    for corners, alpha in ((front, "99"), (top, "55"), (right, "CC")):
        ax.add_patch(Polygon(corners, facecolor=color + alpha, edgecolor="black", linewidth=0.8))
    ax.text((x + far) / 2, high + back + 0.15, f"{name}\n{size} x {size} x {channels}", ha="center", fontsize=9)
    return far


def main(argv=None):
    """Run ``python -m numpyssd.model.ssd``: print the summary and write the figure."""
    named = {c.name: c for c in vars(presets).values() if isinstance(c, presets.Config)}
    parser = argparse.ArgumentParser(
        prog="python -m numpyssd.model.ssd",
        description="Print the model summary, a line for each layer, and draw the network.",
        epilog="example: python -m numpyssd.model.ssd --preset ssd512 --width 0.25 --out ssd512.png",
    )
    parser.add_argument("--preset", choices=named, default="ssd300", help="which network (default: %(default)s)")
    parser.add_argument("--width", type=float, metavar="W", help="factor for the channels (default: the preset's own)")
    parser.add_argument("--out", metavar="FILE", default="ssd.png", help="where to draw it (default: %(default)s)")
    make_output_safe()
    arguments = parser.parse_args(argv)
    config = named[arguments.preset]
    if arguments.width is not None:
        if not 0 < arguments.width <= 4:
            parser.exit(2, f"error: --width {arguments.width:g} is not a useful factor; choose one from 0.01 to 4\n")
        config = replace(config, width=arguments.width)
    print(summary_table(config))
    figure, ax = new_figure(size=(12, 6))
    draw_ssd(ax, config)
    try:
        save_figure(figure, arguments.out)
    except OSError as reason:
        parser.exit(2, f"error: {write_error(arguments.out, reason, 'choose another --out')}\n")
    print(f"figure written to {arguments.out}")
