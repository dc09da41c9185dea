"""The pictures and objects that every export holds, and the files that several tools write alike."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = WIDTH, HEIGHT = 64, 48
NAMES = ("nut", "bolt")  # not sorted: a format with an order of its own keeps it
# Of each picture its objects: a name and a box (x1, y1, x2, y2) in pixels counted from 0. The third has none.
PICTURES = (
    [("bolt", (4, 6, 24, 30)), ("nut", (32, 10, 60, 40))],
    [("nut", (10, 8, 30, 28))],
    [],
    [("bolt", (20, 4, 52, 44))],
    [("nut", (2, 2, 22, 22)), ("nut", (40, 20, 62, 46))],
    [("bolt", (8, 12, 40, 36))],
)
STEMS = tuple(f"img{i:03}" for i in range(len(PICTURES)))


def save_picture(path, i):
    """Write picture i: noise that looks like no other, with its objects in gray."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(i).integers(0, 255, (6, 8, 3)).astype(np.uint8).repeat(8, 0).repeat(8, 1)
    for _, (x1, y1, x2, y2) in PICTURES[i]:
        pixels[y1:y2, x1:x2] = 128
    Image.fromarray(pixels).save(path, quality=95)


def yolo_rows(i):
    """Return the label file of picture i."""
    rows = []
    for name, (x1, y1, x2, y2) in PICTURES[i]:
        values = (x1 + x2) / 2 / WIDTH, (y1 + y2) / 2 / HEIGHT, (x2 - x1) / WIDTH, (y2 - y1) / HEIGHT
        rows.append(f"{NAMES.index(name)} " + " ".join(f"{value:.6f}" for value in values) + "\n")
    return "".join(rows)


def coco(file_names, categories, extra=lambda i: {}):
    """Return a COCO file of the pictures in ``file_names``, {number: name}; categories: with id and name."""
    ids = {category["name"]: category["id"] for category in categories}  # of two with one name, the last
    images = [{"id": i, "file_name": n, "width": WIDTH, "height": HEIGHT, **extra(i)} for i, n in file_names.items()]
    annotations = []
    for i in file_names:
        for name, (x1, y1, x2, y2) in PICTURES[i]:
            box = [x1, y1, x2 - x1, y2 - y1]
            entry = {"id": len(annotations), "image_id": i, "category_id": ids[name], "bbox": box, "iscrowd": 0}
            annotations.append({**entry, "area": box[2] * box[3], "segmentation": []})
    return {"images": images, "categories": list(categories), "annotations": annotations}


def voc_xml(i, file_name, head="", tail="", first=1, decimals=""):
    """Return the XML of picture i. head: between <annotation> and <size>; tail: of each object, before <bndbox>.

    first: the number of the first pixel, 1 in VOC, 0 for tools that write corners counted from 0.
    """
    text = f"<annotation>{head}<filename>{file_name}</filename>"
    text += f"<size><width>{WIDTH}</width><height>{HEIGHT}</height><depth>3</depth></size><segmented>0</segmented>"
    for name, (x1, y1, x2, y2) in PICTURES[i]:
        corners = {"xmin": x1 + first, "xmax": x2, "ymin": y1 + first, "ymax": y2}
        box = "".join(f"<{key}>{value}{decimals}</{key}>" for key, value in corners.items())
        text += f"<object><name>{name}</name>{tail}<bndbox>{box}</bndbox></object>"
    return text + "</annotation>\n"


def write(path, content):
    """Write a text, or anything else as JSON, and make the folders above it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
