"""The boxes of LabelMe's shapes.

A rectangle is two opposite corners, in any order; a polygon its corners; a circle its center and a point of its edge; a
mask the two corners of its box. X-AnyLabeling writes four corners of a rectangle, and of one that is turned (rotation).
Points and lines enclose nothing. Shapes of one label with the same group_id are parts of one object, as in LabelMe's
own converters (examples/instance_segmentation/labelme2coco.py).
"""

from math import hypot
from typing import NamedTuple

from numpyssd.datasets.box_checks import cut_to_image
from numpyssd.datasets.issues import shortened
from numpyssd.json_files import is_number

FEWEST = {"rectangle": 2, "polygon": 3, "circle": 2, "mask": 2, "rotation": 3, "quadrilateral": 3}  # points
WITHOUT_BOX = ("point", "points", "line", "linestrip")
EXACT = ("rectangle", "mask")  # the others become the box around them


class Object(NamedTuple):
    """One object: the number of its first shape in the file, its label, its box (x1, y1, x2, y2), and its kinds."""

    number: int
    label: str
    box: tuple
    kinds: tuple[str, ...]
    difficult: bool


def box_of(shape: dict):
    """Return the box (x1, y1, x2, y2) around a shape, or None, and a sentence that says what is wrong, or None."""
    kind, points = kind_of(shape), shape.get("points")
    if kind not in FEWEST:
        return None, f"a shape of the type {shortened(repr(kind))} is not known"
    pairs = isinstance(points, list) and all(
        isinstance(p, list) and len(p) == 2 and all(map(is_number, p)) for p in points
    )
    if not pairs:
        return None, "'points' must be a list of pairs of finite numbers"
    if len(points) < FEWEST[kind]:
        return None, f"a {kind} has at least {FEWEST[kind]} points, not {len(points)}"
    if kind == "circle":
        (x, y), (edge_x, edge_y) = points[:2]
        radius = hypot(edge_x - x, edge_y - y)
        points = [(x - radius, y - radius), (x + radius, y + radius)]
    xs, ys = zip(*points)
    return (min(xs), min(ys), max(xs), max(ys)), None


def kind_of(shape: dict) -> str:
    """Return the type of a shape; files of LabelMe before 3.7 have polygons alone and do not say so."""
    kind = shape.get("shape_type") or "polygon"
    return kind if isinstance(kind, str) else repr(kind)


def merge(parts: list[Object], groups: list) -> list[Object]:
    """Return the objects of some shapes; those with one label and one group, not None, become one object."""
    merged = {}
    for part, group in zip(parts, groups):
        key = (part.label, group) if group is not None else part.number
        first = merged.setdefault(key, part)
        if first is not part:
            x1, y1, x2, y2 = zip(first.box, part.box)
            box = min(x1), min(y1), max(x2), max(y2)
            kinds, difficult = (*first.kinds, *part.kinds), first.difficult or part.difficult
            merged[key] = first._replace(box=box, kinds=kinds, difficult=difficult)
    return list(merged.values())


def check_box(box: tuple, width: int, height: int):
    """Return the part of a box inside an image of width x height pixels, or None, and a sentence, or None."""
    if box[2] <= box[0] or box[3] <= box[1]:
        return None, "the box has zero size"
    return cut_to_image(box, width, height)
