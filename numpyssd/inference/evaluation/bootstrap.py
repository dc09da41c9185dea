"""How sure a mean average precision is: its 95 % interval, by the bootstrap over images (Efron, 1979).

A test set is a sample of all images that there could have been. The bootstrap draws as many images from it as it has,
with replacement, a thousand times, and measures each of these sets. Of the thousand values the middle 95 % are the
interval. Detections are matched within their image, so that they are matched once; a resample only counts each image as
often as it was drawn.

Of fewer than FEW_IMAGES images the interval means little: the resamples hold the same few images again and again, and
it comes out too narrow.

It says nothing of what a further training would change: that is the spread over seeds.
"""

from dataclasses import dataclass

import numpy as np

from numpyssd.console import counted
from numpyssd.drawing import COLORS
from numpyssd.inference.average_precision import AREA_RULES, limited
from numpyssd.inference.detection_matching import IGNORED, TRUE_POSITIVE, ClassMatches, match_by_class

RESAMPLES = 1000
PERCENT = (2.5, 97.5)
FEW_IMAGES = 10


@dataclass(frozen=True)
class Intervals:
    """The result of ``bootstrap``.

    - mean: (low, high), the 95 % interval of the mean AP; NaN if there are fewer than two images, or no object counts;
    - per_class: class -> (low, high), of the classes with an object that counts;
    - resamples, images: how many sets were drawn, and of how many images.
    """

    mean: tuple[float, float]
    per_class: dict
    resamples: int
    images: int


def bootstrap(
    detections: list, ground_truth: list, metric: str = "voc", class_names=None, iou_threshold=0.5, *,
    resamples: int = RESAMPLES, seed: int = 0,
) -> Intervals:  # fmt: skip
    """Return the 95 % intervals of the numbers of ``average_precision``, whose arguments the first five are.

    The same seed gives the same intervals. In the mean of a resample are the classes that have an object in it. A crowd
    is taken for a difficult object, so that the intervals of COCO's numbers are nearly those of ``coco_metrics``.
    Raises ValueError as average_precision does.
    """
    detections, ground_truth, thresholds = limited(detections, ground_truth, metric, iou_threshold, class_names)
    matches = match_by_class(detections, ground_truth, thresholds, coco=metric == "coco")
    with_objects = {label: found for label, found in sorted(matches.items()) if found.objects}
    rng, images, area = np.random.default_rng(seed), len(ground_truth), AREA_RULES[metric]
    values = np.full((resamples, len(with_objects)), np.nan)  # AP
    if images > 1:
        steps = [_steps(found) for found in with_objects.values()]
        for row in values:
            times = np.bincount(rng.integers(images, size=images), minlength=images)  # (images,) how often it was drawn
            for c, (found, of_class) in enumerate(zip(with_objects.values(), steps)):
                count = times @ found.objects_of_image
                if count:
                    row[c] = _ap(times, of_class, count, area)
    names = [label if class_names is None else class_names[label - 1] for label in with_objects]
    per_class = {name: _interval(column) for name, column in zip(names, values.T)}
    known = ~np.isnan(values).all(axis=1)
    return Intervals(_interval(np.nanmean(values[known], axis=1)), per_class, resamples, images)


def _steps(found: ClassMatches):
    """Return for each threshold the images (D,) of the detections that count, and which of them are true positives."""
    kept = [row != IGNORED for row in found.outcomes]
    same = [found.images if k.all() else found.images[k] for k in kept]
    return [(images, np.flatnonzero(row[k] == TRUE_POSITIVE)) for images, row, k in zip(same, found.outcomes, kept)]


def _ap(times, thresholds, count, area):
    """Return the AP of a class in a resample, the mean over IoU thresholds.

    times (images,): how often each image was drawn; thresholds: as ``_steps`` returns them; count: the objects. Between
    two true positives precision only falls, so that the true positives are enough.
    """
    total, before = 0.0, None
    for images, true in thresholds:
        if images is not before:  # COCO's ten thresholds have the same detections, if none is ignored
            drawn = times[images]  # (D,) how often each detection is in the resample
            ranks, before = np.cumsum(drawn), images
        hits = np.cumsum(drawn[true])
        total += area(hits, hits / np.maximum(ranks[true], 1), count)
    return total / len(thresholds)


def _interval(values):
    known = values[~np.isnan(values)]
    low, high = np.percentile(known, PERCENT) if known.size else (np.nan, np.nan)
    return float(low), float(high)


# ---------------------------------------------------------------------------------------------------------------------


def draw_bootstrap(ax, result, intervals):
    """Draw the AP of each class and the mean with their intervals; result: the AveragePrecision of the same lists."""
    rows = [("mean", result.mean, intervals.mean)]
    rows += [(str(name), ap, intervals.per_class[name]) for name, ap in result.per_class.items()]
    for place, (name, value, (low, high)) in enumerate(rows):
        color = "black" if name == "mean" and not place else COLORS["ground truth"]
        ax.plot([low, high], [place, place], color=color, linewidth=3, alpha=0.45, solid_capstyle="butt")
        ax.plot(value, place, "o", color=color, markersize=6 if place else 8)
    size = 9 if len(rows) <= 30 else 6
    ax.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize=size, parse_math=False)
    ax.set(xlim=(-0.02, 1.02), ylim=(len(rows) - 0.4, -0.6), xlabel=f"average precision ({result.metric})")
    ax.grid(axis="x", alpha=0.3)
    few = "\n(so few images that the intervals mean little)" if intervals.images < FEW_IMAGES else ""
    images = counted(intervals.images, "image")
    ax.set_title(f"95 % intervals from {images}, resampled {intervals.resamples} times{few}", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("inference.bootstrap")
