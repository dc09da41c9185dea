"""Draw detections onto a picture with Pillow: outlines and labels that can be read at any size of the picture."""

import colorsys
import os
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from numpyssd.drawing import COLORS

# One color a class, told apart by the color-blind (Okabe and Ito, 2008); the first is the role "prediction".
CLASS_COLORS = (COLORS["prediction"], "#56B4E9", "#CC79A7", "#009E73", "#F0E442", "#D55E00", "#0072B2")
LEAST_SIDE = 360  # pixels: smaller pictures are enlarged by a whole factor, or no label would fit
MOST_SIDE = 2000  # pixels that enlarging may lead to


def annotate(image, boxes, labels, scores, class_names):
    """Return a Pillow picture of the image (H, W, 3) uint8 with its detections and their names and scores.

    boxes: (D, 4) xyxy in pixels, labels: (D,) from 1 on, scores: (D,), best first. A small picture comes back
    enlarged by a whole factor; otherwise the size stays as it is.
    """
    factor = enlargement(image.shape[1], image.shape[0])
    picture = Image.fromarray(image)
    picture = picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(picture)
    # Grows with the picture, which will be looked at as a whole on a screen that doesn't.
    size = max(13, round(0.02 * (picture.width * picture.height) ** 0.5))
    line = max(3, round(size / 7))
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4) * factor
    for box, label in reversed(list(zip(boxes, labels))):  # the best last, and so on top
        _outline(draw, box, class_color(label), line)

    font, taken, placed = _font(size), [], []
    for box, label, score in zip(boxes, labels, scores):  # the best first: it gets the best place
        text = shortened(f"{class_names[label - 1]} {score:.2f}", font, picture.width - 4)
        width, height = round(font.getlength(text)) + size // 2, round(1.3 * size)
        place = label_place(box, width, height, picture.size, line, taken)
        taken.append(place)
        placed.append((place, text, class_color(label)))
    for place, text, color in reversed(placed):
        draw.rectangle([place[0], place[1], place[2] - 1, place[3] - 1], fill=color)
        draw.text((place[0] + size // 4, (place[1] + place[3]) / 2), text, ink(color), font, anchor="lm")
    return picture


def enlargement(width, height):
    """Return the whole factor by which a picture of this size is enlarged, 1 for all but small ones."""
    return max(1, min(-(-LEAST_SIDE // min(width, height)), MOST_SIDE // max(width, height)))


def label_place(box, width, height, size, line, taken):
    """Return where a label goes, (x1, y1, x2, y2) in whole pixels inside a picture of ``size`` (width, height).

    Above the box, in its upper corner, below it or in its lower corner: the first that covers no label placed before.
    """
    x1, y1, x2, y2 = box
    left, right = x1 - line // 2, x2 - width + line // 2
    above, inside, below, lower = y1 - height, y1 + line // 2, y2, y2 - height - line // 2
    corners = [(left, above), (left, inside), (left, below), (left, lower), (right, above), (right, below)]
    places = []
    for x, y in corners:
        x = round(min(max(x, 0), max(0, size[0] - width)))
        if 0 <= y <= size[1] - height or not places:
            y = round(min(max(y, 0), max(0, size[1] - height)))
            places.append((x, y, x + width, y + height))
    return next((place for place in places if not any(_meet(place, other) for other in taken)), places[0])


def class_color(label):
    """Return the color of a class, from 1 on: always the same, however many classes there are."""
    if label <= len(CLASS_COLORS):
        return CLASS_COLORS[label - 1]
    # Steps of the golden angle never fall on each other.
    red, green, blue = colorsys.hsv_to_rgb(label * 0.618034 % 1, 0.65, 0.9)
    return f"#{round(255 * red):02X}{round(255 * green):02X}{round(255 * blue):02X}"


def ink(color):
    """Return black or white, whichever can be read better on the color."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "white"


def shortened(text, font, width):
    """Return the text, with its middle left out until it is at most ``width`` pixels wide."""
    short = text
    while font.getlength(short) > width and len(text) > 2:
        text = text[: len(text) // 2 - 1] + text[len(text) // 2 :]
        short = text[: len(text) // 2] + "…" + text[len(text) // 2 :]
    return short


def write_png(picture, path):
    """Write a Pillow picture as PNG by way of a temporary file; fast rather than small. Raises OSError."""
    path = Path(path)
    temporary = path.with_name(path.name + ".tmp")
    picture.save(temporary, format="PNG", compress_level=1)
    os.replace(temporary, path)


def _outline(draw, box, color, line):
    """Draw a box with a dark rim, so that it shows on any ground, and never thinner than its line."""
    x1, y1, x2, y2 = (round(value) for value in box)
    x2, y2 = max(x1, x2 - 1), max(y1, y2 - 1)  # the last pixel inside
    draw.rectangle([x1 - 1, y1 - 1, x2 + 1, y2 + 1], outline="black", width=line + 2)
    draw.rectangle([x1, y1, x2, y2], outline=color, width=line)


def _meet(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@cache
def _font(size):
    # Matplotlib brings a font with Greek, Cyrillic and Arabic letters, so that labels look alike on every machine.
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), size)
