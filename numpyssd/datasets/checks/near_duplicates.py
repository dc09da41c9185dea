"""Pictures that look alike in different splits, and objects that were boxed twice."""

import numpy as np

from numpyssd.boxes import iou
from numpyssd.datasets.issues import Problem
from numpyssd.images.read import thumbnail

ALIKE = 0.95  # correlation of thumbnails from which two pictures count as nearly the same
TWICE = 0.8  # IoU from which two boxes of one class count as the same object
MOST_PICTURES = 6000  # compared with each other: some seconds, and 300 MB


def near_duplicates(opened):
    """Return a Problem for each two pictures of different splits that look the same but are not the same bytes.

    opened: data sets by the names of their splits.
    """
    splits, paths = {}, []
    for split, dataset in opened.items():
        for i in range(len(dataset)):
            paths += [] if dataset.image_path(i) in splits else [dataset.image_path(i)]
            splits.setdefault(dataset.image_path(i), set()).add(split)
    if len(paths) > MOST_PICTURES or len(opened) < 2:
        return []
    looks = np.stack([thumbnail(path, 32, 24).astype(np.float32).ravel() for path in paths])  # (N, 768)
    looks -= looks.mean(axis=1, keepdims=True)
    spread = np.linalg.norm(looks, axis=1, keepdims=True)
    looks = np.divide(looks, spread, out=np.zeros_like(looks), where=spread > 1)  # one color is like nothing
    alike = looks @ looks.T
    problems = []
    for a, b in zip(*np.nonzero(np.triu(alike >= ALIKE, 1))):
        first, second = splits[paths[a]], splits[paths[b]]
        if first == second or paths[a].read_bytes() == paths[b].read_bytes():
            continue
        where = f"{paths[b].name} ({'/'.join(sorted(second))}; this one: {'/'.join(sorted(first))})"
        sentence = f"looks nearly like {where}: correlation {alike[a, b]:.3f}"
        effect = "figures of one split may be too good"
        problems.append(Problem(str(paths[a]), None, None, sentence, effect, True))
    return problems


def doubled_boxes(opened):
    """Return a Problem for each box that is nearly the same as one before it, of its class and in its picture."""
    problems = {}
    for dataset in opened.values():
        for i in range(len(dataset)):
            boxes, labels = dataset.annotation(i)[:2]
            same = np.triu((iou(boxes, boxes) >= TWICE) & (labels[:, None] == labels), 1)  # (M, M)
            for b in np.flatnonzero(same.any(axis=0)):
                a = same[:, b].argmax()
                both = " and ".join(str([float(f"{v:g}") for v in boxes[k]]) for k in (a, b))
                sentence = f"two boxes of class {dataset.class_names[labels[a] - 1]!r} are nearly the same: {both}"
                problem = Problem(str(dataset.image_path(i)), None, None, sentence, "both are trained on", True)
                problems[str(problem)] = problem  # trainval has those of train again
    return list(problems.values())
