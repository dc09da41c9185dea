"""The lines that ``detect`` prints about an image or a frame: for people, or as JSON."""

import json

import numpy as np

from numpyssd.console import printable


def json_line(start: dict, image, found, class_names) -> str:
    """Return one line of JSON about an image, behind ``start``; boxes are xyxy in its pixels, as a viewer shows it."""
    detections = [
        {"label": class_names[label - 1], "score": round(float(score), 6), "box": [round(float(v), 2) for v in box]}
        for box, label, score in zip(*found)
    ]
    height, width = image.shape[:2]
    return json.dumps({**start, "width": width, "height": height, "detections": detections})


def summary(names, scores, threshold, shown=4) -> str:
    """Return a short text about the detections, best first."""
    if not names:
        return f"nothing scores over {threshold:g}" if np.ndim(threshold) == 0 else "no class scores over its threshold"
    best = ", ".join(f"{printable(name)} {score:.2f}" for name, score in zip(names[:shown], scores))
    return f"{len(names)} found: {best}{', …' if len(names) > shown else ''}"
