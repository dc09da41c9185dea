"""The model summary of Faster R-CNN: what each layer outputs, learns, computes, without computing anything."""

import argparse

from numpyssd.console import make_output_safe
from numpyssd.drawing import COLORS, new_figure, save_figure
from numpyssd.files import write_error
from numpyssd.model.receptive_field import receptive_fields
from numpyssd.model.summary import Row, layer_row, table
from numpyssd.rivals.faster_rcnn.config import FasterRCNNConfig
from numpyssd.rivals.faster_rcnn.geometry import head_layers, trunk_layers


def summary(config: FasterRCNNConfig, regions: int | None = None) -> list[Row]:
    """Return the rows of a network: trunk and first stage, then the second stage.

    The second stage runs once for each region, and so its multiply-adds depend on how many there are; by default as
    many as there are proposals at detection time. Its receptive field is the region, and whatever the cells in it see.
    """
    layers, regions = trunk_layers(config), config.proposals if regions is None else regions
    fields = receptive_fields(layers[:-3])
    last = fields[config.feature_layer]
    fields |= {"rpn_conv": last.after(layers[-3])}
    fields |= {layer.name: fields["rpn_conv"] for layer in layers[-2:]}
    rows = [layer_row(row, fields[row.name], config.batch_norm and row not in layers[-3:]) for row in layers]
    rows[-1] = rows[-1]._replace(default_boxes=config.map_size**2 * config.anchors_per_cell)
    for layer in head_layers(config):
        row = layer_row(layer, last, False)
        rows.append(row._replace(multiply_adds=row.multiply_adds * regions, receptive_field=0))
    return rows


def multiply_adds(config: FasterRCNNConfig, regions: int | None = None) -> dict[str, int]:
    """Return the multiply-adds of an image: those of the trunk, of the first stage, and of the second."""
    rows, trunk = summary(config, regions), len(trunk_layers(config)) - 3
    parts = {"trunk": rows[:trunk], "first stage": rows[trunk : trunk + 3], "second stage": rows[trunk + 3 :]}
    return {name: sum(row.multiply_adds for row in part) for name, part in parts.items()}


def summary_table(config: FasterRCNNConfig) -> str:
    """Return the model summary as text, a line for each row, with the totals below."""
    last = f"multiply-adds of the second stage (fc6 to loc) are those of {config.proposals} regions"
    return f"{table(summary(config), boxes='anchors')}\n{last}"


# ---------------------------------------------------------------------------------------------------------------------


def draw_costs(ax, configs):
    """Draw the multiply-adds of each config as a bar: of the trunk, of the first stage, of 300, 100 and 50 regions."""
    names, colors = [], (COLORS["default box"], COLORS["positive"], COLORS["prediction"])
    for config in configs:
        for regions in (300, 100, 50):
            parts, left = multiply_adds(config, regions), 0.0
            names.append(f"{config.name}, {regions} regions")
            for (name, value), color in zip(parts.items(), colors):
                share = value / sum(multiply_adds(config, 300).values())
                ax.barh(len(names), share, left=left, color=color, label=name if len(names) == 1 else None)
                left += share
            ax.text(left, len(names), f" {sum(parts.values()) / 1e9:.3g} G", va="center", fontsize=9)
    ax.set_yticks(range(1, len(names) + 1), names)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15)
    ax.set_xlabel("multiply-adds of an image, relative to 300 regions")
    ax.legend(loc="lower right", fontsize=9)
    ax.set_title("the second stage costs as much as there are regions", fontsize=11)


def main(presets: dict[str, FasterRCNNConfig], argv=None):
    """Run ``python -m numpyssd.rivals.faster_rcnn.network``: print the summary of a preset and write the figure."""
    parser = argparse.ArgumentParser(
        prog="python -m numpyssd.rivals.faster_rcnn.network",
        description="Print the model summary, a line for each layer, and draw what the two stages cost.",
    )
    parser.add_argument("--preset", choices=presets, default="vgg600", help="which network (default: %(default)s)")
    parser.add_argument("--out", metavar="FILE", default="faster_rcnn.png", help="where to draw it (%(default)s)")
    make_output_safe()
    arguments = parser.parse_args(argv)
    print(summary_table(presets[arguments.preset]))
    figure, ax = new_figure(size=(9, 5))
    draw_costs(ax, presets.values())
    try:
        save_figure(figure, arguments.out)
    except OSError as reason:
        parser.exit(2, f"error: {write_error(arguments.out, reason, 'choose another --out')}\n")
    print(f"figure written to {arguments.out}")
