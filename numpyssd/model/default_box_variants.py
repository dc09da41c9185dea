"""Where implementations differ in the default boxes: three fields of a Config, each with Caffe's rule as its default.

| field        | value     | who                                                 | effect                             |
| ------------ | --------- | --------------------------------------------------- | ---------------------------------- |
| whole_pixels | True      | Caffe, mmdetection                                  | scales are cut to whole pixels     |
|              | False     | all other ports                                     | none at 300 px; at 512 px a small  |
|              |           |                                                     | one to nearly every box (IoU 0.954 |
|              |           |                                                     | or more)                           |
| center_rule  | "step"    | Caffe, amdegroot, torchvision                       | centers at (i + 0.5) * step        |
|              | "cell"    | the paper, balancap, TensorFlow's object detection, | (i + 0.5) / size of the image; up  |
|              |           | D2L, sgrvinod                                       | to 19 px away on SSD300's 10 x 10  |
|              |           |                                                     | map, at 512 px nowhere             |
| clip_mode    | "none"    | Caffe's released models, ChainerCV, mmdetection     | boxes may reach beyond the image   |
|              | "corners" | Caffe's own switch `clip`                           | corners move to the image's edge   |
|              | "cxcywh"  | amdegroot, lufficc, qfgaohao, NVIDIA                | each of the four numbers is cut to |
|              |           |                                                     | [0, 1]: centers move, and boxes    |
|              |           |                                                     | still reach beyond the image       |
|              | "size"    | torchvision                                         | only width and height are cut      |

Weights trained with one rule need the same rule for detection. How far each rule moves the boxes:
``python -m numpyssd.model.default_boxes --compare``.
"""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, xyxy_to_cxcywh

CENTER_RULES = ("step", "cell")
CLIP_MODES = ("none", "corners", "cxcywh", "size")


def cell_step(feature_map, image_size, rule="step"):
    """Return the distance between the centers of neighboring cells in pixels.

    "step": the feature map's own step. "cell": the image's side over the number of cells. Raises ValueError for another
    rule. They differ where step times size is not the image's side.
    """
    _check("center_rule", rule, CENTER_RULES)
    return feature_map.step if rule == "step" else image_size / feature_map.size


def clip(boxes, mode="none"):
    """Return boxes (K, 4) cxcywh in [0, 1] clipped to the image by one of CLIP_MODES; see the table above."""
    _check("clip_mode", mode, CLIP_MODES)
    if mode == "corners":
        return xyxy_to_cxcywh(np.clip(cxcywh_to_xyxy(boxes), 0, 1))
    if mode == "cxcywh":
        return np.clip(boxes, 0, 1)
    if mode == "size":
        return np.concatenate([boxes[:, :2], np.minimum(boxes[:, 2:], 1)], axis=1)  # (K, 4)
    return boxes


def _check(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, not {value!r}")
