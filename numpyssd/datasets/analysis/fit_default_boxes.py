"""Fitted default boxes: scales and aspect ratios chosen from the objects of a training set.

The released numbers are right for photographs of PASCAL VOC and COCO; a platelet in BCCD is 18 px wide where SSD300's
smallest default box is 30. Only the numbers of section 2.2, "Choosing scales", change: the feature maps, their cells
and the count of boxes in a cell stay, and so does the network.
"""

from dataclasses import replace

import numpy as np

from numpyssd.datasets.analysis.best_iou import answer, answers
from numpyssd.drawing import COLORS
from numpyssd.model.default_boxes import cell_sizes

MOST_OBJECTS = 250  # of a class; an even sample of more says the same and takes longer
ENOUGH = 4  # default boxes for an object: more of them do not count
FACTORS = (1.25, 1.1, 1.03)  # how far one number is moved at a time: first boldly, then finely
RATIOS = (1.15, 5.0)  # how far from square a default box may be
APART = 1.08  # each scale is at least so much larger than the one before
LARGEST = 6  # steps: a feature map with a larger default box would see too little of it
GAIN = 1e-5  # of the score: less is not worth a change


def fit_default_boxes(objects, config):
    """Return the config with scales and aspect ratios that suit ``objects`` (of reach.all_objects).

    They are moved one number at a time, up or down, for as long as more objects are reached (IoU 0.5) by a default box
    and by ENOUGH of them: first the share of the objects of a class, then its mean over the classes, so that a rare
    class counts as much as a common one. More than enough counts nothing: the IoU with the best box was tried as the
    aim, and gave most objects of the commonest class twice as many boxes, which drowned the rarest one. A class may
    lose a little reach where all gain boxes: aims that put reach first (four times, a hundred times) or forbid a class
    to lose any were tried too, and reached more objects with fewer boxes, but TINY's mAP on scenes side by side was
    lower with each (0.75 at most instead of 0.77).

    Scales stay whole pixels and in order, and between one step of their map and six, so that every map keeps the part
    of the work that it has the cells for. The search starts from the config and from scales spread evenly over the
    objects' own, and never returns anything worse than the config. Without objects it is returned as it is.
    """
    boxes, labels = _sample(objects)
    if len(boxes) == 0:
        return config
    weights = 1 / np.bincount(labels)[labels] / len(np.unique(labels))  # (M,) sum 1
    known = {}

    def score(numbers):
        count = np.zeros(len(boxes))
        for row in with_numbers(config, *numbers).feature_maps:
            if row not in known:  # a move changes two maps at most
                known[row] = answer(boxes, row, config)[1]
            count += known[row]
        return float(((count > 0) + np.minimum(count / ENOUGH, 1)) @ weights)

    found = [_climb(start, score, config) for start in (_numbers(config), _spread(boxes, config))]
    best = _rounded(max(found, key=score))
    return with_numbers(config, *best) if score(best) > score(_numbers(config)) else config


