"""The box of one annotation of the COCO kind: what it says, and what is wrong with it."""

from math import isfinite

from numpyssd.datasets.box_order import COCO, SHARES, are_shares, hint
from numpyssd.datasets.voc.annotation import cut_to_image


def check_box(bbox, width, height):
    """Turn a ``bbox`` [x, y, w, h] into (x1, y1, x2, y2) inside an image of width x height pixels.

    COCO counts in continuous pixels from the corner of the image, as numpyssd does, so nothing is added. Returns the
    box, or None if it is useless, and a sentence that says what is wrong, or None.
    """
    if len(bbox) != 4 or not all(is_number(value) for value in bbox):
        return None, "a box is four finite numbers x, y, width, height"
    values = x, y, w, h = tuple(float(value) for value in bbox)
    if w < 0 or h < 0:
        return None, f"the box has a negative width or height{hint(values, COCO, width, height)}"
    if w == 0 or h == 0:
        return None, "the box has zero size"
    if are_shares(values):
        return None, SHARES
    box = x, y, x + w, y + h
    inside, sentence = cut_to_image(box, width, height)
    return inside, sentence and sentence + hint(values, COCO, width, height, box, inside)


def area(annotation):
    """Return the area of an annotation in square pixels: that of its outline, or else of its box."""
    written = annotation.get("area")
    if is_number(written) and written > 0:
        return float(written)
    return float(annotation["bbox"][2] * annotation["bbox"][3])


def is_number(value):
    """Return whether a value of a JSON file is a finite number (JSON's own NaN and Infinity are none)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300 and isfinite(value)
