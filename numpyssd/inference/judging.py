"""Which detections are right: those of each class, best first, against the objects of their image.

VOC's devkit and COCO differ in two points. VOC looks at the object that a detection overlaps most, and calls the
detection wrong if that one is taken. COCO lets it have the best object that is still free, and turns to difficult
objects (in COCO: crowds) only when no other fits.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from numpyssd.boxes import iou

RIGHT, WRONG, NOT_COUNTED = 1, 0, -1  # true positive, false positive, and a detection of a difficult object


class Judged(NamedTuple):
    """What was found of one class in all images, the detections in the order of falling scores."""

    scores: np.ndarray  # (D,)
    verdicts: np.ndarray  # (T, D) int8, a row for each IoU threshold
    objects: int  # that count: those which are not difficult


def judge(detections, ground_truth, thresholds, coco=False):
    """Return a dict: label -> Judged, for every label that occurs.

    detections, ground_truth: as in average_precision, in arrays. thresholds: T of IoU; a detection that reaches it
    exactly fits. Equal scores: the earlier image first, then the earlier row. Source: VOCevaldet.m of the devkit, and
    evaluateImg of pycocotools, which measures crowds in its own way where this uses the IoU.
    """
    found = defaultdict(list)
    for (boxes, labels, scores), (gt_boxes, gt_labels, difficult) in zip(detections, ground_truth):
        order = np.argsort(-scores, kind="stable")  # (D,)
        overlaps = iou(boxes[order], gt_boxes)  # (D, M)
        for label in np.unique(np.concatenate([labels, gt_labels])):
            mine, theirs = np.flatnonzero(labels[order] == label), np.flatnonzero(gt_labels == label)
            own, hard = overlaps[np.ix_(mine, theirs)], difficult[theirs]  # (mine, theirs), (theirs,)
            verdicts = np.full((len(thresholds), len(mine)), WRONG, dtype=np.int8)  # (T, mine)
            if own.size:
                verdicts[:] = [(_coco if coco else _voc)(own, hard, threshold) for threshold in thresholds]
            found[int(label)].append((scores[order[mine]], verdicts, int((~hard).sum())))
    return {label: _joined(images) for label, images in found.items()}


def _joined(images):
    scores, verdicts, objects = zip(*images)
    scores, verdicts = np.concatenate(scores), np.concatenate(verdicts, axis=1)  # (D,), (T, D)
    order = np.argsort(-scores, kind="stable")
    return Judged(scores[order], verdicts[:, order], sum(objects))


def _voc(overlaps, difficult, threshold):
    """Return a verdict (D,) on each row of overlaps (D, M), in the devkit's way."""
    verdicts = np.full(len(overlaps), WRONG, dtype=np.int8)
    nearest = overlaps.argmax(axis=1)  # (D,) the lower index of equal overlaps
    fits = overlaps.max(axis=1) >= threshold
    verdicts[fits & difficult[nearest]] = NOT_COUNTED
    claims = np.flatnonzero(fits & ~difficult[nearest])
    _, first = np.unique(nearest[claims], return_index=True)  # an object belongs to the first that claims it
    verdicts[claims[first]] = RIGHT
    return verdicts


def _coco(overlaps, difficult, threshold):
    """Return the same in COCO's way; a difficult object is never taken, so that it can excuse any number."""
    verdicts = np.full(len(overlaps), WRONG, dtype=np.int8)
    free = ~difficult
    for i in np.flatnonzero((overlaps >= threshold).any(axis=1)):
        fits = np.flatnonzero(free & (overlaps[i] >= threshold))
        if len(fits):
            # Of equal overlaps COCO takes the last object.
            free[fits[::-1][overlaps[i, fits[::-1]].argmax()]] = False
            verdicts[i] = RIGHT
        elif (overlaps[i, difficult] >= threshold).any():
            verdicts[i] = NOT_COUNTED
    return verdicts


def best(count, boxes, labels, scores):
    """Return the best ``count`` detections of one image, of all classes together."""
    first = np.argsort(-scores, kind="stable")[:count]
    return boxes[first], labels[first], scores[first]


def checked(detections, ground_truth, class_names=None):
    """Return both lists in arrays, the boxes float64; raise ValueError for what average_precision can't judge."""
    detections, ground_truth = list(detections), list(ground_truth)
    if len(detections) != len(ground_truth):
        raise ValueError(f"there are detections of {len(detections)} images, but ground_truth of {len(ground_truth)}")
    return [
        [_image(f"{kind}[{i}]", *rows, third, class_names) for i, rows in enumerate(images)]
        for kind, images, third in (("detections", detections, float), ("ground_truth", ground_truth, bool))
    ]


def _image(name, boxes, labels, third, third_type, class_names):
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
    return boxes, labels.astype(np.int64), third
