"""The rows of a YOLO label file: a class number and a box, an outline or an oriented box, in fractions of the image.

https://docs.ultralytics.com/datasets/detect has the boxes, /segment the outlines, /obb the oriented boxes, /pose the
key points. A row of an odd number of values is a class and points; an even one has a score behind it, as predictions.
"""

from typing import NamedTuple

from numpyssd.datasets.box_checks import cut_to_image, hint
from numpyssd.datasets.issues import shortened
from numpyssd.files import to_float

LARGEST = 1.5  # a fraction above it is none; one that is a little above 1 reaches out of the image
BOX, OUTLINE, ORIENTED, POSE = "box", "outline", "oriented box", "box with key points"

# What the four numbers of a box would be as (x1, y1, x2, y2) if they stood in another order; see box_checks.
ORDERS = {
    "x1, y1, x2, y2": lambda a, b, c, d: (a, b, c, d),
    "the upper left corner, width, height": lambda a, b, c, d: (a, b, a + c, b + d),
}


class Row(NamedTuple):
    """One row: its class number, its values as fractions, what they are, and whether a score stands behind them."""

    class_number: int
    values: tuple[float, ...]
    kind: str
    has_score: bool


def parse_row(line: str, key_points: int = 0) -> Row:
    """Return the Row of a line. Raises ValueError with a sentence that says what is wrong.

    key_points: how many numbers the key points of each object take, of a data set of poses.
    """
    words = line.split()
    if "," in line:
        fix = "write points in numbers and blanks between them"
        raise ValueError(f"the line has commas ({shortened(line)}); {fix}")
    numbers = [to_float(word) for word in words]
    number = numbers[0]
    if number is None or number != int(number) or number < 0:
        raise ValueError(f"a row begins with the number of its class, from 0, not with {shortened(words[0])!r}")
    if None in numbers:
        raise ValueError(f"{shortened(words[numbers.index(None)])!r} is not a finite number")
    if len(words) < 5:
        raise ValueError(f"a row has 5 numbers (class, center x, center y, width, height), not {len(words)}")
    values = tuple(numbers[1:])
    if key_points and len(values) not in (4, 4 + key_points, 5 + key_points):
        wanted = f"5 numbers, or {5 + key_points} with the key points of kpt_shape in data.yaml"
        raise ValueError(f"a row has {wanted}, not {len(words)}")
    has_score = len(values) % 2 == 1 and not key_points
    values = values[:-1] if has_score else values
    if key_points and len(values) in (4 + key_points, 5 + key_points):
        kind, values = POSE, values[:4]
    else:
        kind = {4: BOX, 8: ORIENTED}.get(len(values), OUTLINE)
    if kind != POSE and (points := _visible_points(numbers[1:])):
        remedy = f"kpt_shape in data.yaml is needed for that, as kpt_shape: [{points}, 3]"
        raise ValueError(f"behind the box there seem to be key points, {points} of x, y and visibility; {remedy}")
    if any(abs(value) > LARGEST for value in values):
        largest = max(values, key=abs)
        raise ValueError(f"{largest:g} is no fraction of the width or height, from 0 to 1; are these pixels?")
    return Row(int(number), values, kind, has_score)


def _visible_points(values):
    """Return how many key points stand behind a box, each with a visibility of 0, 1 or 2; 0 if that is not sure.

    Only a 2, which is no fraction, shows it: without one the values may as well be an outline.
    """
    marks, others = values[6::3], [value for k, value in enumerate(values) if k < 6 or k % 3]
    are_marks = 2 in marks and (len(values) - 4) % 3 == 0 and all(mark in (0, 1, 2) for mark in marks)
    return len(marks) if are_marks and all(abs(value) <= LARGEST for value in others) else 0


def box_of(row: Row, width: int, height: int):
    """Return the box of a row on an image of width x height pixels, and a sentence that says what is wrong, or None.

    Of an outline and of an oriented box it is the smallest upright one around them. The box is (x1, y1, x2, y2) in
    pixels inside the image, or None if it is useless.
    """
    if len(row.values) == 4:
        x, y, w, h = pixels = [value * side for value, side in zip(row.values, (width, height) * 2)]
        if w < 0 or h < 0:
            return None, f"the box has a negative width or height{hint(tuple(pixels), ORDERS, width, height)}"
        box = x - w / 2, y - h / 2, x + w / 2, y + h / 2
    else:
        xs, ys = ([value * side for value in row.values[k::2]] for k, side in ((0, width), (1, height)))
        pixels, box = None, (min(xs), min(ys), max(xs), max(ys))
    if box[2] <= box[0] or box[3] <= box[1]:
        return None, f"the {row.kind} has zero size"
    inside, sentence = cut_to_image(box, width, height)
    if sentence and pixels:
        sentence += hint(tuple(pixels), ORDERS, width, height, box, inside)
    return inside, sentence
