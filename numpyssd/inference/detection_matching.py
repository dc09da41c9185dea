"""Which detections are right: those of each class, best first, against the objects of their image.

VOC's devkit and COCO differ in two points. VOC looks at the object that a detection overlaps most, and calls the
detection wrong if that one is taken. COCO lets it have the best object that is still free, and turns to objects that
do not count (crowds, and here the difficult ones) only when no other fits.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from numpyssd.boxes import iou
from numpyssd.drawing import draw_boxes, draw_image

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
    evaluateImg of pycocotools, which measures crowds in a way of its own (``coco_metrics``) where this uses the IoU.
    """
    found = defaultdict(list)
    for one, (gt_boxes, gt_labels, difficult) in zip(detections, ground_truth):
        _, labels, scores = one
        verdicts = judge_image(*one, gt_boxes, gt_labels, difficult, thresholds, coco)  # (T, D)
        for label in np.unique(np.concatenate([labels, gt_labels])):
            mine, theirs = ranked(labels, scores, label), gt_labels == label
            found[int(label)].append((scores[mine], verdicts[:, mine], int((~difficult[theirs]).sum())))
    return {label: _joined(images) for label, images in found.items()}


def judge_image(boxes, labels, scores, gt_boxes, gt_labels, difficult, thresholds, coco=False):
    """Return a verdict (T, D) on each detection of one image, in the order in which they are given."""
    overlaps = iou(boxes, gt_boxes)  # (D, M)
    verdicts = np.full((len(thresholds), len(boxes)), WRONG, dtype=np.int8)
    for label in np.unique(labels):
        mine, theirs = ranked(labels, scores, label), np.flatnonzero(gt_labels == label)
        own, hard = overlaps[np.ix_(mine, theirs)], difficult[theirs]  # (mine, theirs), (theirs,)
        if own.size and coco:
            verdicts[:, mine] = coco_verdicts(own, hard[None], hard, thresholds)[0]
        elif own.size:
            verdicts[:, mine] = [voc_verdicts(own, hard, threshold) for threshold in thresholds]
    return verdicts


def ranked(labels, scores, label):
    """Return the indices of the detections of one class, best first; equal scores keep their order."""
    order = np.argsort(-scores, kind="stable")
    return order[labels[order] == label]


def _joined(images):
    scores, verdicts, objects = zip(*images)
    scores, verdicts = np.concatenate(scores), np.concatenate(verdicts, axis=1)  # (D,), (T, D)
    order = np.argsort(-scores, kind="stable")
    return Judged(scores[order], verdicts[:, order], sum(objects))


def voc_verdicts(overlaps, difficult, threshold):
    """Return a verdict (D,) on each row of overlaps (D, M), best first, in the devkit's way."""
    verdicts = np.full(len(overlaps), WRONG, dtype=np.int8)
    nearest = overlaps.argmax(axis=1)  # (D,) the lower index of equal overlaps
    fits = overlaps.max(axis=1) >= threshold
    verdicts[fits & difficult[nearest]] = NOT_COUNTED
    claims = np.flatnonzero(fits & ~difficult[nearest])
    _, first = np.unique(nearest[claims], return_index=True)  # an object belongs to the first that claims it
    verdicts[claims[first]] = RIGHT
    return verdicts


def coco_verdicts(overlaps, ignored, crowd, thresholds):
    """Return verdicts (A, T, D) on the rows of overlaps (D, M), best first, in COCO's way.

    ignored (A, M): in each of A judgments, the objects that do not count. crowd (M,): those that are never taken, so
    that they excuse any number of detections. thresholds: T of IoU. Source: evaluateImg of pycocotools.
    """
    limits = np.asarray(thresholds)[:, None]  # (T, 1)
    ignored = ignored[:, None]  # (A, 1, M)
    free = np.ones((len(ignored), len(limits), len(crowd)), dtype=bool)  # (A, T, M)
    verdicts = np.full((*free.shape[:2], len(overlaps)), WRONG, dtype=np.int8)  # (A, T, D)
    for i in np.flatnonzero((overlaps >= limits.min()).any(axis=1)):
        fits = free & (overlaps[i] >= limits)  # (A, T, M)
        counting = fits & ~ignored
        fits = np.where(counting.any(axis=2, keepdims=True), counting, fits)
        # Of equal overlaps COCO takes the last object.
        chosen = len(crowd) - 1 - np.where(fits, overlaps[i], -1)[:, :, ::-1].argmax(axis=2)  # (A, T)
        a, t = np.nonzero(fits.any(axis=2))
        m = chosen[a, t]
        verdicts[a, t, i] = np.where(ignored[a, 0, m], NOT_COUNTED, RIGHT)
        free[a, t, m] = crowd[m]
    return verdicts


# ---------------------------------------------------------------------------------------------------------------------


def draw_verdicts(ax, image, boxes, scores, verdicts, objects):
    """Draw the detections of one class in an image by their verdicts (D,), over its objects, in pixels."""
    draw_image(ax, image)
    draw_boxes(ax, objects, "ground truth")
    for role, verdict in (("positive", RIGHT), ("negative", WRONG)):
        rows = verdicts == verdict
        draw_boxes(ax, boxes[rows], role, [f"{score:.2f}" for score in scores[rows]])
    right, wrong = int((verdicts == RIGHT).sum()), int((verdicts == WRONG).sum())
    ax.set_title(f"right (TP) {right}, wrong (FP) {wrong}, missed (FN) {len(objects) - right}", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_picture

    run_picture("inference.detection_matching")
