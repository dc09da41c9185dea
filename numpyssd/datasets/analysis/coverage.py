"""Which objects of a data set the default boxes cover: the question to ask before training, because it needs none.

An object is covered if some default box overlaps it with an IoU of at least 0.5 (paper, section 2.2, "Matching
strategy"). An object that is not still gets its single best default box, but learns slowly and is found badly.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import Config, NetworkConfig
from numpyssd.datasets.checks.objects import objects_of_each_class
from numpyssd.datasets.dataset import Dataset
from numpyssd.drawing import draw_boxes, draw_image
from numpyssd.model.default_boxes import cell_sizes, default_boxes

MAX_PAIRS = 300_000_000  # objects x default boxes to compare: a few seconds; larger data sets are sampled
MIN_COVERAGE = 0.9  # the fraction of covered objects below which a class is warned about


class Objects(NamedTuple):
    """All objects of a data set, one row each."""

    images: np.ndarray  # (M,) index of the image
    labels: np.ndarray  # (M,)
    difficult: np.ndarray  # (M,) bool
    boxes: np.ndarray  # (M, 4) float32 xyxy in [0, 1]


class Coverage(NamedTuple):
    """The best default box of each object."""

    sampled: np.ndarray  # (n,) which objects were looked at: all, or MAX_PAIRS comparisons' worth of them
    best_iou: np.ndarray  # (n,)
    feature_map: np.ndarray  # (n,) the row in config.feature_maps of the best box; -1 if the object is not covered


def all_objects(dataset: Dataset) -> Objects:
    """Return the Objects of a data set without decoding its images."""
    images, labels, difficult, boxes = [], [], [], []
    for i in range(len(dataset)):
        width, height = dataset.image_size(i)
        its_boxes, its_labels, its_difficult = dataset.annotation(i)[:3]
        images.append(np.full(len(its_boxes), i))
        labels.append(its_labels)
        difficult.append(its_difficult)
        size = np.array([width, height, width, height], np.float32)
        boxes.append(np.asarray(its_boxes, np.float32) / size)  # as if warped
    return Objects(
        np.concatenate([np.zeros(0, np.int64), *images]),
        np.concatenate([np.zeros(0, np.int64), *labels]),
        np.concatenate([np.zeros(0, bool), *difficult]),
        np.concatenate([np.zeros((0, 4), np.float32), *boxes]),  # (M, 4)
    )


def objects_by_class(dataset: Dataset) -> dict[str, int]:
    """Return how many objects each class of a data set has, by name; 0 of a class without any."""
    return {**dict.fromkeys(dataset.class_names, 0), **objects_of_each_class(dataset)}


def coverage(boxes, config: Config, iou_threshold: float = 0.5) -> Coverage:
    """Return the Coverage of M objects (M, 4) xyxy in [0, 1] by the default boxes of a config."""
    defaults = cxcywh_to_xyxy(default_boxes(config))  # (K, 4)
    limit = max(1, MAX_PAIRS // len(defaults))
    # Evenly spaced, so that a large data set is sampled from its beginning to its end, the same way every time.
    sampled = np.arange(len(boxes)) if len(boxes) <= limit else np.arange(limit) * len(boxes) // limit
    best_iou, best_box = np.zeros(len(sampled), np.float32), np.zeros(len(sampled), np.int64)
    for start in range(0, len(sampled), 256):  # 256 x K at a time keeps the memory small
        part = slice(start, start + 256)
        overlaps = iou(boxes[sampled[part]], defaults)  # (256, K)
        best_box[part] = overlaps.argmax(axis=1)
        best_iou[part] = overlaps.max(axis=1)
    counts = [m.size * m.size * m.boxes_per_cell for m in config.feature_maps]
    feature_map = np.searchsorted(np.cumsum(counts), best_box, side="right")
    return Coverage(sampled, best_iou, np.where(best_iou >= iou_threshold, feature_map, -1))


def input_sizes(objects: Objects, config: NetworkConfig):
    """Return the square root of width x height of all objects (M,), in pixels at the network's input."""
    sides = (objects.boxes[:, 2:] - objects.boxes[:, :2]) * config.image_size  # (M, 2)
    return np.sqrt(sides[:, 0] * sides[:, 1])


def coverage_warnings(names: tuple[str, ...], objects: Objects, found: Coverage, config: Config) -> list[str]:
    """Return a sentence for all objects and for each class, the worst first, of which less than 90 % is covered."""
    scales = np.concatenate([cell_sizes(m, config.whole_pixels) for m in config.feature_maps])  # (B, 2)
    smallest, longest = np.sqrt(scales.prod(axis=1)).min(), (scales[:, 0] / scales[:, 1]).max()
    step = min(m.step for m in config.feature_maps)
    sides = (objects.boxes[:, 2:] - objects.boxes[:, :2])[found.sampled]
    sizes = input_sizes(objects, config)[found.sampled]
    labels = objects.labels[found.sampled]
    groups = [("all objects", labels > 0)]
    groups += [(names[label - 1], labels == label) for label in np.unique(labels)] if len(names) > 1 else []
    sentences = []
    for name, mine in groups:
        missed = mine & (found.feature_map < 0)
        total, covered = int(mine.sum()), int(mine.sum() - missed.sum())
        if covered >= MIN_COVERAGE * total:
            continue
        ratios = sides[missed].max(axis=1) / np.maximum(sides[missed].min(axis=1), 1e-9)
        if np.mean(sizes[missed] < smallest) >= 0.5:
            # Objects of less than two steps often lie between the cells, where no smaller box would cover them either.
            remedy = "a larger image" if np.median(sizes[missed]) < 2 * step else "smaller boxes or a larger image"
            why = f"most of the rest are under {smallest:.0f} px; train with {remedy}"
        elif np.mean(ratios > longest) >= 0.5:
            why = f"most of the rest are longer than {longest:.0f} : 1; train with more aspect ratios"
        else:
            why = "the rest lie between the boxes; train with more scales or aspect ratios"
        text = f"warning: only {100 * covered // total} % of {name} covered; {why}"  # cut off: never "only 90 %"
        sentences.append((name != "all objects", covered / total, text))
    return [text for _, _, text in sorted(sentences)]


# ---------------------------------------------------------------------------------------------------------------------


def draw_coverage(ax, image, boxes, config: Config, iou_threshold: float = 0.5):
    """Draw each object of an image, as the network sees it, with the default box that overlaps it best.

    image (S, S, 3) uint8; boxes (M, 4) xyxy in its pixels. The default box is blue if it covers the object, else red.
    """
    corners = cxcywh_to_xyxy(default_boxes(config)) * len(image)  # (K, 4)
    overlaps = iou(boxes, corners)  # (M, K)
    best, covered = corners[overlaps.argmax(axis=1)], overlaps.max(axis=1) >= iou_threshold
    draw_image(ax, image)
    draw_boxes(ax, boxes, "ground truth", linewidth=1.6)
    for role, mine in (("positive", covered), ("negative", ~covered)):
        draw_boxes(ax, best[mine], role, linewidth=1.2)
    ax.set_title(f"{covered.sum()} of {len(boxes)} covered", fontsize=10)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("datasets.coverage")
