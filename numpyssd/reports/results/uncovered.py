"""Missed objects that no default box fits because they are too small: other boxes would find them, and no training."""

import numpy as np

from numpyssd.config import Config, NetworkConfig
from numpyssd.datasets.analysis.best_iou import best_ious
from numpyssd.datasets.dataset import Dataset
from numpyssd.inference.evaluation.measurement import Measurement

COVERED = 0.5  # IoU with a default box, from which on an object can be learned


def uncovered_by_class(measured: Measurement, dataset: Dataset, config: NetworkConfig) -> list[int]:
    """Return how many missed objects of each class are smaller than the default boxes of a config can cover.

    0 of each for a detector without default boxes.
    """
    counts = np.zeros(len(measured.class_names), np.int64)
    if not isinstance(config, Config):
        return counts.tolist()
    smallest = min(row.scale_px for row in config.feature_maps)
    for i, missed in enumerate(measured.split.missed):
        boxes, labels = measured.ground_truth[i][0][missed], measured.ground_truth[i][1][missed]
        if len(boxes):
            width, height = dataset.image_size(i)
            boxes = np.asarray(boxes) / [width, height, width, height]
            sides = (boxes[:, 2:] - boxes[:, :2]) * config.image_size
            hard = (best_ious(boxes, config)[0] < COVERED) & (np.sqrt(sides.prod(axis=1)) < smallest)
            np.add.at(counts, labels[hard] - 1, 1)
    return counts.tolist()
