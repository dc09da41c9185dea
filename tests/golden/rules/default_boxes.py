"""Default boxes (paper, section 2.2, "Choosing scales and aspect ratios"; Caffe: prior_box_layer.cpp)."""

import math

from tests.golden.rules.boxes import to_cxcywh, to_xyxy


def default_boxes(image_size, maps, whole_pixels=True, centre_rule="step", clip_mode="none"):
    """Return all default boxes, cxcywh in units of the image's side: map by map, row, column, box in the cell."""
    found = []
    for m in maps:
        step = m["step"] if centre_rule == "step" else image_size / m["size"]  # Caffe's, or the paper's |f_k|
        for row in range(m["size"]):
            for column in range(m["size"]):
                for width, height in cell(m, whole_pixels):
                    box = [(column + 0.5) * step, (row + 0.5) * step, width, height]
                    found.append(clip([value / image_size for value in box], clip_mode))
    return found


def cell(m, whole_pixels=True):
    """Return the (width, height) in pixels of the boxes of one cell, in their order."""
    scale, next_scale = m["scale_px"], m["next_scale_px"]
    if whole_pixels:  # Caffe keeps both in an int: int min_size_ = min_sizes_[s]
        scale, next_scale = int(scale), int(next_scale)
    sizes = [(scale, scale)]  # the small square
    sizes.append((math.sqrt(scale * next_scale),) * 2)  # the large square, s'_k = sqrt(s_k s_k+1)
    for ratio in m["aspect_ratios"]:
        sizes.append((scale * math.sqrt(ratio), scale / math.sqrt(ratio)))  # wide
        sizes.append((scale / math.sqrt(ratio), scale * math.sqrt(ratio)))  # tall
    return sizes


def clip(box, mode):
    """Return a cxcywh box under one of four rules, all but the first called "clip" by somebody."""
    if mode == "corners":  # Caffe's switch, off in the released models
        return to_cxcywh([min(max(value, 0.0), 1.0) for value in to_xyxy(box)])
    if mode == "cxcywh":
        return [min(max(value, 0.0), 1.0) for value in box]
    if mode == "size":  # torchvision's
        return [box[0], box[1], min(box[2], 1.0), min(box[3], 1.0)]
    return box
