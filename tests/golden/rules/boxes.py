"""Boxes and their overlap, the paper's "jaccard overlap" (section 2.2): corners are continuous, there is no "+ 1"."""


def to_cxcywh(box):
    """Return (x_min, y_min, x_max, y_max) as (center x, center y, width, height)."""
    x1, y1, x2, y2 = box
    return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]


def to_xyxy(box):
    """Return (center x, center y, width, height) as (x_min, y_min, x_max, y_max)."""
    cx, cy, w, h = box
    return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]


def area(box):
    """Return width times height of an xyxy box; an inverted box has none."""
    return (box[2] - box[0]) * (box[3] - box[1]) if box[2] > box[0] and box[3] > box[1] else 0.0


def iou(a, b):
    """Return the area that two xyxy boxes share over the area that they cover; 0 if either has no area."""
    shared = area([max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])])
    if area(a) == 0 or area(b) == 0 or shared == 0:
        return 0.0
    return shared / (area(a) + area(b) - shared)
