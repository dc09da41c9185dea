"""What is compared: the three detectors as they are, and rows with one thing changed.

Everything else is the same for all: the trunk of ``compact`` from random weights, images of 300 px, the order of the
batches, augmentation, length, evaluator, the limits of NMS.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from numpyssd.config import NetworkConfig
from numpyssd.detector import Detector
from numpyssd.detectors import new_detector
from numpyssd.layers import Sequential
from numpyssd.model.base_network import base_network
from numpyssd.model.ssd import SSD
from numpyssd.ssd import SSDDetector

MAIN = ("SSD", "YOLO", "Faster R-CNN")
RATES = (0.004, 0.008, 0.016, 0.032, 0.064)  # each detector's own is the one that is best on val
EXCEPT_ON_ONE_MAP = "conv7"


@dataclass(frozen=True)
class Row:
    """One row: a detector, and what is changed in its config."""

    detector: str
    changes: dict = field(default_factory=dict)  # fields of the config
    of: str | None = None  # the main row whose learning rate it takes
    trained_as: str | None = None  # the row whose weights it takes, because only detection differs
    make: Callable[[NetworkConfig, int], Detector] = new_detector


def one_map_only(config, seed) -> SSDDetector:
    """Return an SSD that predicts from conv7 alone: the base network is one stage, and there are no extra layers."""

    def base(config, rng):
        stages, channels = base_network(config, rng)
        return [Sequential(part for stage in stages for part in stage.parts)], channels[-1:]

    row = next(row for row in config.feature_maps if row.name == EXCEPT_ON_ONE_MAP)
    return SSDDetector(SSD(replace(config, feature_maps=(row,), extra_layers=()), seed, base))


ROWS = {
    "SSD": Row("ssd"),
    "YOLO": Row("yolo"),
    "Faster R-CNN": Row("faster_rcnn"),
    "SSD, one map": Row("ssd", of="SSD", make=one_map_only),
    "YOLO, 5 x 5 cells": Row("yolo", {"grid": 5}, "YOLO"),
    "YOLO, 10 x 10 cells": Row("yolo", {"grid": 10}, "YOLO"),
    "YOLO, convolutional head": Row("yolo", {"head": "convolutional"}, "YOLO"),
    "Faster R-CNN, RoIAlign": Row("faster_rcnn", {"pooling": "roi_align"}, "Faster R-CNN"),
    "Faster R-CNN, finer map": Row(
        "faster_rcnn", {"feature_layer": "conv4_2", "map_size": 38, "step": 8}, "Faster R-CNN"
    ),
    "Faster R-CNN, 100 proposals": Row("faster_rcnn", {"proposals": 100}, trained_as="Faster R-CNN"),
    "Faster R-CNN, 50 proposals": Row("faster_rcnn", {"proposals": 50}, trained_as="Faster R-CNN"),
}

# For time alone: the inputs of the papers, with the weights that were trained at 300 px. SSD's own is 300.
INPUTS = {
    "YOLO, 448 px": Row("yolo", {"image_size": 448}, trained_as="YOLO"),
    "Faster R-CNN, 600 px": Row(
        "faster_rcnn", {"image_size": 600, "map_size": 38, "anchor_scales": (48, 112, 224)}, trained_as="Faster R-CNN"
    ),
}