def _sample(objects):
    """Return boxes and labels of up to MOST_OBJECTS of each class, evenly spaced."""
    rows = [np.flatnonzero(objects.labels == label) for label in np.unique(objects.labels)]
    rows = np.concatenate([np.zeros(0, np.int64), *(mine[:: -(-len(mine) // MOST_OBJECTS)] for mine in rows)])
    return objects.boxes[rows], objects.labels[rows]


def with_numbers(config, scales, ratios):
    """Return the config with other scales in pixels, one more than maps, and aspect ratios, a list for each map."""
    rows = zip(config.feature_maps, scales[:-1], scales[1:], ratios)
    return replace(
        config,
        feature_maps=tuple(
            replace(row, scale_px=small, next_scale_px=large, aspect_ratios=tuple(own))
            for row, small, large, own in rows
        ),
    )


def _numbers(config):
    """Return the scales and aspect ratios of a config: the two lists that with_numbers takes."""
    rows = config.feature_maps
    return [*(row.scale_px for row in rows), rows[-1].next_scale_px], [list(row.aspect_ratios) for row in rows]


def _spread(boxes, config):
    """Return numbers whose scales are spread evenly over the sizes of the objects, each where its map allows it."""
    scales, ratios = _numbers(config)
    sizes = np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1)) * config.image_size  # (M,)
    wanted = np.geomspace(*np.maximum(np.quantile(sizes, (0.05, 0.95)), 1), len(scales))
    for i, (low, high) in enumerate(_limits(config)):
        scales[i] = float(np.clip(wanted[i], max(low, APART * scales[i - 1] if i else low), high))
    return scales, ratios


def _limits(config):
    """Return the least and the largest value of each scale, in pixels; what the config has is always allowed."""
    scales, _ = _numbers(config)
    steps = [*(row.step for row in config.feature_maps), config.feature_maps[-1].step]
    return [(min(step, s), max(LARGEST * step, s)) for step, s in zip(steps, scales)]


def _allowed(numbers, config):
    scales, ratios = numbers
    inside = all(low <= scale <= high for scale, (low, high) in zip(scales, _limits(config)))
    return (
        inside
        and all(a * APART <= b for a, b in zip(scales, scales[1:]))
        and all(RATIOS[0] <= ratio <= RATIOS[1] for own in ratios for ratio in own)
    )


def _climb(numbers, score, config):
    """Move one number at a time while the score rises; return the numbers."""
    best = score(numbers)
    places = [(0, i) for i in range(len(numbers[0]))]
    places += [(k, i) for k, own in enumerate(numbers[1], start=1) for i in range(len(own))]
    for factor in FACTORS:
        rising = True
        while rising:
            rising = False
            for place in places:
                for times in (factor, 1 / factor):
                    moved = _moved(numbers, place, times)
                    if _allowed(moved, config) and (new := score(moved)) > best + GAIN:
                        numbers, best, rising = moved, new, True
    return numbers


def _moved(numbers, place, times):
    """Return a copy of the numbers with one of them, a scale (0, i) or ratio i of map k (k + 1, i), multiplied."""
    scales, ratios = list(numbers[0]), [list(own) for own in numbers[1]]
    (scales if place[0] == 0 else ratios[place[0] - 1])[place[1]] *= times
    return scales, ratios


def _rounded(numbers):
    """Return whole pixels, so that Caffe's cut to them changes nothing, and ratios of two decimals in order."""
    scales, ratios = numbers
    return [float(max(1, round(scale))) for scale in scales], [sorted(round(r, 2) for r in own) for own in ratios]


# ---------------------------------------------------------------------------------------------------------------------


def draw_fit(ax, objects, before, after):
    """Draw the shape of every object at the network's input, and of every default box before and after the fit."""
    from matplotlib.ticker import LogLocator

    sides = (objects.boxes[:, 2:] - objects.boxes[:, :2]) * before.image_size  # (M, 2)
    ax.plot(*sides.T, ".", color=COLORS["ground truth"], markersize=3, alpha=0.4, label="objects", zorder=1)
    for config, role, marker in ((before, "default box", "s"), (after, "positive", "o")):
        shapes = np.concatenate([cell_sizes(row) for row in config.feature_maps])  # (B, 2)
        label = f"default boxes {'before' if config is before else 'after'}"
        ax.plot(*shapes.T, marker, color=COLORS[role], markersize=7, fillstyle="none", label=label)
    ax.set(xscale="log", yscale="log", xlabel="width in pixels", ylabel="height in pixels", aspect="equal")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter("")
    ax.legend(loc="upper left")
    means = [answers(objects.boxes, config)[0].mean() for config in (before, after)]
    ax.set_title(f"fitted to the objects: mean IoU with the best default box {means[0]:.2f} → {means[1]:.2f}")


if __name__ == "__main__":
    from numpyssd.drawing import run_picture

    run_picture("datasets.fit_default_boxes")
