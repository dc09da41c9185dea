"""Follow one detection back through the network's output: which default box, which offsets, whom it suppressed."""

from typing import NamedTuple

import numpy as np

from numpyssd.errors import InputError
from numpyssd.images.preprocess import preprocess
from numpyssd.inference.detect import detection_options
from numpyssd.inference.postprocess import postprocess_explained
from numpyssd.model.default_boxes import default_boxes


class Trace(NamedTuple):
    """The way of one detection; boxes are in units of the sides of the image."""

    row: int  # of the default box, and of loc and conf
    label: int
    default_box: np.ndarray  # (4,) cxcywh
    offsets: np.ndarray  # (4,) as the network gave them
    box: np.ndarray  # (4,) xyxy, decoded and not clipped
    probabilities: np.ndarray  # (C,)
    suppressed: np.ndarray  # (n, 4) xyxy: boxes of the same class that gave way to it, best first
    suppressed_scores: np.ndarray  # (n,)


def trace_best(model, image):
    """Return the Trace of the best detection of a model on an image (H, W, 3) uint8.

    Raises InputError if the network's output is not finite, so that there is no best.
    """
    loc, conf = model.infer(preprocess(image, model.config))
    defaults, options = default_boxes(model.config), detection_options(model.config)
    for threshold in (0.01, 0.0):  # a network may be surer than 0.99 that there is nothing
        found = postprocess_explained(loc[0], conf[0], defaults, score_threshold=threshold, **options)
        if len(found.labels):
            break
    else:
        raise InputError("the network gives scores that are not finite; its weights are damaged, train again")
    row, label = int(found.default_box[0]), int(found.labels[0])
    lost = found.suppressed[0]
    lost = lost[np.argsort(-found.probabilities[lost, label], kind="stable")]
    return Trace(
        row, label, defaults[row], loc[0, row], found.decoded[row], found.probabilities[row],
        found.decoded[lost], found.probabilities[lost, label],
    )  # fmt: skip


def origin(config, row):
    """Return where a row of the network's output comes from: feature map, row and column of the cell, box in it."""
    for feature_map in config.feature_maps:
        count = feature_map.size**2 * feature_map.boxes_per_cell
        if row < count:
            cell, box = divmod(row, feature_map.boxes_per_cell)
            return feature_map, *divmod(cell, feature_map.size), box
        row -= count
    raise ValueError(f"row must be one of the {len(default_boxes(config))} default boxes")
