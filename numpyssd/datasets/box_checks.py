"""What every format checks of a box: whether it lies in its image, and in which other order it may have been written.

Every format has its own order of the four numbers, and tools mix them. The order is only guessed for a message; no box
is ever read in another order than its format's.
"""

ROUNDING = 1.0  # pixels by which a box may reach over the edge without being reported

# Of each format: what its four numbers a, b, c, d would be as (x1, y1, x2, y2) if they stood in this order.
VOC = {
    "x, y, width, height": lambda a, b, c, d: (a, b, a + c, b + d),
    "ymin, xmin, ymax, xmax": lambda a, b, c, d: (b, a, d, c),
    "xmin, xmax, ymin, ymax": lambda a, b, c, d: (a, c, b, d),
    "xmax, ymax, xmin, ymin": lambda a, b, c, d: (c, d, a, b),
    "xmax, ymin, xmin, ymax": lambda a, b, c, d: (c, b, a, d),
    "xmin, ymax, xmax, ymin": lambda a, b, c, d: (a, d, c, b),
}
COCO = {
    "x1, y1, x2, y2": lambda a, b, c, d: (a, b, c, d),
    "y, x, height, width": lambda a, b, c, d: (b, a, b + d, a + c),
    "x1, x2, y1, y2": lambda a, b, c, d: (a, c, b, d),
    "the center, width, height": lambda a, b, c, d: (a - c / 2, b - d / 2, a + c / 2, b + d / 2),
}


def cut_to_image(box: tuple, width: int, height: int):
    """Cut a box (x1, y1, x2, y2) at the edges of an image of width x height pixels.

    The box must have x1 < x2 and y1 < y2: the reader of a format checks that first and says it in the format's words.
    Returns the box inside the image, or None if nothing of it is; and a sentence that says what is wrong, or None.
    """
    x1, y1, x2, y2 = box
    inside = max(x1, 0.0), max(y1, 0.0), min(x2, float(width)), min(y2, float(height))
    if inside[2] <= inside[0] or inside[3] <= inside[1]:
        return None, f"the box lies outside the image of {width} x {height} pixels"
    over = max(-x1, -y1, x2 - width, y2 - height)
    if over > ROUNDING:
        return inside, f"the box reaches {over:g} pixels out of the image of {width} x {height}"
    return inside, None


def hint(values: tuple, orders: dict, width: int, height: int, box=None, inside=None) -> str:
    """Return " (it would fit as ...)" with the orders in which four numbers are a box on the image, or nothing.

    box and inside: as it was read, and what of that is inside the image; nothing is guessed if that is most of it.
    """
    if inside and _area(inside) >= 0.75 * _area(box):
        return ""
    fitting = [name for name, read in orders.items() if _fits(read(*values), width, height)]
    return f" (it would fit as {' or as '.join(fitting)})" if fitting else ""


def are_fractions(values: tuple) -> bool:
    """Return whether four numbers look like fractions of the width and height: from 0 to 1, and not whole."""
    return all(0 <= value <= 1 for value in values) and any(value != int(value) for value in values)


FRACTIONS = "all four numbers lie between 0 and 1; are they fractions of the width and height? pixels are needed"


def _area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def _fits(box, width, height):
    x1, y1, x2, y2 = box
    inside = min(x1, y1) >= -ROUNDING and x2 <= width + ROUNDING and y2 <= height + ROUNDING
    return inside and x2 - x1 > 1 and y2 - y1 > 1
