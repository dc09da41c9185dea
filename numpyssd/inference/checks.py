"""The two lists that every metric takes, detections and ground truth: checked, and converted to arrays.

Boxes are continuous corners in pixels, as everywhere in this package: pixel i covers [i, i + 1). The plain IoU of such
boxes is what VOC's devkit calculates with its "+ 1". In VOC's files x_max and y_max name the last pixel inside: a box
from 1 to 10 is ten pixels wide. For boxes with those numbers say pixels="inclusive"; one pixel is added to both.
"""

import numpy as np

PIXELS = ("continuous", "inclusive")


def checked(detections, ground_truth, class_names=None, pixels="continuous"):
    """Return both lists with arrays in them, the boxes float64 with continuous corners.

    The arguments are those of ``average_precision``. Raises ValueError for lists of different lengths, arrays that do
    not fit together, NaN, labels without a name in class_names, and an unknown word for pixels.
    """
    if pixels not in PIXELS:
        raise ValueError(f"pixels must be continuous or inclusive, not {pixels!r}")
    detections, ground_truth = list(detections), list(ground_truth)
    if len(detections) != len(ground_truth):
        raise ValueError(f"there are detections of {len(detections)} images, but ground_truth of {len(ground_truth)}")
    end = np.array([0, 0, 1, 1]) if pixels == "inclusive" else np.zeros(4)
    return [
        [_image(f"{kind}[{i}]", *rows, third, class_names, end) for i, rows in enumerate(images)]
        for kind, images, third in (("detections", detections, float), ("ground_truth", ground_truth, bool))
    ]


def _image(name, boxes, labels, third, third_type, class_names, end):
    boxes, labels, third = np.asarray(boxes, dtype=float), np.asarray(labels), np.asarray(third, dtype=third_type)
    if boxes.ndim != 2 or boxes.shape[1] != 4 or not labels.shape == third.shape == boxes.shape[:1]:
        shapes = f"{boxes.shape}, {labels.shape}, {third.shape}"
        raise ValueError(f"{name} must have the shapes (N, 4), (N,), (N,), but has {shapes}")
    if np.isnan(boxes).any() or np.isnan(third).any():
        raise ValueError(f"{name} must not hold NaN in its boxes or scores")
    last = np.inf if class_names is None else len(class_names)
    if len(labels) and not (labels.min() >= 1 and labels.max() <= last):
        named = "" if class_names is None else f" to {last}, those of class_names,"
        raise ValueError(f"{name} must have labels from 1{named} but has {labels.min()} to {labels.max()}")
    return boxes + end, labels.astype(np.int64), third


def checked_column(name, column, ground_truth, kind):
    """Return a further column of the ground truth as a list of arrays (M,), one for each image.

    name: for the message. ground_truth: as ``checked`` returns it. kind: the dtype. Raises ValueError if the column
    has another number of images, or an image another number of objects.
    """
    column = [np.asarray(values, dtype=kind) for values in column]
    if len(column) != len(ground_truth):
        raise ValueError(f"{name} is of {len(column)} images, but ground_truth of {len(ground_truth)}")
    for i, (values, (boxes, _, _)) in enumerate(zip(column, ground_truth)):
        if values.shape != boxes.shape[:1]:
            raise ValueError(f"{name}[{i}] must have the shape {boxes.shape[:1]}, but has {values.shape}")
    return column


def best_of_each_class(count, boxes, labels, scores):
    """Return the best ``count`` detections of each class in one image, in the order in which they are given."""
    keep = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        keep[own[np.argsort(-scores[own], kind="stable")[:count]]] = True
    return boxes[keep], labels[keep], scores[keep]


def thresholds_of(score_threshold, labels):
    """Return the score threshold of each detection: score_threshold is one for all, or one for each label (C,)."""
    thresholds = np.asarray(score_threshold, dtype=float)
    return thresholds if thresholds.ndim == 0 else thresholds[np.asarray(labels) - 1]


def score_in_words(score_threshold) -> str:
    """Return "a score of 0.5 or more", or what it is called where each class has its own."""
    if np.ndim(score_threshold):
        return "the score of its class or more"
    return f"a score of {float(score_threshold):g} or more"
