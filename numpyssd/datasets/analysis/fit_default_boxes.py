"""Fitted default boxes: scales and aspect ratios chosen from the objects of a training set.

The released numbers are right for photographs of PASCAL VOC and COCO; a platelet in BCCD is 18 px wide where SSD300's
smallest default box is 30. Only the numbers of section 2.2, "Choosing scales", change: the feature maps, their cells
and the count of boxes in a cell stay, and so does the network.
"""

import numpy as np

from numpyssd.config import Config
from numpyssd.datasets.analysis.best_iou import best_ious, best_ious_of_map
from numpyssd.datasets.analysis.box_numbers import allowed, moved, numbers_of, rounded, spread, with_numbers
from numpyssd.datasets.analysis.coverage import Objects
from numpyssd.drawing import COLORS
from numpyssd.model.default_boxes import cell_sizes

MAX_OBJECTS = 250  # of a class; an even sample of more says the same and takes longer
WANTED_BOXES = 4  # default boxes for an object: more of them do not count
FACTORS = (1.25, 1.1, 1.03)  # how far one number is moved at a time: first boldly, then finely
GAIN = 1e-5  # of the score: less is not worth a change


def fit_default_boxes(objects: Objects, config: Config) -> Config:
    """Return the config with scales and aspect ratios that suit the objects.

    One number is moved at a time, up or down, for as long as the score rises. Of each object, the score counts whether
    a default box covers it (IoU 0.5), and how many of WANTED_BOXES do: first the mean over the objects of a class, then
    the mean over the classes, so that a rare class counts as much as a common one.

    - More boxes than wanted count nothing: the IoU with the best box was tried as the aim, and gave most objects of the
      commonest class twice as many boxes, which drowned the rarest one.
    - A class may lose a little coverage where all gain boxes: aims that put coverage first (four times, a hundred
      times) or forbid a class to lose any were tried too. They covered more objects with fewer boxes, but TINY's mAP on
      scenes side by side was lower with each (0.75 at most instead of 0.77).

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
                known[row] = best_ious_of_map(boxes, row, config)[1]
            count += known[row]
        return float(((count > 0) + np.minimum(count / WANTED_BOXES, 1)) @ weights)

    found = [_climb(start, score, config) for start in (numbers_of(config), spread(boxes, config))]
    best = rounded(max(found, key=score))
    return with_numbers(config, *best) if score(best) > score(numbers_of(config)) else config


def _sample(objects):
    """Return boxes and labels of up to MAX_OBJECTS of each class, evenly spaced."""
    rows = [np.flatnonzero(objects.labels == label) for label in np.unique(objects.labels)]
    rows = np.concatenate([np.zeros(0, np.int64), *(mine[:: -(-len(mine) // MAX_OBJECTS)] for mine in rows)])
    return objects.boxes[rows], objects.labels[rows]


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
                    new = moved(numbers, place, times)
                    if allowed(new, config) and (value := score(new)) > best + GAIN:
                        numbers, best, rising = new, value, True
    return numbers


# ---------------------------------------------------------------------------------------------------------------------


def draw_fit(ax, objects: Objects, before: Config, after: Config):
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
    means = [best_ious(objects.boxes, config)[0].mean() for config in (before, after)]
    ax.set_title(f"fitted to the objects: mean IoU with the best default box {means[0]:.2f} → {means[1]:.2f}")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("datasets.fit_default_boxes")
