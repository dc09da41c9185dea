"""The area under precision over recall: three rules, each of which results have been published with.

The arguments are the same:

- hits (D,): the number of true positives among the best 1, 2, ... detections;
- precision (D,): the fraction of those detections that are true positives;
- count: the number of objects; recall is hits / count.

All three take the best precision at a recall or beyond, so that a dip does not hurt.
"""

import numpy as np

HUNDREDTHS = np.linspace(0, 1, 101)


def envelope(precision):
    """Return the best precision at each recall or beyond: the curve (D,) without its dips."""
    return np.maximum.accumulate(precision[::-1])[::-1]


def eleven_points(hits, precision, count):
    """Average, over the recalls 0, 0.1, ..., 1, the best precision at that recall or beyond (VOC2007).

    Recall is compared in whole numbers, 10 hits >= i count. As a sum of tenths 0.3 is 0.30000000000000004, and a recall
    of exactly 0.3 would be less than that.
    """
    return float(sum(precision[10 * hits >= i * count].max(initial=0.0) for i in range(11)) / 11)


def area_under_envelope(hits, precision, count):
    """Integrate the best precision at each recall or beyond over all recalls (VOC2010 devkit)."""
    return float((np.diff(hits, prepend=0) * envelope(precision)).sum() / count)


def hundred_and_one_points(hits, precision, count):
    """Average the best precision over the recalls 0, 0.01, ..., 1 (pycocotools, COCOeval.accumulate).

    Its recalls are rounded numbers, and a few exceed the hundredth they stand for (0.35 is one). Published results
    contain this, and so does this function.
    """
    first = np.searchsorted(hits / count, HUNDREDTHS, side="left")  # (101,)
    return float(np.append(envelope(precision), 0.0)[first].mean())
