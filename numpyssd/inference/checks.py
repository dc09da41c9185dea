"""The two lists that every measure of detections takes, checked and in arrays: what was found, and what is there.

Boxes are continuous corners in pixels, as everywhere here: pixel i covers [i, i + 1). Plain IoU of such boxes is what
VOC's devkit calculates with its "+ 1". Who has boxes that name the last pixel inside, as VOC's files do (1 to 10 is ten
pixels wide), says so with pixels="inclusive"; then a box reaches to the end of that pixel, one further.
"""

import numpy as np

PIXELS = ("continuous", "inclusive")


def checked(detections, ground_truth, class_names=None, pixels="continuous"):
    """Return both lists in arrays, the boxes float64 with continuous corners.

    detections: one entry for each image, (boxes (D, 4), labels (D,), scores (D,)). ground_truth: as many, (boxes
    (M, 4), labels (M,), difficult (M,) bool). Raises ValueError for lists of different lengths, rows that do not fit
    together, NaN, labels without a name in class_names, and another word for pixels.
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
    """Return a column that ground truth may have besides, a list of arrays (M,), one for each image.

    Raises ValueError if its length, or that of one of its images, is not that of ground_truth, which is as ``checked``
    returns it.
    """
    column = [np.asarray(values, dtype=kind) for values in column]
    if len(column) != len(ground_truth):
        raise ValueError(f"{name} is of {len(column)} images, but ground_truth of {len(ground_truth)}")
    for i, (values, (boxes, _, _)) in enumerate(zip(column, ground_truth)):
        if values.shape != boxes.shape[:1]:
            raise ValueError(f"{name}[{i}] must have the shape {boxes.shape[:1]}, but has {values.shape}")
    return column


def best(count, boxes, labels, scores):
    """Return the best ``count`` detections of one image, of all classes together."""
    first = np.argsort(-scores, kind="stable")[:count]
    return boxes[first], labels[first], scores[first]
