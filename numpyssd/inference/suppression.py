"""From scored boxes to detections: threshold, non-maximum suppression, the best of an image (paper, end of section 3).

Any detector ends so, whatever its boxes came from; SSD's are decoded in postprocess.py.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.inference.nms import nms_explained


class Kept(NamedTuple):
    """Which of K boxes are the detections of an image, best first."""

    rows: np.ndarray  # (D,) int64
    labels: np.ndarray  # (D,) int64
    suppressed: list  # D arrays of rows: the boxes that each removed: of its class, with one_label of any class


def best_detections(
    boxes, scores, score_threshold=0.01, nms_threshold=0.45, top_k=400, keep_top_k=200, one_label=False
):
    """Return the detections of one image: boxes (D, 4) xyxy clipped to [0, 1], labels (D,), scores (D,), best first.

    boxes: (K, 4) xyxy, or one for each class, (K, C, 4); scores: (K, C), class 0 is background. The others are those
    of ``postprocess``. A box that is not finite detects nothing.
    """
    kept = keep_best(boxes, scores, score_threshold, nms_threshold, top_k, keep_top_k, one_label)
    found = boxes[kept.rows] if boxes.ndim == 2 else boxes[kept.rows, kept.labels]  # (D, 4)
    return np.clip(found, 0, 1), kept.labels, scores[kept.rows, kept.labels]


def keep_best(
    boxes, scores, score_threshold=0.01, nms_threshold=0.45, top_k=400, keep_top_k=200, one_label=False
) -> Kept:
    """Do what ``best_detections`` does, but return which rows they are, and what each removed."""
    candidate = scores > _thresholds(score_threshold, scores)  # (K, C)
    finite = np.isfinite(boxes).all(axis=-1)  # (K,) or (K, C)
    candidate &= finite[:, None] if finite.ndim == 1 else finite
    if one_label and top_k is not None:
        top_k *= max(1, scores.shape[1] - 1)
    all_rows, all_labels, suppressors = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], []
    for candidates, their_labels in _pools(candidate, scores, one_label):
        their_boxes = boxes[candidates] if boxes.ndim == 2 else boxes[candidates, their_labels]
        keep, suppressor = nms_explained(their_boxes, scores[candidates, their_labels], nms_threshold, top_k)
        all_rows.append(candidates[keep])
        all_labels.append(their_labels[keep])
        took_part = suppressor >= 0
        suppressors.append((candidates[took_part], candidates[suppressor[took_part]]))
    rows, labels = np.concatenate(all_rows), np.concatenate(all_labels)  # of all classes
    best = np.argsort(-scores[rows, labels], kind="stable")[:keep_top_k]
    rows, labels = rows[best], labels[best]  # (D,)
    pools = labels * 0 if one_label else labels - 1  # (D,)
    return Kept(rows, labels, [_suppressed_by(row, *suppressors[pool]) for row, pool in zip(rows, pools)])


def _thresholds(score_threshold, scores):
    """Return what the score of each class (C,) must be over; for background nothing is enough."""
    labels = scores.shape[1] - 1
    thresholds = np.full(1 + labels, np.inf, scores.dtype)
    if np.shape(score_threshold) not in ((), (labels,)):
        shape = np.shape(score_threshold)
        raise ValueError(f"score_threshold must be a number, or one for each of the {labels} labels, not {shape}")
    thresholds[1:] = score_threshold
    return thresholds


def _pools(candidate, scores, one_label):
    """Return what NMS compares: boxes (M,) and their labels (M,), of each class or of all classes together."""
    if one_label:
        best = np.where(candidate, scores, -1).argmax(axis=1)  # (K,), 0 where there is no candidate
        rows = np.flatnonzero(best)
        return [(rows, best[rows])]
    rows = [np.flatnonzero(row) for row in np.ascontiguousarray(candidate.T)[1:]]
    return [(of_label, np.full(len(of_label), label)) for label, of_label in enumerate(rows, start=1)]


def _suppressed_by(row, candidates, suppressors):
    return candidates[(suppressors == row) & (candidates != row)]
