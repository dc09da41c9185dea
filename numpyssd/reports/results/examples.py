"""Examples for the report of a training: objects that were found, and errors, each as a small JPEG with its text."""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from numpyssd.datasets.dataset import Dataset
from numpyssd.drawing import COLORS
from numpyssd.inference.evaluation.measurement import Measurement
from numpyssd.reports.failure_cases import FailureCase, crop_around, failure_cases

COUNT = 10
SIDE = 320  # pixels of an example
QUALITY = 85


class Example(NamedTuple):
    """One example: what it shows in two short texts, the name of its image, and a JPEG of the place."""

    title: str
    text: str
    image: str
    jpeg: bytes


def right_examples(measured: Measurement, dataset: Dataset, count: int = COUNT, seed: int = 0) -> list[Example]:
    """Return examples of objects that were found.

    They are drawn at random (the best would say nothing), the classes in turn, and from as many images as there are.
    """
    rng, queues = np.random.default_rng(seed), {}
    for i, (_, labels, _) in enumerate(measured.detections):
        for d in np.flatnonzero(measured.split.types[i] == "correct"):
            queues.setdefault(int(labels[d]), []).append((i, int(d)))
    for rows in queues.values():
        rng.shuffle(rows)
    order, used = [], set()
    turns = [queues[label] for label in sorted(queues)]
    while any(turns) and len(order) < count:
        for queue in turns:
            if queue and len(order) < count:
                fresh = next((row for row in queue if row[0] not in used), queue[0])
                queue.remove(fresh)
                used.add(fresh[0])
                order.append(fresh)
    return [_example(_right(i, d, measured), measured, dataset) for i, d in order]


def wrong_examples(measured: Measurement, dataset: Dataset, count: int = COUNT) -> list[Example]:
    """Return examples of errors: false positives by falling score, then missed objects by falling area."""
    lists = measured.split, measured.detections, measured.ground_truth, measured.class_names
    return [_example(case, measured, dataset) for case in failure_cases(*lists, count)]


def _right(i, d, measured):
    boxes, labels, scores = measured.detections[i]
    m, overlap = measured.split.objects[i][d], measured.split.overlaps[i][d]
    title = f"{measured.class_names[labels[d] - 1]} {scores[d]:.2f}"
    explains = measured.ground_truth[i][0][[m]]
    return FailureCase(i, title, f"found: IoU {overlap:.2f}", boxes[[d]], explains, boxes[:0])


def _example(case, measured, dataset):
    image = dataset[case.image][0]
    jpeg = picture(image, case, measured.ground_truth[case.image][0])
    return Example(case.title, case.description, dataset.image_name(case.image), jpeg)


def picture(image, case: FailureCase, gt_boxes) -> bytes:
    """Return a JPEG of the place of a case: the objects (M, 4) green, the detection orange, the better one thin."""
    crop = crop_around(np.concatenate([case.box, case.object]), image.shape)
    left, top, right, bottom = (int(n) for n in crop)
    scale = SIDE / max(right - left, bottom - top)
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    shown = Image.fromarray(image[top:bottom, left:right]).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(shown)
    for boxes, role, width in (
        (gt_boxes, "ground truth", 1), (case.object, "ground truth", 4), (case.better, "prediction", 1),
        (case.box, "prediction", 3),
    ):  # fmt: skip
        for box in np.asarray(boxes, float):
            x1, y1, x2, y2 = ((box - [left, top, left, top]) * scale).tolist()
            corners = x1, y1, max(x1, x2), max(y1, y2)
            if width > 1:  # with a white edge, to be seen on any ground
                draw.rectangle(corners, outline="white", width=width + 1)
            draw.rectangle(corners, outline=COLORS[role], width=width)
    buffer = io.BytesIO()
    shown.save(buffer, format="JPEG", quality=QUALITY)
    return buffer.getvalue()
