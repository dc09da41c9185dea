"""What widgets draw: the marks of boxes, lines, words and insets, each a short list that travels in a page."""

import numpy as np

KINDS = ("box", "fill", "line", "dot", "text", "view")


def box(xyxy, role, text="", kind="box"):
    """Return the mark of a box (4,) xyxy, in the color and line style of its role; kind may be "fill"."""
    x1, y1, x2, y2 = (float(value) for value in xyxy)
    mark = [kind, role_class(role), *(_short(value) for value in (x1, y1, x2 - x1, y2 - y1))]
    return [*mark, text] if text else mark


def _short(value):
    """Return a number to a tenth, as an int if it is whole: thousands of them travel in a page."""
    return int(value) if float(value).is_integer() else round(float(value), 1)


def line(x1, y1, x2, y2, role):
    """Return the mark of a line."""
    return ["line", role_class(role), *(round(float(value), 2) for value in (x1, y1, x2, y2))]


def text(x, y, words, role="number", anchor="middle"):
    """Return the mark of a word or a number."""
    return ["text", role_class(role), round(float(x), 2), round(float(y), 2), str(words), anchor]


def view(xyxy, part):
    """Return the mark of an inset: a part (4,) xyxy of the image fills a box (4,) xyxy; beyond the image is the mean."""
    ends = [(x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in (np.asarray(xyxy, float), np.asarray(part, float))]
    return ["view", "mean", *(_short(value) for end in ends for value in end)]


def role_class(role):
    """Return the name of a role's class in the style of a widget."""
    return role.replace(" ", "-")
