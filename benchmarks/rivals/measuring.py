"""What is measured of a trained detector on the test images: accuracy, by class and by size, and kinds of errors."""

import numpy as np

from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.coco_metrics import coco_metrics
from numpyssd.inference.error_split import error_split
from numpyssd.inference.evaluate import detect_all
from numpyssd.inference.evaluation.best_scores import USUAL_SCORE, best_scores

SIZES = ("small", "medium", "large")  # COCO's: up to 32 x 32 pixels, to 96 x 96, and above; here of the network's image
HALF = 0  # the first of COCO's IoU thresholds is 0.5


def measure(detector, dataset, val) -> dict:
    """Return the figures of a detector on a data set: numbers that JSON can hold.

    val: the images that say from which score on a box of each class counts as found, for the kinds of errors.
    """
    names = dataset.class_names
    found, truth = detect_all(detector, dataset)
    half = average_precision(found, truth, "voc", class_names=names)
    by_size = coco_metrics(*at_network_size(found, truth, dataset, detector.model.config.image_size), names)
    best = best_scores(average_precision(*detect_all(detector, val), "voc", class_names=names), names) or {}
    thresholds = tuple(best[name].score if name in best else USUAL_SCORE for name in names)
    split = error_split(found, truth, names, score_threshold=thresholds)
    return {
        "mAP": float(half.mean),
        "per_class": half.per_class,
        "coco": by_size.numbers["AP"],
        "AP50_by_size": dict(zip(SIZES, _means(by_size.ap[1:, HALF]))),  # (3, C)
        "recall50_by_size": dict(zip(SIZES, _means(by_size.recall[-1, 1:, HALF]))),  # (3, C)
        "errors": split.total,
    }


def at_network_size(found, truth, dataset, size):
    """Return detections and ground truth with boxes in pixels of the square image that the network sees.

    IoU stays the same, and the size of an object becomes the one that the network has to find.
    """
    factors = [size / np.array(dataset.image_size(i) * 2) for i in range(len(dataset))]  # (4,) each
    found = [(boxes * factor, *others) for (boxes, *others), factor in zip(found, factors)]
    truth = [(np.asarray(boxes) * factor, *others) for (boxes, *others), factor in zip(truth, factors)]
    return found, truth


def _means(rows):
    """Return the mean of each row (n, C) over the classes that have objects of the size; None of a size without any."""
    return [float(np.nanmean(row)) if np.isfinite(row).any() else None for row in rows]
