"""Images of different splits that look alike, and objects that have two boxes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from numpyssd.boxes import iou
from numpyssd.datasets.checks.splits import splits_of_images
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import Issue
from numpyssd.images.read import thumbnail

MIN_CORRELATION = 0.95  # of thumbnails, from which two images are near-duplicates
MIN_IOU = 0.8  # from which two boxes of one class count as the same object
MAX_IMAGES = 6000  # compared with each other: some seconds, and 300 MB


def near_duplicates(loaded: dict[str, Dataset]) -> list[Issue]:
    """Return an Issue for each two images of different splits that look the same but are not the same bytes.

    loaded: data sets by the names of their splits.
    """
    splits = splits_of_images(loaded)
    paths = list(splits)
    if len(paths) > MAX_IMAGES or len(loaded) < 2:
        return []
    vectors = looks(paths)
    correlation = vectors @ vectors.T  # (N, N)
    issues = []
    for a, b in zip(*np.nonzero(np.triu(correlation >= MIN_CORRELATION, 1))):
        first, second = splits[paths[a]], splits[paths[b]]
        if first == second or paths[a].read_bytes() == paths[b].read_bytes():
            continue
        where = f"{paths[b].name} ({'/'.join(sorted(second))}; this one: {'/'.join(sorted(first))})"
        sentence = f"looks nearly like {where}: correlation {correlation[a, b]:.3f}"
        issues.append(Issue(str(paths[a]), sentence, "figures of one split may be too good", is_warning=True))
    return issues


def looks(paths: Sequence[Path]) -> np.ndarray:
    """Return a vector of length 1 for each image, (N, 768) float32; the product of two is their correlation.

    An image of one color is like nothing: its vector is zero. Raises InputError for an image that cannot be read.
    """
    vectors = np.stack([thumbnail(path, 32, 24).astype(np.float32).ravel() for path in paths])  # (N, 768)
    vectors -= vectors.mean(axis=1, keepdims=True)
    spread = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, spread, out=np.zeros_like(vectors), where=spread > 1)


def duplicate_boxes(loaded: dict[str, Dataset]) -> list[Issue]:
    """Return an Issue for each box that is nearly the same as one before it, of its class and in its image."""
    issues = {}
    for dataset in loaded.values():
        for i in range(len(dataset)):
            boxes, labels = dataset.annotation(i)[:2]
            same = np.triu((iou(boxes, boxes) >= MIN_IOU) & (labels[:, None] == labels), 1)  # (M, M)
            for b in np.flatnonzero(same.any(axis=0)):
                a = same[:, b].argmax()
                both = " and ".join(str([float(f"{v:g}") for v in boxes[k]]) for k in (a, b))
                sentence = f"two boxes of class {dataset.class_names[labels[a] - 1]!r} are nearly the same: {both}"
                issue = Issue(str(dataset.image_path(i)), sentence, "both are trained on", is_warning=True)
                issues[str(issue)] = issue  # trainval has those of train again
    return list(issues.values())
