"""The worst mistakes of an evaluation, to be looked at: confident boxes that are wrong, and large objects not found.

Often the annotation is what is wrong; whoever looks at these pictures finds it out in a minute.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from numpyssd.boxes import area, iou
from numpyssd.drawing import draw_boxes, draw_image


class Mistake(NamedTuple):
    """One mistake: where it is, and in words."""

    image: int
    title: str  # the class that was said, or is there, and the score
    words: str  # the kind of mistake
    box: np.ndarray  # (n, 4) the detection: one, or none for a missed object
    object: np.ndarray  # (n, 4) the object that explains it, if there is one
    better: np.ndarray  # (n, 4) another box of that object: what was found, or what comes closest


def worst(split, detections, ground_truth, class_names, count=20):
    """Return the worst mistakes of an ErrorSplit: wrong boxes by falling score, then missed objects by falling area.

    Half of the ``count`` are of each sort; where one sort has fewer, there are more of the other.
    """
    wrong, missed = [], []
    for i, (_, _, scores) in enumerate(detections):
        wrong += [(-scores[d], i, d) for d in np.flatnonzero(~np.isin(split.kinds[i], ("", "right")))]
        missed += [(-size, i, m) for m, size in enumerate(area(ground_truth[i][0])) if split.missed[i][m]]
    many = max(count // 2, count - len(missed))
    wrong = sorted(wrong)[:many]
    missed = sorted(missed)[: count - len(wrong)]
    arguments = (split, detections, ground_truth, class_names)
    return [_wrong(i, d, *arguments) for _, i, d in wrong] + [_missed(i, m, *arguments) for _, i, m in missed]


def _wrong(i, d, split, detections, ground_truth, class_names):
    (boxes, labels, scores), (gt_boxes, gt_labels, _) = detections[i], ground_truth[i]
    kind, m, overlap = split.kinds[i][d], split.objects[i][d], split.overlaps[i][d]
    said = class_names[labels[d] - 1]
    own = class_names[gt_labels[m] - 1] if m >= 0 else ""  # the class of the object
    words = {
        "localization": f"localization IoU {overlap:.2f}",
        "class": f"class: {own}, not {said}",
        "other": f"other: IoU {overlap:.2f} with {own}",
        "duplicate": "duplicate",
        "background": "background",
    }[kind]
    first = (split.kinds[i] == "right") & (split.objects[i] == m) & (kind == "duplicate")  # (D,)
    explains = gt_boxes[[m] if m >= 0 else []]  # (1, 4) or (0, 4)
    return Mistake(i, f"{said} {scores[d]:.2f}", words, boxes[[d]], explains, boxes[first])


def _missed(i, m, split, detections, ground_truth, class_names):
    (boxes, labels, scores), (gt_boxes, gt_labels, _) = detections[i], ground_truth[i]
    fits = (labels == gt_labels[m]) & (iou(boxes, gt_boxes[[m]])[:, 0] >= 0.5)
    fits = np.flatnonzero(fits & (split.kinds[i] != "right"))  # one that is right has another object
    closest = fits[np.argsort(-scores[fits], kind="stable")[:1]]
    words = f"missed; best box {scores[closest[0]]:.2f}" if len(closest) else "missed; no box fits"
    return Mistake(i, class_names[gt_labels[m] - 1], words, boxes[:0], gt_boxes[[m]], boxes[closest])


def draw_mistake(ax, mistake, image, truth, name=""):
    """Draw the piece of the image around a mistake: truth (M, 4) green, the box orange, what comes closest dashed."""
    window = _window(np.concatenate([mistake.box, mistake.object]), image.shape)
    left, top, right, bottom = (int(n) for n in window)
    shift = np.tile([left, top], 2)
    draw_image(ax, image[top:bottom, left:right])
    draw_boxes(ax, truth - shift, "ground truth", linewidth=1)
    draw_boxes(ax, mistake.object - shift, "ground truth", linewidth=3)
    draw_boxes(ax, mistake.better - shift, "prediction", linestyle="--", linewidth=1.4)
    draw_boxes(ax, mistake.box - shift, "prediction", linewidth=2.4)
    ax.set_title(f"{mistake.title}\n{mistake.words}", fontsize=9, parse_math=False)
    ax.set_xlabel(name, fontsize=7, color="#606060", parse_math=False)


def _window(boxes, shape):
    """Return a square (or what fits of it) of whole pixels around boxes (n, 4), twice as wide and inside the image."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    size = np.array(shape[1::-1])  # width, height
    side = np.minimum(np.ceil(max(2 * (high - low).max(), 0.15 * size.max())), size)  # (2,)
    start = np.clip(np.floor((low + high - side) / 2), 0, size - side)
    return np.concatenate([start, start + side])


def draw_worst(axes, mistakes, dataset):
    """Draw a mistake on each axes; those of missed objects come last. Pictures are read from the dataset again."""
    for ax, mistake in zip(axes, mistakes):
        image, truth, _, _ = dataset[mistake.image]
        draw_mistake(ax, mistake, image, truth, image_name(dataset, mistake.image))
    for ax in axes[len(mistakes) :]:
        ax.set_axis_off()


def image_name(dataset, i):
    """Return the name of the file of an image, or its number where there is no file."""
    return Path(dataset.image_path(i)).name if hasattr(dataset, "image_path") else f"picture {i}"
