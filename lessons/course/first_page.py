"""The table on the first page of SSD's paper: what was published, and what it costs in multiply-adds.

A count is the same on every machine. What our own machine says is in lessons/course/our_comparison.py.
"""

from dataclasses import replace
from math import prod
from typing import NamedTuple

from numpyssd.config import SSD300, SSD512
from numpyssd.drawing import COLORS
from numpyssd.model.geometry import base_network
from numpyssd.model.summary import summary as ssd_summary
from numpyssd.rivals.faster_rcnn.geometry import head_layers, trunk_layers
from numpyssd.rivals.faster_rcnn.recipes import PRESETS as FASTER_RCNN
from numpyssd.rivals.yolo.recipes import PRESETS as YOLO
from numpyssd.rivals.yolo.summary import summary as yolo_summary


class Published(NamedTuple):
    """One row: frames a second at a batch size, and mAP in percent on VOC2007's test images, trained on 07+12."""

    name: str
    input: str
    batch: int
    frames: float
    mean_ap: float
    source: str


PUBLISHED = (
    Published("SSD300", "300 x 300", 8, 59, 74.3, "SSD, Table 7"),
    Published("SSD300", "300 x 300", 1, 46, 74.3, "SSD, Table 7"),
    Published("SSD512", "512 x 512", 8, 22, 76.8, "SSD, Table 7"),
    Published("SSD512", "512 x 512", 1, 19, 76.8, "SSD, Table 7"),
    Published("Faster R-CNN", "to 1000 x 600", 1, 7, 73.2, "SSD, Table 7"),
    Published("YOLO", "448 x 448", 1, 45, 63.4, "YOLO, Table 1"),
    Published("YOLO VGG-16", "448 x 448", 1, 21, 66.4, "YOLO, Table 1"),
    Published("Fast YOLO", "448 x 448", 1, 155, 52.7, "YOLO, Table 1"),
)
INPUTS = {"1000 x 600": (600, 1000), "800 x 600": (600, 800), "600 x 600": (600, 600), "300 x 300": (300, 300)}


def frames(name, batch=1):
    """Return the published frames a second."""
    return next(row.frames for row in PUBLISHED if (row.name, row.batch) == (name, batch))


def faster_rcnn_costs(height, width, proposals=300):
    """Return the multiply-adds of Faster R-CNN with VGG-16: those of the trunk, the first stage and the second stage.

    height, width: of the image, in pixels, which need not be a square.
    """
    config = FASTER_RCNN["vgg600"]
    tall, wide = (_layers(config, size) for size in (height, width))
    counts = [a.size_out * b.size_out * prod(a.weight_shape) for a, b in zip(tall, wide) if a.kind == "conv"]
    region = sum(prod(layer.weight_shape) for layer in head_layers(config))
    return {"trunk": sum(counts[:-3]), "first stage": sum(counts[-3:]), "second stage": proposals * region}


def _layers(config, size):
    config = replace(config, image_size=size)
    last = next(layer for layer in base_network(config).layers if layer.name == config.feature_layer)
    return trunk_layers(replace(config, map_size=last.size_out))


def ssd_costs(config=SSD300):
    """Return the multiply-adds of an SSD: those of the base network, to conv7, and those of all that follows."""
    rows = ssd_summary(config)
    names = {layer.name for layer in base_network(config).layers}
    trunk = sum(row.multiply_adds for row in rows if row.layer in names)
    return {"trunk": trunk, "the rest": sum(row.multiply_adds for row in rows) - trunk}


def costs():
    """Return the multiply-adds of an image, in total, of what was published, as far as its layers are known."""
    yolo = sum(row.multiply_adds for row in yolo_summary(YOLO["yolo448"]))
    vgg = sum(faster_rcnn_costs(448, 448, 0).values()) - faster_rcnn_costs(448, 448, 0)["first stage"]
    return {
        "SSD300": sum(ssd_costs().values()),
        "SSD512": sum(ssd_costs(SSD512).values()),
        "YOLO": yolo,
        "YOLO VGG-16": vgg,  # of its convolutions alone
        "Faster R-CNN, 800 x 600": sum(faster_rcnn_costs(600, 800).values()),
        "Faster R-CNN, 1000 x 600": sum(faster_rcnn_costs(600, 1000).values()),
    }


def causes():
    """Return what is made equal, step by step, and what Faster R-CNN then costs: (words, costs) each."""
    return [
        ("1000 x 600, 300 proposals", faster_rcnn_costs(600, 1000)),
        ("800 x 600, a photograph", faster_rcnn_costs(600, 800)),
        ("300 x 300, as SSD300", faster_rcnn_costs(300, 300)),
        ("and 100 proposals", faster_rcnn_costs(300, 300, 100)),
        ("and 50 proposals", faster_rcnn_costs(300, 300, 50)),
    ]


# ---------------------------------------------------------------------------------------------------------------------


def draw_published(ax):
    """Draw mAP over frames a second; a line joins the batch sizes of one detector."""
    for name in dict.fromkeys(row.name for row in PUBLISHED):
        rows = sorted((row for row in PUBLISHED if row.name == name), key=lambda row: row.batch)
        color = "#0072B2" if "SSD" in name else "#009E73" if "R-CNN" in name else "#D55E00"  # as in benchmarks.rivals
        ax.plot([row.frames for row in rows], [row.mean_ap for row in rows], color=color)
        for row in rows:
            ax.scatter(row.frames, row.mean_ap, 60, color if row.batch == 1 else "white", edgecolors=color, zorder=3)
        ax.annotate(
            name, (rows[0].frames, rows[0].mean_ap), (0, 9), textcoords="offset points", ha="center", color=color
        )
    ax.set_xscale("log")
    ax.set_xlim(4, 250)
    ax.set_ylim(50, 80)
    ax.set_xticks([5, 10, 20, 50, 100, 200], ["5", "10", "20", "50", "100", "200"])
    ax.minorticks_off()
    ax.set_xlabel("frames a second (full: batch 1, empty: batch 8)")
    ax.set_ylabel("mAP on VOC2007, percent")
    ax.grid(alpha=0.3)


def draw_causes(ax):
    """Draw how many times the multiply-adds of SSD300 Faster R-CNN has, with one thing after the other made equal."""
    ssd, steps = sum(ssd_costs().values()), causes()
    for place, (_, parts) in enumerate(steps):
        left = 0.0
        for (name, value), role in zip(parts.items(), ("default box", "positive", "prediction")):
            ax.barh(place, value / ssd, left=left, color=COLORS[role], label=None if place else name)
            left += value / ssd
        ax.text(left + 0.1, place, f"{left:.2f}", va="center")
    published = frames("SSD300") / frames("Faster R-CNN")
    ax.axvline(1, color="black", linewidth=1)
    ax.axvline(published, color="black", linewidth=1, linestyle="--", label=f"published time: {published:.1f}")
    ax.set_yticks(range(len(steps)), [words for words, _ in steps])
    ax.invert_yaxis()
    ax.set_xlim(0, 8)
    ax.set_xlabel("times the multiply-adds of SSD300 (line at 1)")
    ax.legend(fontsize=9, loc="lower right")


if __name__ == "__main__":
    from numpyssd.drawing import figure_command

    def draw(axes):
        draw_published(axes[0])
        draw_causes(axes[1])

    figure_command("first_page", draw, columns=2, size=(13, 4.6))
