"""What the exercises of lesson 01 have in common."""

import numpy as np

from numpyssd.boxes import draw_iou


def xywh_to_xyxy(boxes):
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def shared_by(a, b):
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def area_of(a):
    return (a[2] - a[0]) * (a[3] - a[1])


def around_both(a, b):
    return (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))


def pairs():
    tiny = [
        ((0, 0, 2, 2), (0, 0, 2, 2)),
        ((0, 0, 2, 2), (1, 0, 3, 2)),
        ((0, 0, 4, 4), (1, 1, 3, 3)),
        ((0, 0, 2, 2), (2, 0, 4, 2)),  # they touch
        ((0, 0, 1, 1), (3, 3, 4, 4)),  # far apart, both ways
        ((0, 0, 4, 2), (1, 1, 3, 5)),
    ]
    rng = np.random.default_rng(1)
    corners = np.sort(rng.uniform(0, 10, (6, 2, 2, 2)), axis=2).reshape(6, 2, 4).round(2)
    return [(np.array(a, float), np.array(b, float)) for a, b in [*tiny, *corners]]


def draw_pair(axes, arguments, yours, expected):
    """Draw the two boxes that a function got wrong, and write both numbers under them."""
    boxes = np.array(arguments, dtype=float)
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    scale = 100 / (high - low).max()
    a, b = ((boxes.reshape(2, 2, 2) - low) * scale + 10).reshape(2, 4)
    for ax, name, value in zip(axes, ("yours", "expected"), (yours, expected)):
        draw_iou(ax, np.full((120, 120, 3), 255, np.uint8), a, b)
        ax.set_title(f"{name}: {value:.3f}", fontsize=11)
