"""Draw detections onto an image with Pillow: boxes and labels that can be read at any size of the image."""

import colorsys

import numpy as np
from PIL import Image, ImageDraw

from numpyssd.contrast import text_color
from numpyssd.drawing import COLORS
from numpyssd.files import written_whole
from numpyssd.fonts import drawable
from numpyssd.reports.text import draw_text, shortened, text_width

# One color a class, told apart by the color-blind (Okabe and Ito, 2008); the first is the role "prediction".
CLASS_COLORS = (COLORS["prediction"], "#56B4E9", "#CC79A7", "#009E73", "#F0E442", "#D55E00", "#0072B2")
MIN_SIDE = 360  # pixels: smaller images are enlarged by a whole factor, or no label would fit
MAX_SIDE = 2000  # pixels: the longer side of an enlarged image


def annotate(image, boxes, labels, scores, class_names, enlarge=True):
    """Return a Pillow image of an image (H, W, 3) uint8 with its detections, their names and scores.

    boxes: (D, 4) xyxy in pixels; labels: (D,) from 1 on; scores: (D,), best first; class_names: of the labels 1, 2, ...
    A small image is enlarged by a whole factor, unless ``enlarge`` is False; otherwise the size stays as it is.
    """
    factor = enlargement(image.shape[1], image.shape[0]) if enlarge else 1
    canvas = Image.fromarray(image)
    canvas = canvas.resize((canvas.width * factor, canvas.height * factor), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(canvas)
    # Grows with the image, because a large image is shown smaller to fit the screen.
    size = max(13, round(0.02 * (canvas.width * canvas.height) ** 0.5))
    line = max(3, round(size / 7))
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4) * factor
    for box, label in reversed(list(zip(boxes, labels))):  # the best last, and so on top
        _draw_box(draw, box, class_color(label), line)

    taken, placed = [], []
    for box, label, score in zip(boxes, labels, scores):  # the best first: it gets the best place
        text = shortened(f"{drawable(class_names[label - 1])} {score:.2f}", size, canvas.width - 4)
        width, height = round(text_width(text, size)) + size // 2, round(1.3 * size)
        place = label_place(box, width, height, canvas.size, line, taken)
        taken.append(place)
        placed.append((place, text, class_color(label)))
    for place, text, color in reversed(placed):
        draw.rectangle([place[0], place[1], place[2] - 1, place[3] - 1], fill=color)
        draw_text(draw, place[0] + size // 4, (place[1] + place[3]) / 2, text, text_color(color), size)
    return canvas


def enlargement(width, height):
    """Return the whole factor by which an image of this size is enlarged, 1 for all but small ones."""
    return max(1, min(-(-MIN_SIDE // min(width, height)), MAX_SIDE // max(width, height)))


def label_place(box, width, height, size, line, taken):
    """Return where a label goes, (x1, y1, x2, y2) in whole pixels inside an image of ``size`` (width, height).

    Above the box, in its upper corner, below it or in its lower corner: the first place that covers no earlier label.
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
    return next((place for place in places if not any(_overlap(place, other) for other in taken)), places[0])


def class_color(label):
    """Return the color of a class, from 1 on; it does not depend on the number of classes."""
    if label <= len(CLASS_COLORS):
        return CLASS_COLORS[label - 1]
    # Steps of the golden angle never give the same hue twice.
    red, green, blue = colorsys.hsv_to_rgb(label * 0.618034 % 1, 0.65, 0.9)
    return f"#{round(255 * red):02X}{round(255 * green):02X}{round(255 * blue):02X}"


def write_png(image, path):
    """Write a Pillow image as PNG by way of a temporary file; fast rather than small. Raises OSError."""
    with written_whole(path) as temporary:
        image.save(temporary, format="PNG", compress_level=1)


def _draw_box(draw, box, color, line):
    """Draw a box with a dark edge, so that it shows on any background, and never thinner than its line."""
    x1, y1, x2, y2 = (round(value) for value in box)
    x2, y2 = max(x1, x2 - 1), max(y1, y2 - 1)  # the last pixel inside
    draw.rectangle([x1 - 1, y1 - 1, x2 + 1, y2 + 1], outline="black", width=line + 2)
    draw.rectangle([x1, y1, x2, y2], outline=color, width=line)


def _overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
