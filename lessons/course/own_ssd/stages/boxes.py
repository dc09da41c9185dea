"""Stages 1 to 3: IoU, the default boxes, and what the network should predict."""

from dataclasses import replace
from functools import cache

import numpy as np

from lessons.course.exercises.catalog import EXERCISES
from lessons.course.own_ssd.reference import CONFIG
from lessons.course.own_ssd.stage import Case, Cause, Stage, calling
from lessons.course.own_ssd.stages import scene
from numpyssd.boxes import cxcywh_to_xyxy, xyxy_to_cxcywh
from numpyssd.model.box_coding import encode
from numpyssd.model.default_boxes import default_boxes as library_boxes
from numpyssd.training.matching import match

ROWS, SIZE = ("row", "value"), CONFIG.image_size


@cache
def default_box_cases():
    """Return the case of default_boxes()."""
    right = scene.defaults()
    maps = [m.reshape(f.size, f.size, -1, 4) for m, f in zip(_by_map(right), CONFIG.feature_maps)]
    half_cells = [np.array([f.step, f.step, 0, 0]) / 2 / CONFIG.image_size for f in CONFIG.feature_maps]
    causes = (
        Cause("these are pixels: divide by SIZE.", lambda: right * SIZE),
        Cause("these are corners, xyxy. A default box is a center and a size.", lambda: cxcywh_to_xyxy(right)),
        Cause("the cells go down the columns. A row of cells comes first (lesson 08).",
              lambda: _joined(m.swapaxes(0, 1) for m in maps)),
        Cause("x and y of the centers are exchanged: x grows along a row.", lambda: right[:, [1, 0, 2, 3]]),
        Cause("width and height are exchanged.", lambda: right[:, [0, 1, 3, 2]]),
        Cause("all cells come with the first shape, then all with the second. The boxes of a cell stand together, as "
              "the predictors give them.", lambda: _joined(np.moveaxis(m, 2, 0) for m in maps)),
        Cause("the maps come from coarse to fine. The finest is first.", lambda: _joined(maps[::-1])),
        Cause("the centers are the corners of the cells: a center is (i + 0.5) * step.",
              lambda: _joined(m - half for m, half in zip(maps, half_cells))),
        Cause("the boxes are clipped to the image. Default boxes are not.",
              lambda: xyxy_to_cxcywh(np.clip(cxcywh_to_xyxy(right), 0, 1))),
        Cause("the centers are pixels: divide them by SIZE, too.", lambda: right * (SIZE, SIZE, 1, 1)),
        Cause("the sizes are pixels: divide them by SIZE, too.", lambda: right * (1, 1, SIZE, SIZE)),
        Cause("scale and next scale are exchanged.", lambda: _scales_exchanged()),
    )  # fmt: skip
    return [Case("default_boxes()", calling("default_boxes"), right, ROWS, causes, 1e-6)]


def _scales_exchanged():
    maps = (replace(f, scale_px=f.next_scale_px, next_scale_px=f.scale_px) for f in CONFIG.feature_maps)
    return library_boxes(replace(CONFIG, feature_maps=tuple(maps)))


def _by_map(boxes):
    counts = [f.size**2 * f.boxes_per_cell for f in CONFIG.feature_maps]
    return np.split(boxes, np.cumsum(counts)[:-1])


def _joined(maps):
    return np.concatenate([m.reshape(-1, 4) for m in maps])


@cache
def target_cases():
    """Return the cases of encode_box for many boxes, and of targets."""
    defaults, (_, boxes, labels) = scene.defaults(), scene.samples()[0]
    owner = match(boxes, defaults)  # (K,)
    positive = owner >= 0
    chosen, theirs = boxes[owner[positive]], defaults[positive]
    loc, conf = _targets(owner, boxes, labels)
    units = np.array([0.1, 0.1, 0.2, 0.2])
    causes = (
        Cause("the variances are missing: the center is divided by 0.1, the logarithm by 0.2.",
              lambda: (loc * units, conf)),
        Cause("this is the number of the object. Its class is labels[owner].",
              lambda: (loc, np.where(positive, owner + 1, 0))),
        Cause("0 is background, so that labels begin at 1. Yours are one too low.",
              lambda: (loc, np.maximum(conf - 1, 0))),
        Cause("each object has one default box and no more: the threshold is missing.",
              lambda: _targets(match(boxes, defaults, iou_threshold=2), boxes, labels)),
        Cause("only the threshold matches. Each object also gets a default box of its own.",
              lambda: _targets(match(boxes, defaults, rule="threshold"), boxes, labels)),
        Cause("the default boxes go into iou_matrix as centers and sizes. It takes corners.",
              lambda: _targets(_misread(boxes, defaults), boxes, labels)),
        Cause("the default boxes' corners are too far apart: a corner is half a width from the center.",
              lambda: _targets(match(boxes, defaults * (1, 1, 2, 2)), boxes, labels)),
        Cause("the default boxes go into encode_box as corners. It takes center and size.",
              lambda: (_encoded_from_corners(owner, boxes), conf)),
        Cause("background is 0, not -1.", lambda: (loc, np.where(positive, conf, -1))),
        *(Cause("the threshold of the matching is not 0.5.",
                lambda threshold=threshold: _targets(match(boxes, defaults, iou_threshold=threshold), boxes, labels))
          for threshold in (0.3, 0.4, 0.6, 0.7)),
    )  # fmt: skip
    return [
        Case("encode_box(boxes.T, default_boxes.T)", calling("encode_box", chosen.T, theirs.T),
             encode(chosen, theirs).T, ("value", "column")),
        Case("targets(boxes, labels, defaults)", calling("targets", boxes, labels, defaults),
             (loc, conf), ROWS, causes),
        Case("targets(boxes[:0], labels[:0], defaults): an image without objects is background everywhere",
             calling("targets", boxes[:0], labels[:0], defaults), (0 * loc, 0 * conf), ROWS),
    ]  # fmt: skip


def _targets(owner, boxes, labels):
    """Return loc (K, 4) and conf (K,) where default box k belongs to object owner[k]."""
    loc, conf, positive = np.zeros((len(owner), 4)), np.zeros(len(owner), int), owner >= 0
    loc[positive] = encode(boxes[owner[positive]], scene.defaults()[positive])
    conf[positive] = labels[owner[positive]]
    return loc, conf


def _encoded_from_corners(owner, boxes):
    loc, positive = np.zeros((len(owner), 4)), owner >= 0
    corners = cxcywh_to_xyxy(scene.defaults()[positive])
    loc[positive] = EXERCISES["encode_box"].answer(boxes[owner[positive]].T, corners.T).T
    return loc


def _misread(boxes, defaults):
    overlaps = EXERCISES["iou_matrix"].answer(boxes, defaults)
    return EXERCISES["match_boxes"].answer(overlaps, 0.5)


STAGES = (
    Stage("IoU", ("iou_matrix",), (), lambda: []),
    Stage("default boxes", ("count_boxes", "box_shapes", "cell_centers"), ("default_boxes",), default_box_cases),
    Stage("matching and encoding", ("match_boxes", "labels_of", "encode_box"), ("targets",), target_cases, ("IoU",)),
)
