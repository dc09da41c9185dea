"""Trace a detection back through the network's output: its default box, its offsets, and what NMS removed."""

from typing import NamedTuple

import numpy as np

from numpyssd.config import Config, FeatureMap
from numpyssd.errors import InputError
from numpyssd.images.preprocess import preprocess
from numpyssd.inference.detect import detection_options
from numpyssd.inference.postprocess import postprocess_explained
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD


class Trace(NamedTuple):
    """What one detection was made of; boxes are in units of the image's width and height."""

    row: int  # of the default box, and of loc and conf
    label: int
    default_box: np.ndarray  # (4,) cxcywh
    offsets: np.ndarray  # (4,) as the network gave them
    box: np.ndarray  # (4,) xyxy, decoded and not clipped
    probabilities: np.ndarray  # (C,)
    suppressed: np.ndarray  # (n, 4) xyxy: boxes of the same class that NMS removed because of it, best first
    suppressed_scores: np.ndarray  # (n,)


def trace_best(model: SSD, image) -> Trace:
    """Return the Trace of the best detection of a model on an image (H, W, 3) uint8.

    Raises InputError if the network's output is not finite, so that there is no best.
    """
    loc, conf = model.infer(preprocess(image, model.config))
    defaults, options = default_boxes(model.config), detection_options(model.config)
    for threshold in (0.01, 0.0):  # the background may have more than 0.99 everywhere
        found = postprocess_explained(loc[0], conf[0], defaults, score_threshold=threshold, **options)
        if len(found.labels):
            break
    else:
        raise InputError("the network gives scores that are not finite; its weights are damaged, train again")
    row, label = int(found.default_box[0]), int(found.labels[0])
    removed = found.suppressed[0]
    removed = removed[np.argsort(-found.probabilities[removed, label], kind="stable")]
    return Trace(
        row, label, defaults[row], loc[0, row], found.decoded[row], found.probabilities[row],
        found.decoded[removed], found.probabilities[removed, label],
    )  # fmt: skip


def origin(config: Config, row: int) -> tuple[FeatureMap, int, int, int]:
    """Return where a row of the output comes from: feature map, row and column of the cell, box of the cell."""
    for feature_map in config.feature_maps:
        count = feature_map.size**2 * feature_map.boxes_per_cell
        if row < count:
            cell, box = divmod(row, feature_map.boxes_per_cell)
            return feature_map, *divmod(cell, feature_map.size), box
        row -= count
    raise ValueError(f"row must be one of the {len(default_boxes(config))} default boxes")
