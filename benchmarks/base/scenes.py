"""A rendered scene from a number: objects of 29 classes on backgrounds like photographs' and like bare tables.

24 classes are outlines in any texture; 5 are textures on random outlines. The network has to look at both. 40 % of the
backgrounds are covered with random outlines of no class ("dead leaves": sizes and occlusions as in photographs; Lee,
Mumford and Huang, 2001).
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.base.outlines import OUTLINES, blob, placed
from benchmarks.base.textures import TEXTURES, color, power_noise, shading, texture

SIZE = 320  # pixels; training crops from it
TEXTURED = ("stripes", "checks", "dots", "rings", "speckle")
CLASS_NAMES = tuple(OUTLINES) + tuple(f"{name} blob" for name in TEXTURED)
MIN_SIDE, MAX_SIDE = 0.05, 0.85  # of an object's longer side, as a fraction of the image
MAX_OBJECTS = 12
MAX_COVERED = 0.35  # intersection of two objects' boxes, as a fraction of the smaller one
SMOOTH = 3  # masks are drawn this many times as large


def scene(number):
    """Return the scene of a number: image (SIZE, SIZE, 3) uint8, boxes (M, 4) xyxy pixels, labels (M,) from 1."""
    random = np.random.default_rng(number)
    canvas = background(random)
    crowd = random.random() < 0.3  # many of one kind and size, as cells, fruits and screws lie
    kind, crowd_side = random.integers(len(CLASS_NAMES)), log_uniform(random, 0.07, 0.3)
    boxes, labels = [], []
    for _ in range(random.integers(1, 1 + (2 * MAX_OBJECTS if crowd else MAX_OBJECTS))):
        label = kind if crowd and random.random() < 0.8 else random.integers(len(CLASS_NAMES))
        side = crowd_side * random.uniform(0.8, 1.25) if crowd else log_uniform(random, MIN_SIDE, MAX_SIDE)
        mask, left, top = draw_mask(random, outline_of(random, label), side * SIZE)
        box = visible_box(mask, left, top)
        if box is None or any(covered(box, other) > MAX_COVERED for other in boxes):
            continue
        name = CLASS_NAMES[label].removesuffix(" blob") if label >= len(OUTLINES) else random.choice(TEXTURES)
        paste(random, canvas, mask, left, top, name)
        boxes.append(box)
        labels.append(label + 1)
    image = finish(random, canvas)
    return image, np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64)


def background(random):
    """Return a canvas (SIZE, SIZE, 3) float32 from 0 to 1."""
    style = random.random()
    if style < 0.25:  # a bare table, unevenly lit
        return np.clip(color(random) * shading(random, SIZE, SIZE), 0, 1)
    if style < 0.6:
        noise = power_noise(random, SIZE, SIZE, random.uniform(0.7, 1.6))
        return np.clip(color(random) + random.uniform(0.04, 0.22) * noise, 0, 1)
    canvas = texture(random, random.choice(TEXTURES), SIZE, SIZE) * 1.0
    for _ in range(random.integers(10, 90)):
        mask, left, top = draw_mask(random, blob(random), SIZE * log_uniform(random, 0.04, 0.9))
        paste(random, canvas, mask, left, top, random.choice(TEXTURES[:2] + TEXTURES[6:7]))
    return canvas


def outline_of(random, label):
    """Return the polygons and the holes of a label from 0."""
    return list(OUTLINES.values())[label] if label < len(OUTLINES) else blob(random)


def draw_mask(random, outline, side):
    """Return a mask (h, w) float32 of an outline, turned and bent at random, and where on the canvas it lies."""
    polygons, holes = outline
    angle, stretch, shear = random.uniform(-np.pi, np.pi), log_uniform(random, 0.7, 1.4), random.normal(0, 0.12)
    if random.random() < 0.5:  # upright things
        angle = random.normal(0, 0.12)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[stretch, shear], [0, 1 / stretch]]) * np.array([random.choice([-1, 1]), 1])
    bend, phase = abs(random.normal(0, 0.06)), random.uniform(0, 2 * np.pi)
    parts = [placed(polygon, matrix, 0, bend, phase) for polygon in polygons]
    gaps = [placed(polygon, matrix, 0, bend, phase) for polygon in holes]
    points = np.concatenate(parts)
    low, extent = points.min(0), np.ptp(points, axis=0)
    scale = side / extent.max()
    width, height = (np.ceil(extent * scale).astype(int) + 2).tolist()
    large = Image.new("L", (width * SMOOTH, height * SMOOTH))
    draw = ImageDraw.Draw(large)
    for group, value in ((parts, 255), (gaps, 0)):
        for polygon in group:
            draw.polygon([tuple(point) for point in ((polygon - low) * scale + 1) * SMOOTH], fill=value)
    mask = np.asarray(large.resize((width, height), Image.Resampling.BOX), np.float32) / 255
    middle = random.uniform(-0.02, 1.02, 2) * SIZE
    return mask, int(middle[0] - width / 2), int(middle[1] - height / 2)


def visible_box(mask, left, top):
    """Return the box of what of a mask is on the canvas, or None if that is less than 0.6 of it or too small."""
    rows, columns = np.nonzero(mask > 0.5)
    inside = (rows + top >= 0) & (rows + top < SIZE) & (columns + left >= 0) & (columns + left < SIZE)
    if len(rows) == 0 or inside.mean() < 0.6:
        return None
    rows, columns = rows[inside] + top, columns[inside] + left
    box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return box if min(box[2] - box[0], box[3] - box[1]) >= 5 else None


def paste(random, canvas, mask, left, top, name):
    """Paint a mask over the canvas, in place, with a texture, light on it, and sometimes a shadow or a dark edge."""
    height, width = mask.shape
    paint = texture(random, name, height, width) * shading(random, height, width)
    if random.random() < 0.3:
        blurred = np.asarray(Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(2)))
        edge = (mask * (1 - blurred / np.float32(255)))[..., None]
        paint = paint * (1 - 1.6 * edge * random.uniform(0.3, 1))
    y1, x1, y2, x2 = max(top, 0), max(left, 0), min(top + height, SIZE), min(left + width, SIZE)
    if y1 >= y2 or x1 >= x2:
        return
    part = slice(y1 - top, y2 - top), slice(x1 - left, x2 - left)
    if random.random() < 0.3:  # a shadow, shifted
        dy, dx = random.integers(1, 6, 2)
        below = canvas[y1 + dy : y2 + dy, x1 + dx : x2 + dx]
        shade = mask[part][: below.shape[0], : below.shape[1], None]
        below *= 1 - random.uniform(0.2, 0.6) * shade
    alpha = mask[part][..., None] * random.choice([1.0, random.uniform(0.55, 1)], p=[0.7, 0.3])
    below = canvas[y1:y2, x1:x2]
    below += (np.clip(paint[part], 0, 1) - below) * alpha


def finish(random, canvas):
    """Return the canvas as a camera sees it: (SIZE, SIZE, 3) uint8, a little blurred, noisy, of any contrast."""
    image = Image.fromarray((np.clip(canvas, 0, 1) * 255).astype(np.uint8))
    if random.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.4)))
    pixels = np.asarray(image, np.float32)
    pixels = (pixels - 128) * random.uniform(0.6, 1.1) + 128 + random.normal(0, 15)
    pixels += random.normal(0, random.uniform(0, 8), (SIZE, SIZE, 1)).astype(np.float32)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def covered(box, other):
    """Return which fraction of the smaller of two boxes the other one covers."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (box, other)]
    return max(0, width) * max(0, height) / min(areas)


def log_uniform(random, low, high):
    """Return a random number from low to high, each factor as likely as any other of its size."""
    return low * (high / low) ** random.random()
