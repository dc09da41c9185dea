"""From which score on a detection is worth showing: for each class the threshold with the best F1 on images to measure.

F1 is the harmonic mean of precision and recall, 2 TP / (detections + objects): it is high only if both are.

The best threshold for a few objects is an accident, for instance 0.98 where the only two objects score 0.98 and 0.99.
Three rules keep it from that, and a fourth keeps the first from switching a class off:

- Each class borrows: its counts are added to those of all classes together, scaled to PSEUDO_OBJECTS objects. A class
  with far fewer objects goes with all the others, one with far more by itself, one without any goes with the others.
- Of all thresholds whose F1 is within one standard error of the best (that of a fraction of so many objects) the middle
  one is taken. The best itself is the score of one box, and its neighbors are no worse on other images.
- With fewer than MIN_OBJECTS objects in all classes together nothing is found.
- Only thresholds are taken with which the class has at least OWN_SHARE of its own best F1: where the others score 0.4
  and the class 0.2, their threshold would hide all that is found of it.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.console import counted
from numpyssd.drawing import COLORS
from numpyssd.inference.average_precision import AveragePrecision

USUAL_SCORE = 0.5  # from which score boxes are shown where nothing is known of a network
PSEUDO_OBJECTS = 50
MIN_OBJECTS = 10
OWN_SHARE = 0.5
HIGHEST = 0.95  # a threshold; beyond, a network that is a little less sure on other images would show nothing


class BestScore(NamedTuple):
    """The threshold of one class, and what is found with it on the images that it was measured on."""

    score: float
    precision: float  # NaN if nothing has this score
    recall: float  # NaN if the class has no object
    f1: float  # NaN likewise
    objects: int


def best_scores(result: AveragePrecision, class_names) -> dict[str, BestScore] | None:
    """Return the BestScore of each class by name; None if there are fewer than MIN_OBJECTS objects.

    result: the AveragePrecision of the images, with these class_names.
    """
    total = sum(result.objects.values())
    if total < MIN_OBJECTS:
        return None
    classes = {name: _found(result, name) for name in class_names}
    everything, found = _merged(classes.values()), {}
    for name, own in classes.items():
        objects = result.objects.get(name, 0)
        found[name] = _at(_best_threshold(own, objects, everything, total), own, objects)
    return found


def curve(result: AveragePrecision, name):
    """Return scores, and precision, recall and F1 of the detections from each score on, all (D,), best first.

    Of equal scores there is one, with all detections that have it.
    """
    scores, true = _found(result, name)
    scores, ranks, hits = _by_score(scores, true)
    objects = result.objects[name]
    return scores, hits / np.maximum(ranks, 1), hits / objects, 2 * hits / np.maximum(ranks + objects, 1)


def _found(result, name):
    """Return the scores (D,) of the detections of a class that count, best first, and which are true positives."""
    if name not in result.curves:
        return np.zeros(0), np.zeros(0, bool)
    recall, _, scores = result.curves[name]
    return scores, np.diff(np.rint(recall * result.objects[name]), prepend=0) > 0


def _merged(classes):
    scores, true = (np.concatenate(parts) for parts in zip(*classes))
    order = np.argsort(-scores, kind="stable")
    return scores[order], true[order]


def _by_score(scores, true):
    """Return the scores that occur, falling, and how many detections and true positives have each or more, (S,)."""
    last = np.flatnonzero(np.diff(scores, append=-1.0))  # of each run of equal scores
    return scores[last], last + 1, np.cumsum(true)[last]


def _best_threshold(own, objects, everything, total):
    """Return the middle of the allowed thresholds whose F1 is within one standard error of the best.

    Row s of the arrays below (S,) is of the thresholds from scores[s + 1] to just below scores[s]. Allowed are those
    below HIGHEST that leave the class OWN_SHARE of its own best F1.

    own, everything: scores and true positives of the class and of all classes; objects, total: their objects.
    """
    borrowed = min(PSEUDO_OBJECTS, total)
    scores, ranks, hits = _by_score(*everything)
    if not len(scores):
        return USUAL_SCORE  # nothing was detected at all
    rows = np.searchsorted(-own[0], -scores, side="right")  # (S,) how many of the class have this score or more
    own_hits = np.r_[0, np.cumsum(own[1])][rows]
    share = borrowed / total
    f1 = 2 * (own_hits + share * hits) / (rows + share * ranks + objects + borrowed)  # (S,)
    own_f1 = 2 * own_hits / np.maximum(rows + objects, 1)
    allowed = np.append(scores[1:], 0.0) < HIGHEST
    allowed &= own_f1 >= OWN_SHARE * own_f1[allowed].max()
    f1 = np.where(allowed, f1, -1.0)
    best, highest = int(f1.argmax()), min(f1.max(), 1.0)
    good = allowed & (f1 >= highest - np.sqrt(highest * (1 - highest) / (objects + borrowed)))
    before, after = np.flatnonzero(~good[:best]), np.flatnonzero(~good[best:])
    first = before[-1] + 1 if len(before) else 0
    end = best + after[0] if len(after) else len(scores)  # the first score that is too low
    lowest = scores[end] if end < len(scores) else 0.0
    return _rounded(min(HIGHEST, (scores[first] + lowest) / 2), lowest, scores[first])


def _rounded(threshold, lowest, end):
    """Return a threshold with three digits, or with as many more as keep it from lowest to below end."""
    for digits in range(3, 8):
        if lowest <= round(float(threshold), digits) < end:
            return round(float(threshold), digits)
    return float(threshold)


def _at(threshold, own, objects):
    shown = own[0] > threshold
    count, hits = int(shown.sum()), int(own[1][shown].sum())
    precision, recall = hits / count if count else np.nan, hits / objects if objects else np.nan
    f1 = 2 * hits / (count + objects) if objects else np.nan
    return BestScore(threshold, precision, recall, f1, objects)


# ---------------------------------------------------------------------------------------------------------------------


def draw_best_score(ax, result: AveragePrecision, name, best: BestScore | None = None):
    """Draw precision, recall and F1 of one class over the score, and its threshold with a dot at the F1 it gives."""
    scores, precision, recall, f1 = curve(result, name)
    styles = {"precision": (precision, COLORS["prediction"], "--"), "recall": (recall, COLORS["ground truth"], ":"),
              "F1": (f1, "black", "-")}  # fmt: skip
    for label, (values, color, style) in styles.items():
        if len(scores):
            # From a score down to the next one the same boxes are shown.
            ax.step(np.r_[scores, 0], np.r_[values, values[-1]], style, where="post", color=color, label=label)
    title = f"{name}\n{counted(result.objects[name], 'object')}"
    if best is not None:
        ax.axvline(best.score, color=COLORS["positive"], linewidth=1.5, alpha=0.8)
        ax.plot(best.score, best.f1, "o", color=COLORS["positive"], markersize=5)
        title = f"{name}\nF1 {best.f1:.2f} at {best.score:.2f}, best {f1.max(initial=0.0):.2f}"
    ax.set(xlim=(0, 1), ylim=(0, 1.04))
    ax.grid(alpha=0.3)
    ax.set_title(title, fontsize=9, parse_math=False)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("inference.best_scores")
