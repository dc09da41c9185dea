"""The box around the outline of an object that has no <bndbox>: a <polygon>, or the turned box of roLabelImg.

LabelMe's page wrote <polygon><pt><x>1</x><y>2</y></pt>...; Roboflow writes <polygon><x1>1</x1><y1>2</y1>..., beside a
<bndbox>. roLabelImg writes <robndbox> with <cx>, <cy>, <w>, <h> and an <angle> in radians (its libs/pascal_voc_io.py
at github.com/cgvict/roLabelImg). All count in continuous pixels from the corner of the image.
"""

import re
from math import cos, sin
from xml.etree import ElementTree

from numpyssd.files import to_float


def outline_corners(element: ElementTree.Element) -> tuple[str, ...] | None:
    """Return the texts of xmin, ymin, xmax and ymax as a <bndbox> would have them, or None if there is no outline."""
    points = _polygon(element.find("polygon")) or _turned_box(element.find("robndbox"))
    if not points:
        return None
    x, y = zip(*points)
    return tuple(str(value) for value in (min(x) + 1, min(y) + 1, max(x), max(y)))  # VOC counts pixels from 1


def _polygon(element):
    """Return the points (x, y) of a <polygon>; none if any is missing or not a number."""
    if element is None:
        return []
    leaves = [leaf for leaf in element.iter() if re.fullmatch(r"[xy]\d*", leaf.tag)]
    values = {axis: [to_float(leaf.text) for leaf in leaves if leaf.tag[0] == axis] for axis in "xy"}
    numbers = values["x"] + values["y"]
    return [] if None in numbers or len(values["x"]) != len(values["y"]) else list(zip(values["x"], values["y"]))


def _turned_box(element):
    """Return the corners (x, y) of a <robndbox>; none if a number is missing."""
    if element is None:
        return []
    cx, cy, w, h, angle = values = [to_float(element.findtext(tag)) for tag in ("cx", "cy", "w", "h", "angle")]
    if None in values:
        return []
    along, across = (w / 2 * cos(angle), w / 2 * sin(angle)), (-h / 2 * sin(angle), h / 2 * cos(angle))
    signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    return [(cx + a * along[0] + b * across[0], cy + a * along[1] + b * across[1]) for a, b in signs]
