"""What the widgets of lessons 09 to 13 show: matching, the loss of an offset, mining, and a film of training."""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from lessons.course.widgets.image import pale
from lessons.course.widgets.widget import box, drag, line, scrub, threshold
from numpyssd.model.default_boxes import default_boxes
from numpyssd.softmax import log_softmax
from numpyssd.training.hard_negative_mining import hard_negatives
from numpyssd.training.losses import smooth_l1
from numpyssd.training.matching import bipartite, match

SIDE = 320  # of a drawing of an image
SHAPES = (("tall", 5, 8), ("square", 4, 4), ("rod", 12, 1))  # objects, in 16ths of the image


def matched_object(config):
    """Return the widget of the default boxes that match an object, for three objects in each of their places."""
    defaults = default_boxes(config)  # (K, 4)
    variants = []
    for name, w, h in SHAPES:
        thing = {"name": "the object", "role": "ground truth", "x": 6, "y": 4, "w": w, "h": h}
        places = [(x, y) for x in range(17 - w) for y in range(17 - h)]
        states = {f"{x},{y}": _matched_at(np.array([[x, y, x + w, y + h]]) / 16, defaults, config) for x, y in places}
        variants.append({"name": name, "things": [thing], "states": states})
    label = "Drag the object, or move it by the arrow keys. Blue: the default boxes that match it."
    step = SIDE // 16
    grid = [line(n * step, 0, n * step, SIDE, "grid") for n in range(17)]
    grid += [line(0, n * step, SIDE, n * step, "grid") for n in range(17)]
    return drag(label, (SIDE, SIDE), variants, step, marks=grid)


def _matched_at(gt_box, defaults, config):
    """Return words and marks for one object (1, 4) xyxy: blue are the default boxes matched to it, black is its own."""
    corners = cxcywh_to_xyxy(defaults)  # (K, 4)
    overlaps = iou(gt_box, corners)[0]  # (K,)
    positive, own = np.flatnonzero(match(gt_box, defaults) == 0), bipartite(overlaps[None])[0]
    name, cell = _cell_of(config, own)
    marks = [box(cell, "default box", kind="fill")]
    marks += [box(np.round(corners[k] * SIDE), "positive") for k in positive]
    others = "".join(f", {overlap:.2f}" for overlap in sorted(overlaps[positive[positive != own]], reverse=True))
    words = f"{len(positive)} of {len(defaults)} are positive. IoU: {overlaps[own]:.2f}{others}. "
    words += f"The first is its own (black), of the shaded cell of {name}."
    return words, [*marks, box(np.round(corners[own] * SIDE), "pointer")]


def _cell_of(config, row):
    """Return the name of the map of a default box and its cell (4,) xyxy in the drawing."""
    for feature_map in config.feature_maps:
        count = feature_map.size**2 * feature_map.boxes_per_cell
        if row < count:
            i, j = divmod(row // feature_map.boxes_per_cell, feature_map.size)
            return feature_map.name, np.array([j, i, j + 1, i + 1]) * feature_map.step * SIDE / config.image_size
        row -= count
    raise ValueError(f"there are {row} default boxes too few")


def offset_and_loss(first=2.5):
    """Return the widget of smooth L1: a box that moves past an object, its loss and its gradient."""
    errors = np.linspace(-3, 3, 25)
    losses, gradients = smooth_l1(errors)
    curve = np.stack([(errors + 3) / 6, losses / 2.5], axis=1)  # (25, 2)
    states, still = [], np.array([100.0, 5, 220, 125])
    unit = 0.1 * (still[2] - still[0])  # of an offset: a tenth of the default box, as large as the object here
    for x, loss, gradient, point in zip(errors, losses, gradients, curve.tolist()):
        piece, middle = "0.5 x²" if abs(x) < 1 else "|x| - 0.5", 160 + unit * x
        states.append({
            "say": f"x = {x:+.2f}: loss {piece} = {loss:.2f}, gradient {gradient:+.2f}",
            "marks": [
                box(still, "ground truth", "object"),
                box(still + [unit * x, 0, unit * x, 0], "prediction"),
                line(middle, 65, middle - 28 * gradient, 65, "pointer"),
            ],
            "point": point,
        })  # fmt: skip
    at, label = int(abs(errors - first).argmin()), "Move the orange box: its error x, the loss, the step (thick line)."
    ticks = [((x + 3) / 6, f"{x}") for x in (-3, -2, -1, 0, 1, 2, 3)], [(y / 2.5, f"{y}") for y in (0, 1, 2)]
    return threshold(label, (SIDE, 130), states, curve=curve, axes=("x", "loss"), first=at, ticks=ticks)


def mining_cuts(image, defaults, conf, conf_targets, first=3):
    """Return the widget of the negatives that are chosen at each ratio, on the image and on their sorted losses.

    image (S, S, 3); defaults (K, 4) cxcywh; conf (K, C) logits; conf_targets (K,). Every default box is a dot.
    """
    loss, positive = -log_softmax(conf)[:, 0], conf_targets > 0  # (K,) each
    ordered = np.sort(loss[~positive])[::-1]
    ranks = np.log(np.arange(1, len(ordered) + 1)) / np.log(len(ordered))  # 0 to 1
    curve = np.stack([ranks, ordered / ordered[0]], axis=1)
    spots = np.round(defaults[:, :2] * SIDE).astype(int).tolist()
    states, ratios = [], (0, 1, 2, 3, 4, 6, 10, 20, 40)
    for ratio in ratios:
        chosen = hard_negatives(loss[None], positive[None], ratio)[0]
        last = max(int(chosen.sum()) - 1, 0)
        easiest = f": the easiest of them has a loss of {ordered[last]:.2f}" if ratio else ""
        marks = [["dot", "negative", *spots[k], 4] for k in np.flatnonzero(chosen)]
        marks += [["dot", "positive", *spots[k], 5] for k in np.flatnonzero(positive)]
        counts = [("positives", int(positive.sum()), "positive"), ("hard negatives", int(chosen.sum()), "negative")]
        say = f"{ratio} for each positive{easiest}"
        states.append({"say": say, "marks": marks, "counts": counts, "point": curve[last].tolist()})
    label = "Choose how many negatives are kept for each positive: those with the highest losses (red)."
    powers = [10**n for n in range(5) if 10**n <= len(ordered)]
    ticks = [(np.log(n) / np.log(len(ordered)), f"{n}") for n in powers], [(0, "0"), (1, f"{ordered[0]:.1f}")]
    at, axes = ratios.index(first), ("rank of the loss", "loss")
    return threshold(label, (SIDE, SIDE), states, pale(image), (), curve, axes, at, ticks)


def film_of_training(image, objects, film, moments, losses, most=12):
    """Return the widget of what a network detects after some iterations of training, at rest after the last of them.

    film: for each of the moments boxes (D, 4) in pixels of the image, names, scores; losses: after each iteration.
    """
    side, scale, states = 256, 256 / image.shape[0], []
    for moment, (boxes, names, scores) in zip(moments, film):
        marks = [box(b * scale, "ground truth") for b in objects]
        for b, name, score in list(zip(boxes, names, scores))[:most]:
            marks.append(box(b * scale, "prediction", f"{name} {score:.2f}"))
        say = f"after {moment} iterations: loss {losses[moment]:.3f}, {len(boxes)} boxes"
        states.append({"say": say, "marks": marks})
    label = "Move through the iterations: where does the network see objects?"
    return scrub(label, (side, side), states, image, first=len(states) - 1)
