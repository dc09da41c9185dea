"""Failure cases of an evaluation: false positives with high scores, and large objects that were missed.

Often the annotation is what is false; a look at these images shows it within a minute.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.boxes import area, iou
from numpyssd.drawing import draw_boxes, draw_image
from numpyssd.inference.error_split import ErrorSplit


class FailureCase(NamedTuple):
    """One error: where it is, and a description of it. Boxes are xyxy in pixels of the image."""

    image: int  # the index in the data set
    title: str  # the class of the detection and its score, or the class of the missed object
    description: str  # the type of error
    box: np.ndarray  # (n, 4) the detection: one, or none for a missed object
    object: np.ndarray  # (n, 4) the object that explains it, if there is one
    better: np.ndarray  # (n, 4) another detection of that object: the correct one, or the closest one


def failure_cases(
    split: ErrorSplit, detections: list, ground_truth: list, class_names, count: int = 20
) -> list[FailureCase]:
    """Return failure cases of an ErrorSplit: false positives by falling score, then missed objects by falling area.

    detections, ground_truth: the lists of which ``split`` was made. Half of the ``count`` cases are false positives and
    half are missed objects; if there are fewer of one sort, there are more of the other.
    """
    false_positives, missed = [], []
    for i, (_, _, scores) in enumerate(detections):
        false_positives += [(-scores[d], i, d) for d in np.flatnonzero(~np.isin(split.types[i], ("", "correct")))]
        missed += [(-size, i, m) for m, size in enumerate(area(ground_truth[i][0])) if split.missed[i][m]]
    false_positives = sorted(false_positives)[: max(count // 2, count - len(missed))]
    missed = sorted(missed)[: count - len(false_positives)]
    lists = (split, detections, ground_truth, class_names)
    cases = [_false_positive(i, d, *lists) for _, i, d in false_positives]
    return cases + [_missed(i, m, *lists) for _, i, m in missed]


def _false_positive(i, d, split, detections, ground_truth, class_names):
    (boxes, labels, scores), (gt_boxes, gt_labels, _) = detections[i], ground_truth[i]
    error, m, overlap = split.types[i][d], split.objects[i][d], split.overlaps[i][d]
    detected = class_names[labels[d] - 1]
    true = class_names[gt_labels[m] - 1] if m >= 0 else ""  # the class of the object
    description = {
        "localization": f"localization: IoU {overlap:.2f}",
        "classification": f"classification: {true}, not {detected}",
        "both": f"both: IoU {overlap:.2f} with {true}",
        "duplicate": "duplicate",
        "background": "background",
    }[error]
    correct = (split.types[i] == "correct") & (split.objects[i] == m) & (error == "duplicate")  # (D,)
    explains = gt_boxes[[m] if m >= 0 else []]  # (1, 4) or (0, 4)
    return FailureCase(i, f"{detected} {scores[d]:.2f}", description, boxes[[d]], explains, boxes[correct])


def _missed(i, m, split, detections, ground_truth, class_names):
    (boxes, labels, scores), (gt_boxes, gt_labels, _) = detections[i], ground_truth[i]
    fits = (labels == gt_labels[m]) & (iou(boxes, gt_boxes[[m]])[:, 0] >= 0.5)
    fits = np.flatnonzero(fits & (split.types[i] != "correct"))  # a correct one is matched to another object
    closest = fits[np.argsort(-scores[fits], kind="stable")[:1]]
    description = f"missed; best box has score {scores[closest[0]]:.2f}" if len(closest) else "missed; no box fits"
    return FailureCase(i, class_names[gt_labels[m] - 1], description, boxes[:0], gt_boxes[[m]], boxes[closest])


def draw_failure_case(ax, case: FailureCase, image, gt_boxes, name=""):
    """Draw the crop of the image around a case: gt_boxes (M, 4) green, the detection orange, the better one dashed."""
    crop = crop_around(np.concatenate([case.box, case.object]), image.shape)
    left, top, right, bottom = (int(n) for n in crop)
    shift = np.tile([left, top], 2)
    draw_image(ax, image[top:bottom, left:right])
    draw_boxes(ax, gt_boxes - shift, "ground truth", linewidth=1)
    draw_boxes(ax, case.object - shift, "ground truth", linewidth=3)
    draw_boxes(ax, case.better - shift, "prediction", linestyle="--", linewidth=1.4)
    draw_boxes(ax, case.box - shift, "prediction", linewidth=2.4)
    ax.set_title(f"{case.title}\n{case.description}", fontsize=9, parse_math=False)
    ax.set_xlabel(name, fontsize=7, color="#606060", parse_math=False)


def crop_around(boxes, shape):
    """Return a square xyxy in whole pixels around boxes (n, 4), twice as wide as they are and cut to the image."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    size = np.array(shape[1::-1])  # width, height
    side = np.minimum(np.ceil(max(2 * (high - low).max(), 0.15 * size.max())), size)  # (2,)
    start = np.clip(np.floor((low + high - side) / 2), 0, size - side)
    return np.concatenate([start, start + side])


def draw_failure_cases(axes, cases: list[FailureCase], dataset):
    """Draw a case on each axes. The images are read from the data set again."""
    for ax, case in zip(axes, cases):
        image, gt_boxes, _, _ = dataset[case.image]
        draw_failure_case(ax, case, image, gt_boxes, dataset.image_name(case.image))
    for ax in axes[len(cases) :]:
        ax.set_axis_off()
