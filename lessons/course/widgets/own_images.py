"""What the widget of lesson 18 shows: an object and the default box that overlaps it best."""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from lessons.course.widgets.image import pale
from lessons.course.widgets.widget import box, drag
from numpyssd.model.default_boxes import default_boxes

STEPS, STEP = 24, 16  # places along a side of the image, and units of the drawing between them


def object_to_cover(image, configs, width=3, height=9):
    """Return the widget of an object and the default box that overlaps it best, at every place.

    configs: {name: config}, the networks to choose among; width, height: of the object, in 24ths of the image.
    """
    thing = {"name": "the object", "role": "ground truth", "x": 10, "y": 7, "w": width, "h": height}
    variants = [
        {"name": name, "things": [dict(thing)], "states": _best(config, width, height)}
        for name, config in configs.items()
    ]
    label = "Drag the object, or move it by the arrow keys. Whose default boxes?"
    return drag(label, (STEPS * STEP,) * 2, variants, STEP, pale(image))


def _best(config, width, height):
    """Return words and the best default box for each place of the object's corner."""
    places = np.array([(x, y) for y in range(STEPS - height + 1) for x in range(STEPS - width + 1)])
    boxes = np.concatenate([places, places + [width, height]], axis=1)
    corners = cxcywh_to_xyxy(default_boxes(config)) * STEPS  # (K, 4)
    overlaps = iou(boxes.astype(np.float32), corners)  # (places, K)
    states = {}
    for (x, y), row in zip(places, overlaps):
        best = row.argmax()
        covered, role = ("covered", "positive") if row[best] >= 0.5 else ("not covered", "negative")
        states[f"{x},{y}"] = (f"at ({x}, {y}): best IoU {row[best]:.2f}, {covered}", [box(corners[best] * STEP, role)])
    return states
