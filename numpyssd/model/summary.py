"""The ledger of a network: what each layer makes, learns, computes and sees, without computing anything.

A layer's receptive field is the square of the picture that one of its values depends on. It grows by
(kernel - 1) x dilation x jump pixels with every layer, where the jump, the distance in pixels between neighboring
values, is the product of the strides so far.
"""

import argparse
from dataclasses import replace
from typing import NamedTuple

from numpyssd import config as presets
from numpyssd.drawing import COLORS, new_figure, save_figure
from numpyssd.kernels.shapes import conv_output_size, pool_output_size
from numpyssd.layers import BatchNorm, Conv2d, MaxPool2d
from numpyssd.model.ssd import SSD


class Row(NamedTuple):
    """One layer. Multiply-adds are those of convolutions; batch normalization counts with the layer that it follows."""

    layer: str
    size: int  # rows = columns of the output
    channels: int
    parameters: int
    multiply_adds: int  # for one picture
    receptive_field: int  # pixels
    default_boxes: int = 0  # of the feature map, on the layer that it is predicted from


def ledger(config):
    """Return the rows of a network: first the trunk, then the predictors of each feature map."""
    model = SSD(config)
    trunk, branches = [], []
    size, channels, field, jump = config.image_size, 3, 1, 1
    for i, (stage, feature_map) in enumerate(zip(model.stages, config.feature_maps)):
        for layer in stage.layers():
            count = sum(p.value.size for p in layer.parameters().values())
            if isinstance(layer, Conv2d):
                row, jump = _convolution(layer, size, field, jump)
                size, channels, field = row.size, row.channels, row.receptive_field
                trunk.append(row)
            elif isinstance(layer, MaxPool2d):
                size = pool_output_size(size, layer.size, layer.stride, layer.padding, layer.ceil_mode)
                field, jump = field + (layer.size - 1) * jump, jump * layer.stride
                trunk.append(Row(layer.name, size, channels, 0, 0, field))
            elif isinstance(layer, BatchNorm):
                trunk[-1] = trunk[-1]._replace(parameters=trunk[-1].parameters + count)
        trunk[-1] = trunk[-1]._replace(default_boxes=size * size * feature_map.boxes_per_cell)
        if i == 0:
            norm = model.predictors.norm
            branches.append(Row(norm.name, size, channels, norm.scale.value.size, 0, field))
        for predictor in (model.predictors.loc[i], model.predictors.conf[i]):
            branches.append(_convolution(predictor, size, field, jump)[0])
    return trunk + branches


def _convolution(layer, size, field, jump):
    """Return the row of a convolution over a map of ``size``, and the jump after it."""
    size = conv_output_size(size, layer.kernel, layer.stride, layer.padding, layer.dilation)
    weight = layer.weight.value
    field += (layer.kernel - 1) * layer.dilation * jump
    row = Row(layer.name, size, weight.shape[3], weight.size + weight.shape[3], size * size * weight.size, field)
    return row, jump * layer.stride


def table(config):
    """Return the ledger as text, a line for each row, with the totals below."""
    line = "{:<14}{:>17}{:>13}{:>17}{:>14}{:>15}"
    lines = [line.format("layer", "output H x W x C", "parameters", "multiply-adds", "sees (px)", "default boxes")]
    rows = ledger(config)
    for row in rows:
        numbers = (f"{n:,}" if n else "" for n in row[3:])
        lines.append(line.format(row.layer, f"{row.size} x {row.size} x {row.channels}", *numbers))
    parameters, multiply_adds, _, boxes = (f"{sum(column):,}" for column in list(zip(*rows))[3:])
    lines.append(line.format("total", "", parameters, multiply_adds, "", boxes))
    return "\n".join(text.rstrip() for text in lines)


# ---------------------------------------------------------------------------------------------------------------------


def draw_ssd(ax, config):
    """Draw the feature maps from left to right as blocks that shrink, and what is predicted from each (Figure 2)."""
    from matplotlib.patches import Rectangle

    rows = [row for row in ledger(config) if row.default_boxes]
    arrow = {"arrowstyle": "-|>", "color": "black", "shrinkA": 0, "shrinkB": 0}
    gap, floor = 0.9, -3.4
    x = first = _draw_block(ax, 0, "picture", config.image_size, 3, 1, COLORS["default box"]) + gap
    for row, name in zip(rows, (f.name for f in config.feature_maps)):
        share = row.size / config.image_size
        end = _draw_block(ax, x, name, row.size, row.channels, share, COLORS["positive"])
        ax.annotate("", (x, 0), (x - 0.8 * gap, 0), arrowprops=arrow)
        ax.annotate("", (x + 0.4, floor), (x + 0.4, -2 * share**0.5), arrowprops=arrow)
        ax.text(x + 0.5, floor / 2 - share**0.5, f"{row.default_boxes}", va="center", fontsize=10, weight="bold")
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


def _draw_block(ax, x, name, size, channels, share, color):
    """Draw a map at x, as high as the root of its share of the picture's side; return where it ends."""
    from matplotlib.patches import Polygon

    high, depth = 2 * share**0.5, 0.25 + 1.5 * (channels / 1024) ** 0.5
    back = 0.6 * high  # the way of the slanted edges, which run backwards, in both directions
    near, far = x + depth, x + depth + back
    front = (x, -high), (near, -high), (near, high), (x, high)
    top = (x, high), (near, high), (far, high + back), (x + back, high + back)
    right = (near, -high), (far, -high + back), (far, high + back), (near, high)
    for corners, alpha in ((front, "99"), (top, "55"), (right, "CC")):
        ax.add_patch(Polygon(corners, facecolor=color + alpha, edgecolor="black", linewidth=0.8))
    ax.text((x + far) / 2, high + back + 0.15, f"{name}\n{size} x {size} x {channels}", ha="center", fontsize=9)
    return far


def main(argv=None):
    """Run ``python -m numpyssd.model.ssd``: print the table and write the picture."""
    named = {c.name: c for c in vars(presets).values() if isinstance(c, presets.Config)}
    parser = argparse.ArgumentParser(
        prog="python -m numpyssd.model.ssd",
        description="Print what each layer of a network makes, learns, computes and sees, and draw the network.",
        epilog="example: python -m numpyssd.model.ssd --preset ssd512 --width 0.25 --out ssd512.png",
    )
    parser.add_argument("--preset", choices=named, default="ssd300", help="which network (default: %(default)s)")
    parser.add_argument("--width", type=float, metavar="W", help="factor for the channels (default: the preset's own)")
    parser.add_argument("--out", metavar="FILE", default="ssd.png", help="where to draw it (default: %(default)s)")
    arguments = parser.parse_args(argv)
    config = named[arguments.preset]
    if arguments.width is not None:
        if not 0 < arguments.width <= 4:
            parser.exit(2, f"error: --width {arguments.width:g} is not a useful factor; choose one from 0.01 to 4\n")
        config = replace(config, width=arguments.width)
    print(table(config))
    figure, ax = new_figure(size=(12, 6))
    draw_ssd(ax, config)
    try:
        save_figure(figure, arguments.out)
    except OSError as reason:
        parser.exit(2, f"error: {arguments.out} cannot be written ({reason.strerror}); choose another --out\n")
    print(f"picture written to {arguments.out}")
