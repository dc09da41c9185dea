"""How far other implementations' rules move the default boxes, in numbers. The figure: default_box_rules.py.

Every row replaces one rule of the preset, which is Caffe's, or all those in which another project differs, and compares
box by box (model/default_box_variants.py).
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.config import Config
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.scales import paper_scales

MOVED = 1e-3  # pixels: a smaller difference is rounding


class Difference(NamedTuple):
    """What another rule does to K default boxes."""

    moved: np.ndarray  # (K,) bool
    center: np.ndarray  # (K,) how far a center moves along x or y, in pixels
    side: np.ndarray  # (K,) how much a width or height changes, in pixels
    iou: np.ndarray  # (K,) of the box under one rule with the same box under the other


def rules(config: Config) -> dict[str, Config]:
    """Return the configs to compare a config with: a dictionary from what is different in them to the config."""
    first, second = (row.scale_px / config.image_size for row in config.feature_maps[:2])
    papers = paper_scales(config, smallest=second, first=first)
    fractions = replace(config, whole_pixels=False)
    return {
        "the paper's scales": papers,
        "centers by cell": replace(config, center_rule="cell"),
        "fractions of pixels": fractions,
        "clip corners": replace(config, clip_mode="corners"),
        "clip cxcywh": replace(config, clip_mode="cxcywh"),
        "clip size": replace(config, clip_mode="size"),
        "as the paper": replace(papers, center_rule="cell", whole_pixels=False),
        "as amdegroot": replace(fractions, clip_mode="cxcywh"),
        "as torchvision": replace(fractions, clip_mode="size"),
    }


def difference(config: Config, other: Config) -> Difference:
    """Return the Difference between the default boxes of two configs of the same graph."""
    a, b = (default_boxes(c).astype(np.float64) * c.image_size for c in (config, other))  # (K, 4) each
    gap = np.abs(a - b)  # (K, 4)
    return Difference(gap.max(axis=1) > MOVED, gap[:, :2].max(axis=1), gap[:, 2:].max(axis=1), row_iou(a, b))


def row_iou(a, b):
    """Return the IoU (K,) of each box of a (K, 4) cxcywh with the box in the same row of b."""
    corners_a, corners_b = cxcywh_to_xyxy(a), cxcywh_to_xyxy(b)
    low, high = np.maximum(corners_a[:, :2], corners_b[:, :2]), np.minimum(corners_a[:, 2:], corners_b[:, 2:])
    shared = np.maximum(high - low, 0).prod(axis=1)  # (K,)
    return shared / (a[:, 2:].prod(axis=1) + b[:, 2:].prod(axis=1) - shared)


def difference_table(config: Config) -> str:
    """Return the comparison as text, a line for each rule."""
    line = "{:<20}{:>14}{:>14}{:>13}{:>10}{:>9}"
    lines = [line.format("rule", "boxes moved", "center by px", "side by px", "mean IoU", "min IoU")]
    for name, other in rules(config).items():
        d = difference(config, other)
        numbers = f"{d.center.max():.1f}", f"{d.side.max():.1f}", f"{d.iou.mean():.3f}", f"{d.iou.min():.3f}"
        lines.append(line.format(name, f"{d.moved.sum()}", *numbers))
    lines.append(f"of {len(default_boxes(config))} default boxes of {config.name}, against Caffe's rules")
    return "\n".join(lines)
