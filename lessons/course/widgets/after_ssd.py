"""What the widget of lesson 23 shows: which default boxes the loss listens to, for each gamma of the focal loss."""

import numpy as np

from lessons.course.widgets.image import pale
from lessons.course.widgets.widget import threshold
from numpyssd.training.class_losses import focal_loss

SIDE = 320  # of the drawing
LEAST = 0.0005  # the smallest share of the loss that is drawn


def shares(conf, labels, gamma):
    """Return what part of the whole loss each default box is (K,); conf (K, C) logits, labels (K,)."""
    loss = focal_loss(conf, labels, gamma)[0]
    return loss / loss.sum()


def shares_by_gamma(image, defaults, conf, labels, gammas=(0, 1, 1.5, 2, 3, 5), first=3):
    """Return the widget: a dot at each default box, as large as the root of its part of the loss.

    image (S, S, 3); defaults (K, 4) cxcywh in [0, 1]; conf (K, C) logits; labels (K,), 0 for background.
    """
    spots, states = np.round(defaults[:, :2] * SIDE).astype(int).tolist(), []
    for gamma in gammas:
        part = shares(conf, labels, gamma)
        drawn = np.flatnonzero(part > LEAST)
        role = np.where(labels > 0, "positive", "negative")
        marks = [["dot", str(role[k]), *spots[k], round(float(1.5 + 40 * part[k] ** 0.5), 1)] for k in drawn]
        positives = round(100 * float(part[labels > 0].sum()))
        counts = [
            ("percent: positives", positives, "positive"),
            ("percent: background", 100 - positives, "negative"),
        ]
        half = int(np.searchsorted(np.cumsum(np.sort(part)[::-1]), 0.5)) + 1
        say = f"gamma {gamma:g}: {half} of {len(part)} default boxes make half of the loss"
        states.append({"say": say, "marks": marks, "counts": counts})
    label = "Move gamma: which default boxes does the loss listen to?"
    return threshold(label, (SIDE, SIDE), states, pale(image), first=first)
