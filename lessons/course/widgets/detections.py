"""What the widgets of lessons 00, 14 and 15 show: detections by score, NMS step by step, precision and recall."""

import numpy as np

from numpyssd.boxes import iou
from numpyssd.inference.nms import nms, nms_explained
from lessons.course.widgets.image import pale
from lessons.course.widgets.widget import box, scrub, threshold


def score_thresholds(image, found, outcomes, class_names, objects, side=384, first=0.5):
    """Return the widget of a score threshold, and what it says at each of 0.05, 0.10, ... 0.95.

    found: boxes (D, 4) xyxy in [0, 1], labels, scores; outcomes (D,): 1 for true positives; objects: how many
    there are. Blue boxes are true positives, red ones false positives.
    """
    boxes, labels, scores = found
    states, thresholds = [], np.arange(5, 100, 5) / 100
    for each in thresholds:
        shown = np.flatnonzero(scores > each)
        right = int((outcomes[shown] == 1).sum())
        wrong, missed = len(shown) - right, objects - right
        roles = {i: "positive" if outcomes[i] == 1 else "negative" for i in shown}
        states.append({
            "say": f"score over {each:.2f}: {right} right, {wrong} wrong, {missed} missed",
            "marks": [box(boxes[i] * side, roles[i], f"{class_names[labels[i] - 1]} {scores[i]:.2f}") for i in shown],
            "counts": [("right", right, "positive"), ("wrong", wrong, "negative"), ("missed", missed, "ground truth")],
        })  # fmt: skip
    begin = int(abs(thresholds - first).argmin())
    widget = threshold(
        "Move the threshold of the score: boxes over it are shown.", (side, side), states, image, first=begin
    )
    return widget, [state["say"] for state in states]


def nms_steps(image, boxes, scores, iou_threshold=0.45):
    """Return the widget of NMS, step by step: black is the best, gray is removed by it, blue was kept, orange waits."""
    keep, suppressor = nms_explained(boxes, scores, iou_threshold)
    states = [
        {"say": f"{len(boxes)} boxes, none of them processed yet", "marks": [box(b, "prediction") for b in boxes]}
    ]
    for rank, best in enumerate(keep):
        waiting = ~np.isin(suppressor, keep[: rank + 1])
        removed = (suppressor == best) & (np.arange(len(boxes)) != best)
        marks = [box(b, "prediction") for b in boxes[waiting]] + [box(b, "default box") for b in boxes[removed]]
        marks += [box(b, "positive") for b in boxes[keep[:rank]]]
        marks.append(box(boxes[best], "pointer"))
        say = f"the best left has {scores[best]:.2f} and removes {removed.sum()}; {rank + 1} kept, {waiting.sum()} wait"
        states.append({"say": say, "marks": marks})
    marks = [box(boxes[i], "positive", f"{scores[i]:.2f}") for i in keep]
    states.append({"say": f"no box is left: {len(keep)} boxes are kept", "marks": marks})
    label = "Step through NMS: which box is kept, and which does it remove?"
    return scrub(label, image.shape[1::-1], states, pale(image), first=1)


def nms_thresholds(image, boxes, scores, objects, first=0.45):
    """Return the widget of the IoU threshold of NMS: which boxes stay, and how many objects have one, or several."""
    states, thresholds = [], np.arange(5, 100, 5) / 100
    for each in thresholds:
        keep = nms(boxes, scores, each)
        found = len(set(iou(boxes[keep], objects).argmax(axis=1).tolist()))
        states.append({
            "say": f"threshold {each:.2f}: {len(keep)} boxes stay",
            "marks": [box(boxes[i], "prediction", f"{scores[i]:.2f}") for i in keep],
            "counts": [("objects found", found, "positive"), ("repetitions", len(keep) - found, "negative")],
        })  # fmt: skip
    at = int(np.argmin(abs(thresholds - first)))
    label = "Move the IoU threshold of NMS: how many boxes stay on an object?"
    return threshold(label, image.shape[1::-1], states, pale(image), first=at)


def precision_and_recall(image, objects, boxes, scores, right, curve, first=0.75):
    """Return the widget of a score threshold that moves the boxes, TP, FP, FN and the point on the PR curve together.

    objects (M, 4), boxes (D, 4): xyxy in pixels of the image; scores (D,), the best first; right (D,) bool: which are
    true positives; curve: recall and precision after 1, 2, ... detections (numpyssd.inference.average_precision.Curve).
    """
    states, thresholds = [], np.arange(95, 30, -5) / 100
    for each in thresholds:
        shown = scores >= each - 1e-9
        tp, fp = int((shown & right).sum()), int((shown & ~right).sum())
        precision, recall = tp / (tp + fp), tp / len(objects)
        roles = np.where(right, "positive", "negative")
        states.append({
            "say": f"threshold {each:.2f}: precision {tp} / {tp + fp} = {precision:.2f}, "
            f"recall {tp} / {len(objects)} = {recall:.2f}",
            "marks": [box(b, "ground truth") for b in objects]
            + [box(boxes[i], roles[i], f"{scores[i]:.2f}") for i in np.flatnonzero(shown)],
            "counts": [("TP", tp, "positive"), ("FP", fp, "negative"), ("FN", len(objects) - tp, "ground truth")],
            "point": (recall, precision),
        })  # fmt: skip
    label = "Move the threshold: boxes, counts and the point on the curve move together."
    points = np.stack([curve.recall, curve.precision], axis=1)  # (D, 2)
    at = int(abs(thresholds - first).argmin())
    return threshold(label, image.shape[1::-1], states, image, curve=points, first=at)
