"""Everything that is measured on a data set at once: mAP with its interval, the best scores, errors and confusions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from numpyssd.datasets.dataset import Dataset
from numpyssd.inference.average_precision import AveragePrecision, average_precision
from numpyssd.inference.coco_metrics import COCOMetrics, coco_metrics
from numpyssd.inference.error_split import ErrorSplit, error_split
from numpyssd.inference.evaluation.best_scores import USUAL_SCORE, BestScore, best_scores
from numpyssd.inference.evaluation.bootstrap import RESAMPLES, Intervals, bootstrap
from numpyssd.inference.evaluation.confusion import Confusion, confusion


@dataclass(frozen=True)
class Measurement:
    """The result of ``measure``; detections and ground_truth are the lists it was made of, an item for each image.

    - intervals: None if none were asked for;
    - coco: COCO's twelve numbers, for the metric "coco" alone;
    - best: the BestScore of each class by name, None if the images have too few objects;
    - score_threshold: from which score boxes are counted in ``split`` and ``confusion``; one, or one for each label.
    """

    detections: list
    ground_truth: list
    class_names: tuple
    result: AveragePrecision
    intervals: Intervals | None
    coco: COCOMetrics | None
    best: dict[str, BestScore] | None
    score_threshold: float | Sequence[float]
    split: ErrorSplit
    confusion: Confusion


def measure(
    detections: list,
    ground_truth: list,
    dataset: Dataset,
    metric: str = "voc",
    score_threshold: float | Sequence[float] | None = None,
    resamples: int = RESAMPLES,
) -> Measurement:
    """Return the Measurement of what ``detect_all`` returned for a data set.

    score_threshold: a number, or one for each label; None: the best scores of these images, or else USUAL_SCORE.
    resamples: of the bootstrap, 0 for none. Raises ValueError as ``average_precision`` does.
    """
    names = tuple(dataset.class_names)
    lists, coco = (detections, ground_truth), None
    if metric == "coco":
        order = by_image_id(dataset)
        lists = [[rows[i] for i in order] for rows in lists]
        objects = [dataset.annotation(i) for i in order]
        coco = coco_metrics(*lists, names, [one.crowd for one in objects], [one.area for one in objects])
    result = average_precision(*lists, metric, class_names=names)
    if coco:
        result = _with_crowds(result, coco)
    intervals = bootstrap(*lists, metric, names, resamples=resamples) if resamples else None
    best = best_scores(result, names)
    if isinstance(score_threshold, Sequence):
        score_threshold = tuple(score_threshold)
    elif score_threshold is None:
        score_threshold = tuple(found.score for found in best.values()) if best else USUAL_SCORE
    split = error_split(detections, ground_truth, names, score_threshold=score_threshold)
    matrix = confusion(detections, ground_truth, names, score_threshold=score_threshold)
    return Measurement(
        detections, ground_truth, names, result, intervals, coco, best, score_threshold, split, matrix
    )  # fmt: skip


def by_image_id(dataset: Dataset) -> list[int]:
    """Return the indices of the images in the order in which pycocotools has them, which decides between equal scores.

    It is that of their ids. Without ids, or with ids that have no order, it is that of the data set.
    """
    ids = getattr(dataset, "image_ids", None)
    if ids is None or len(ids) != len(dataset):
        return list(range(len(dataset)))
    try:
        return sorted(range(len(ids)), key=ids.__getitem__)
    except TypeError:  # numbers and texts, which pycocotools could not sort either
        return list(range(len(ids)))


def _with_crowds(result, coco):
    """Return the result with pycocotools' AP, for which crowds are more than difficult objects."""
    per_class = {name: float(np.mean(ap)) for name, ap in zip(coco.classes, coco.ap[0].T) if name in result.per_class}
    return replace(result, mean=coco.numbers["AP"], per_class=per_class)
