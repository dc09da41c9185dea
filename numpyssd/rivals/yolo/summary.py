"""The model summary of YOLO: what each layer outputs, learns, computes and depends on, without computing anything."""

import argparse

from numpyssd.console import make_output_safe
from numpyssd.drawing import COLORS, new_figure, save_figure
from numpyssd.files import write_error
from numpyssd.model.receptive_field import receptive_fields
from numpyssd.model.summary import Row, layer_row, table
from numpyssd.rivals.yolo.config import YOLOConfig
from numpyssd.rivals.yolo.geometry import layers


def summary(config: YOLOConfig) -> list[Row]:
    """Return the rows of a network, conv1 to the last, which has the number of boxes."""
    found = layers(config)
    fields, last = receptive_fields(found), found[-1].name
    without_norm = ("fc1", last)
    rows = [layer_row(row, fields[row.name], config.batch_norm and row.name not in without_norm) for row in found]
    return [*rows[:-1], rows[-1]._replace(default_boxes=config.grid**2 * config.boxes_per_cell)]


def summary_table(config: YOLOConfig) -> str:
    """Return the model summary as text, a line for each row, with the totals below."""
    return table(summary(config), boxes="boxes")


# ---------------------------------------------------------------------------------------------------------------------


def draw_yolo(ax, config):
    """Draw the weights and the multiply-adds of each layer as bars: where the parameters are, and where the work is."""
    rows = [row for row in summary(config) if row.parameters]
    places = range(len(rows))
    for column, name, color, side in (
        ("parameters", "parameters", COLORS["positive"], -0.2),
        ("multiply_adds", "multiply-adds", COLORS["prediction"], 0.2),
    ):
        values = [getattr(row, column) for row in rows]
        shares = [100 * value / sum(values) for value in values]
        ax.bar([place + side for place in places], shares, 0.4, color=color, label=f"{sum(values):,} {name}")
    ax.set_xticks(list(places), [row.layer for row in rows], rotation=90, fontsize=8)
    ax.set_ylabel("percent of all")
    ax.legend(fontsize=10)
    largest = max(rows, key=lambda row: row.parameters)
    ax.set_title(f"{config.name}: {largest.layer} has {largest.parameters:,} of the parameters", fontsize=11)


def main(presets: dict[str, YOLOConfig], argv=None):
    """Run ``python -m numpyssd.rivals.yolo.network``: print the summary of a preset and write the figure."""
    parser = argparse.ArgumentParser(
        prog="python -m numpyssd.rivals.yolo.network",
        description="Print the model summary, a line for each layer, and draw where parameters and work are.",
    )
    parser.add_argument("--preset", choices=presets, default="yolo448", help="which network (default: %(default)s)")
    parser.add_argument("--out", metavar="FILE", default="yolo.png", help="where to draw it (default: %(default)s)")
    make_output_safe()
    arguments = parser.parse_args(argv)
    config = presets[arguments.preset]
    print(summary_table(config))
    figure, ax = new_figure(size=(10, 5))
    draw_yolo(ax, config)
    try:
        save_figure(figure, arguments.out)
    except OSError as reason:
        parser.exit(2, f"error: {write_error(arguments.out, reason, 'choose another --out')}\n")
    print(f"figure written to {arguments.out}")
