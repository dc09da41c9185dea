"""The best IoU of each object with the default boxes, without comparing every pair: fast enough to search with."""

from dataclasses import replace

import numpy as np

from numpyssd.config import Config, FeatureMap
from numpyssd.console import printable
from numpyssd.datasets.analysis.coverage import Objects
from numpyssd.model.default_boxes import default_boxes

NEAREST = 5  # cells in each direction


def best_ious_of_map(boxes, row: FeatureMap, config: Config, iou_threshold: float = 0.5):
    """Return each object's best IoU with the boxes of one feature map (M,), and how many of them reach the threshold.

    boxes (M, 4) xyxy in [0, 1]; row: one of config.feature_maps. Only the NEAREST cells of each object in both
    directions are looked at: M x 25 x B pairs of the M x rows x columns x B. The best IoU is exact all the same,
    because of one shape the box in the nearest cell overlaps an object most; the count may fall short of a large one.
    """
    grid = default_boxes(replace(config, feature_maps=(row,))).reshape(row.size, row.size, row.boxes_per_cell, 4)
    centers, shapes = grid[0, :, 0, 0], grid[0, 0, :, 2:]  # (columns,), (B, 2)
    sides, middles = boxes[:, 2:] - boxes[:, :2], (boxes[:, :2] + boxes[:, 2:]) / 2  # (M, 2) each
    away = np.sort(np.abs(middles[:, :, None] - centers), axis=2)[:, None, :, :NEAREST]  # (M, 1, 2, cells)
    own, other = sides[:, None, :, None] / 2, shapes[:, :, None] / 2  # (M, 1, 2, 1), (B, 2, 1)
    along = (np.minimum(own, away + other) - np.maximum(-own, away - other)).clip(0)  # (M, B, 2, cells)
    overlap = along[:, :, 0, :, None] * along[:, :, 1, None, :]  # (M, B, cells, cells)
    union = (sides.prod(axis=1)[:, None] + shapes.prod(axis=1))[:, :, None, None] - overlap
    found = overlap / union  # (M, B, cells, cells)
    return found.max(axis=(1, 2, 3)), (found >= iou_threshold).sum(axis=(1, 2, 3))


def best_ious(boxes, config: Config):
    """Return the same of all feature maps together: the best IoU of each object (M,), and how many boxes reach 0.5."""
    best, count = np.zeros(len(boxes)), np.zeros(len(boxes), np.int64)
    for row in config.feature_maps:
        its_best, its_count = best_ious_of_map(boxes, row, config)
        best, count = np.maximum(best, its_best), count + its_count
    return best, count


def coverage_table(names: tuple[str, ...], objects: Objects, before: Config, after: Config) -> str:
    """Return a table of how well the default boxes of two configs cover the objects of each class."""
    found = [best_ious(objects.boxes, config) for config in (before, after)]
    lines = [f"{'default boxes fitted':<20}    covered, percent     mean best IoU    boxes an object"]
    for label in np.unique(objects.labels):
        mine = objects.labels == label
        cells = [(100 * (best[mine] >= 0.5).mean(), best[mine].mean(), count[mine].mean()) for best, count in found]
        pairs = [f"{a:5.{d}f} → {b:5.{d}f}" for d, a, b in zip((1, 2, 1), *cells)]
        lines.append(f"{printable(names[label - 1]):<20.20}     {'     '.join(pairs)}")
    rows = [f"{row.name} {row.scale_px:g} {row.aspect_ratios}".replace(",)", ")") for row in after.feature_maps]
    return "\n".join([*lines, f"scales in px, and ratios: {'; '.join(rows)}"])
