"""What one can look at in a training: steps by weights, confusions, mAP, positives, and boxes that are shown."""

import math

import numpy as np

from numpyssd.boxes import iou
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.evaluate import detect_all

SCORE, SHOWN, MOST = 0.3, 16, 5  # of a box that is shown; images whose boxes are kept, and how many of each


def step_by_weight(optimizer):
    """Return for each layer the norm of the step that it just made, by the norm of its weights."""
    weights = weights_of(optimizer).items()
    return [float(np.linalg.norm(optimizer.velocity[name]) / np.linalg.norm(p.value)) for name, p in weights]


def weights_of(optimizer):
    """Return the parameters that are weights of convolutions, {name: parameter}."""
    return {name: p for name, p in optimizer.parameters.items() if name.endswith(".weight")}


def mean_ap(detector, dataset):
    """Return the mAP, VOC's area at an IoU of 0.5, from 0 to 1."""
    found, truth = detect_all(detector, dataset)
    return float(average_precision(found, truth, class_names=dataset.class_names).mean)


def positives_per_object(detector, dataset):
    """Return how many positives the targets of a data set have, for each of its objects."""
    positives = objects = 0
    for image, boxes, labels, _ in dataset:
        positives += (detector.make_targets(boxes / len(image), labels)[1] > 0).sum()
        objects += len(boxes)
    return float(positives / objects)


def confusion(found, truth, classes, score=SCORE):
    """Return how often an object of a class (row) is shown as a class (column), (classes, classes + 1).

    found, truth: as from ``detect_all``. The last column counts the objects that no box of the score overlaps with an
    IoU of 0.5. Of several boxes the one with the best score speaks for the object.
    """
    table = np.zeros((classes, classes + 1), int)
    for (boxes, labels, scores), (objects, its_labels, _) in zip(found, truth):
        keep = scores >= score
        overlaps = iou(objects, boxes[keep]) >= 0.5  # (M, D), the best score first
        for row, label in zip(overlaps, its_labels):
            column = labels[keep][row.argmax()] - 1 if row.any() else classes
            table[label - 1, column] += 1
    return table


def ends(detector, train, val, test):
    """Return what can be seen of a trained detector: mAP on two sets, confusions, and the boxes of some images."""
    found, truth = detect_all(detector, val)
    shown = [
        [np.round(column[scores >= SCORE][:MOST], 2).tolist() for column in (boxes, labels, scores)]
        for boxes, labels, scores in found[:SHOWN]
    ]
    return {
        "train_map": short(mean_ap(detector, train)), "test_map": short(mean_ap(detector, test)),
        "confusion": confusion(found, truth, len(val.class_names)).tolist(), "shown": shown,
    }  # fmt: skip


def short(value):
    """Return a number with four digits, so that a file of them stays small; None if it is not finite."""
    return float(f"{value:.4g}") if math.isfinite(value) else None
