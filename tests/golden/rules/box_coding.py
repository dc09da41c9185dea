"""Box coding (paper, equation 2; Caffe: EncodeBBox and DecodeBBox in bbox_util.cpp, CENTER_SIZE)."""

from tests.golden.rules.boxes import to_cxcywh, to_xyxy
from tests.golden.rules.exact import exp, log

VARIANCES = (0.1, 0.1, 0.2, 0.2)  # the targets are divided by them


def encode(box, default_box):
    """Return the offsets (dx, dy, dw, dh) from a default box (cxcywh) to a box (xyxy)."""
    g, d = to_cxcywh(box), default_box
    offsets = [(g[0] - d[0]) / d[2], (g[1] - d[1]) / d[3], log(g[2] / d[2]), log(g[3] / d[3])]
    return [offset / variance for offset, variance in zip(offsets, VARIANCES)]


def decode(offsets, default_box):
    """Return the box (xyxy) to which the offsets lead; not clipped, and the exponential is not limited."""
    dx, dy, dw, dh = (offset * variance for offset, variance in zip(offsets, VARIANCES))
    cx, cy, w, h = default_box
    return to_xyxy([cx + dx * w, cy + dy * h, w * exp(dw), h * exp(dh)])
