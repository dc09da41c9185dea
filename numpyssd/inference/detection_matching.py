"""Which detections are true positives: those of each class, best first, are matched to the objects of their image.

VOC's devkit and COCO differ in two points:

- VOC looks only at the object with the highest IoU; if that object is matched already, the detection is a false
  positive. COCO takes the best object that is not matched yet.
- COCO matches objects that do not count (crowds, and here difficult objects too) only if no other object fits.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from numpyssd.boxes import iou
from numpyssd.drawing import draw_boxes, draw_image

TRUE_POSITIVE, FALSE_POSITIVE, IGNORED = 1, 0, -1  # ignored: matched to an object that does not count


class ClassMatches(NamedTuple):
    """The detections of one class in all images, by falling score, and what each of them is."""

    scores: np.ndarray  # (D,)
    outcomes: np.ndarray  # (T, D) int8, a row for each IoU threshold: TRUE_POSITIVE, FALSE_POSITIVE or IGNORED
    objects: int  # the number of objects that count: those that are not difficult
    images: np.ndarray  # (D,) int64, the image of each detection
    objects_of_image: np.ndarray  # (images,) int64, how many of the objects that count are in each


def match_by_class(detections, ground_truth, thresholds, coco=False):
    """Match the detections of all images; return a dict, label -> ClassMatches, of every label that occurs.

    detections, ground_truth: as in ``average_precision``, in arrays (see ``checks.checked``).
    thresholds: T IoU thresholds; a detection fits an object from exactly the threshold on.
    coco: COCO's rule instead of VOC's.

    Equal scores: the earlier image first, then the earlier row. Sources: VOCevaldet.m of the devkit, and evaluateImg of
    pycocotools. For crowds pycocotools does not use the IoU; ``coco_metrics`` follows it, this function does not.
    """
    found = defaultdict(list)
    for i, (one, (gt_boxes, gt_labels, difficult)) in enumerate(zip(detections, ground_truth)):
        _, labels, scores = one
        outcomes = match_detections(*one, gt_boxes, gt_labels, difficult, thresholds, coco)  # (T, D)
        for label in np.unique(np.concatenate([labels, gt_labels])):
            mine, theirs = ranked(labels, scores, label), gt_labels == label
            found[int(label)].append((scores[mine], outcomes[:, mine], int((~difficult[theirs]).sum()), i))
    return {label: _concatenated(parts, len(ground_truth)) for label, parts in found.items()}


def match_detections(boxes, labels, scores, gt_boxes, gt_labels, difficult, thresholds, coco=False):
    """Match the detections of one image; return their outcomes (T, D), in the order in which they are given.

    boxes (D, 4), labels (D,), scores (D,): the detections. gt_boxes (M, 4), gt_labels (M,), difficult (M,) bool: the
    ground truth. All boxes are xyxy in the same unit. thresholds, coco: as in ``match_by_class``.
    """
    overlaps = iou(boxes, gt_boxes)  # (D, M)
    outcomes = np.full((len(thresholds), len(boxes)), FALSE_POSITIVE, dtype=np.int8)
    for label in np.unique(labels):
        mine, theirs = ranked(labels, scores, label), np.flatnonzero(gt_labels == label)
        own, hard = overlaps[np.ix_(mine, theirs)], difficult[theirs]  # (mine, theirs), (theirs,)
        if own.size and coco:
            outcomes[:, mine] = match_coco(own, hard[None], hard, thresholds)[0]
        elif own.size:
            outcomes[:, mine] = [match_voc(own, hard, threshold) for threshold in thresholds]
    return outcomes


def ranked(labels, scores, label):
    """Return the indices of the detections of one class, best first; equal scores keep their order."""
    order = np.argsort(-scores, kind="stable")
    return order[labels[order] == label]


def _concatenated(parts, images):
    scores, outcomes, objects, numbers = zip(*parts)
    image = np.repeat(numbers, [len(own) for own in scores])  # (D,)
    scores, outcomes = np.concatenate(scores), np.concatenate(outcomes, axis=1)  # (D,), (T, D)
    objects_of_image = np.zeros(images, dtype=np.int64)
    objects_of_image[list(numbers)] = objects
    order = np.argsort(-scores, kind="stable")
    return ClassMatches(scores[order], outcomes[:, order], sum(objects), image[order], objects_of_image)


def match_voc(overlaps, difficult, threshold):
    """Match the rows of overlaps (D, M), best first, by the rule of VOC's devkit; return outcomes (D,)."""
    outcomes = np.full(len(overlaps), FALSE_POSITIVE, dtype=np.int8)
    nearest = overlaps.argmax(axis=1)  # (D,) the lower index of equal overlaps
    fits = overlaps.max(axis=1) >= threshold
    outcomes[fits & difficult[nearest]] = IGNORED
    claims = np.flatnonzero(fits & ~difficult[nearest])
    _, first = np.unique(nearest[claims], return_index=True)  # an object is matched to the first that claims it
    outcomes[claims[first]] = TRUE_POSITIVE
    return outcomes


def match_coco(overlaps, ignored, crowd, thresholds):
    """Match the rows of overlaps (D, M), best first, by COCO's rule; return outcomes (A, T, D).

    ignored (A, M) bool: the objects that do not count, in each of A settings (ranges of area, for instance).
    crowd (M,) bool: the objects that stay free, so that any number of detections can be matched to them.
    thresholds: T IoU thresholds.

    Source: evaluateImg of pycocotools.
    """
    limits = np.asarray(thresholds)[:, None]  # (T, 1)
    ignored = ignored[:, None]  # (A, 1, M)
    free = np.ones((len(ignored), len(limits), len(crowd)), dtype=bool)  # (A, T, M)
    outcomes = np.full((*free.shape[:2], len(overlaps)), FALSE_POSITIVE, dtype=np.int8)  # (A, T, D)
    for i in np.flatnonzero((overlaps >= limits.min()).any(axis=1)):
        fits = free & (overlaps[i] >= limits)  # (A, T, M)
        counting = fits & ~ignored
        fits = np.where(counting.any(axis=2, keepdims=True), counting, fits)
        # Of equal overlaps COCO takes the last object.
        chosen = len(crowd) - 1 - np.where(fits, overlaps[i], -1)[:, :, ::-1].argmax(axis=2)  # (A, T)
        a, t = np.nonzero(fits.any(axis=2))
        m = chosen[a, t]
        outcomes[a, t, i] = np.where(ignored[a, 0, m], IGNORED, TRUE_POSITIVE)
        free[a, t, m] = crowd[m]
    return outcomes


# ---------------------------------------------------------------------------------------------------------------------


def draw_matches(ax, image, boxes, scores, outcomes, objects):
    """Draw the detections of one class in an image by their outcomes (D,), over its objects (M, 4), in pixels."""
    draw_image(ax, image)
    draw_boxes(ax, objects, "ground truth")
    for role, outcome in (("positive", TRUE_POSITIVE), ("negative", FALSE_POSITIVE)):
        rows = outcomes == outcome
        draw_boxes(ax, boxes[rows], role, [f"{score:.2f}" for score in scores[rows]])
    true, false = int((outcomes == TRUE_POSITIVE).sum()), int((outcomes == FALSE_POSITIVE).sum())
    title = f"true positives {true}, false positives {false}, false negatives {len(objects) - true}"
    ax.set_title(title, fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("inference.detection_matching")
