"""A hard set that the base never saw: letters in four textures on the backgrounds of scenes.py, other letters between.

It is for measuring what a base brings where classes are hard to learn; with photographs it shares nothing but that. A
class has a letter and a texture of its own, in any colors and of any size. What else lies there is not labeled.
"""

import numpy as np
from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

from benchmarks.base.scenes import (
    MAX_COVERED,
    MAX_SIDE,
    MIN_SIDE,
    SIZE,
    background,
    covered,
    finish,
    log_uniform,
    paste,
    visible_box,
)
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation

TEXTURES = {"A": "stripes", "R": "speckle", "5": "checks", "&": "dots"}  # of the four classes
OTHERS, OTHER_TEXTURES = "EHKSXZ2346789", ("plain", "noise", "gradient", "rings")
FIRST = {"train": 0, "val": 1_000_000, "test": 2_000_000}  # the number of a split's first image
COUNTS = {"train": 200, "val": 50, "test": 250}


def letters():
    """Return the three splits as data sets in memory."""
    return [rendered(split) for split in COUNTS]


def rendered(split):
    """Return the images of a split."""
    images, boxes, labels = zip(*(letter_scene(FIRST[split] + i) for i in range(COUNTS[split])))
    return AnnotatedImages(tuple(TEXTURES), images, [Annotation.of(*pair) for pair in zip(boxes, labels)])


def letter_scene(number):
    """Return the image of a number (SIZE, SIZE, 3) uint8, boxes (M, 4) xyxy pixels, labels (M,) from 1."""
    random = np.random.default_rng((7, number))
    canvas, classes = background(random), list(TEXTURES)
    objects, others = random.integers(1, 7), random.integers(0, 4)
    all_boxes, boxes, labels = [], [], []
    for k in range(objects + others):
        label = random.integers(len(classes)) if k < objects else None
        letter = random.choice(list(OTHERS)) if label is None else classes[label]
        name = random.choice(OTHER_TEXTURES) if label is None else TEXTURES[letter]
        mask, left, top = letter_mask(random, str(letter), log_uniform(random, MIN_SIDE, MAX_SIDE) * SIZE)
        box = visible_box(mask, left, top)
        if box is None or any(covered(box, other) > MAX_COVERED for other in all_boxes):
            continue
        paste(random, canvas, mask, left, top, name)
        all_boxes.append(box)
        if label is not None:
            boxes.append(box)
            labels.append(label + 1)
    return finish(random, canvas), np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64)


def letter_mask(random, letter, side):
    """Return the mask (h, w) of a letter, stretched and turned, its longer side ``side``, and where it lies."""
    font = ImageFont.truetype(f"{get_data_path()}/fonts/ttf/DejaVuSans-Bold.ttf", 200)
    left, top, right, bottom = font.getbbox(letter)
    image = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8))
    ImageDraw.Draw(image).text((4 - left, 4 - top), letter, font=font, fill=255)
    image = image.resize((int(image.width * log_uniform(random, 0.75, 1.33)), image.height))
    angle = random.uniform(-180, 180) if random.random() < 0.3 else random.normal(0, 12)
    image = image.rotate(angle, expand=True, resample=Image.Resampling.BILINEAR)
    image = image.crop(image.getbbox())
    scale = side / max(image.size)
    size = tuple(max(3, int(length * scale)) for length in image.size)
    mask = np.asarray(image.resize(size, Image.Resampling.BOX), np.float32) / 255
    middle = random.uniform(-0.02, 1.02, 2) * SIZE
    return mask, int(middle[0] - mask.shape[1] / 2), int(middle[1] - mask.shape[0] / 2)
