"""Matching: which default boxes are assigned to which object, and what the network should predict for them.

Paper: section 2.2, "Matching strategy". The first step is bipartite as in Caffe (MatchBBox in bbox_util.cpp): it
gives every object a default box of its own, even a small one that no default box covers well. The second gives it
all the others that overlap it enough. What other implementations do: matching_variants.py.
"""

import numpy as np

from numpyssd.boxes import area, as_boxes, cxcywh_to_xyxy, iou
from numpyssd.drawing import draw_boxes, draw_image
from numpyssd.model.box_coding import encode
from numpyssd.training.matching_variants import check_rule, own_by_another_rule

MIN_IOU = 1e-6  # Caffe's: two boxes of no larger IoU merely touch, and never match


def match(gt_boxes, default_boxes, iou_threshold=0.5, rule="bipartite"):
    """Return for each default box the index of its object or -1, (K,) int64.

    gt_boxes: (M, 4) xyxy, default_boxes: (K, 4) cxcywh, same unit.

    - Own: every object gets a default box of its own (``bipartite``), unless it overlaps no free one.
    - Threshold: every other default box is assigned to the object with which its IoU is largest (ties: the lowest m),
      if this IoU is at least iou_threshold.
    - Objects without area match nothing.

    rule: how objects get a default box of their own; see matching_variants. Raises ValueError for other shapes or
    another rule. Paper: section 2.2.
    """
    check_rule(rule)
    default_boxes = as_boxes(default_boxes, "default_boxes")
    overlaps = iou(as_boxes(gt_boxes, "gt_boxes"), cxcywh_to_xyxy(default_boxes))  # (M, K)
    matched = np.full(len(default_boxes), -1, dtype=np.int64)  # (K,)
    if overlaps.size == 0:
        return matched
    best_iou = overlaps.max(axis=0)  # (K,)
    enough = (best_iou >= iou_threshold) & (best_iou > MIN_IOU)
    matched[enough] = overlaps[:, enough].argmax(axis=0)

    # An object's own default box is written last, because it takes precedence over the threshold.
    own = bipartite(overlaps) if rule == "bipartite" else own_by_another_rule(rule, overlaps, area(gt_boxes))  # (M,)
    for m in np.flatnonzero(own >= 0):
        matched[own[m]] = m
    return matched


def bipartite(overlaps):
    """Return the index of each object's own default box, or -1: (M,) int64, from the IoUs (M, K).

    Greedy over all pairs: the pair of object and default box with the largest IoU is made first, then the largest of
    what is left. Two objects with the same best default box get one each: the object with the smaller IoU gets its next
    best. In many ports only the last object gets one.
    """
    own = np.full(len(overlaps), -1)  # (M,)
    left = overlaps.copy()  # (M, K)
    while left.size and left.max() > MIN_IOU:
        # Ties: argmax takes the lowest object, then the lowest default box. Caffe looks at default boxes first; both
        # orders end in the same pairs.
        m, k = np.unravel_index(left.argmax(), left.shape)
        own[m] = k
        left[m, :] = left[:, k] = 0  # the object is served, the default box taken
    return own


def targets(gt_boxes, gt_labels, default_boxes, iou_threshold=0.5, rule="bipartite"):
    """Return what the network should predict for one image: loc_targets (K, 4) and conf_targets (K,) int64.

    gt_boxes: (M, 4) xyxy, gt_labels: (M,) from 1 on, default_boxes: (K, 4) cxcywh, same unit as gt_boxes. A default
    box without an object is background: conf 0, loc 0. Raises ValueError for other shapes or a label below 1.
    """
    gt_labels = np.asarray(gt_labels)
    if gt_labels.shape != (len(gt_boxes),):
        raise ValueError(f"gt_labels must have the shape ({len(gt_boxes)},) of gt_boxes, but has {gt_labels.shape}")
    if (gt_labels < 1).any():
        raise ValueError(f"gt_labels must be 1 or more, because 0 is background, but hold {gt_labels.min()}")
    matched = match(gt_boxes, default_boxes, iou_threshold, rule)
    positives = np.flatnonzero(matched >= 0)  # (P,) indices of default boxes
    objects = matched[positives]  # (P,) indices of objects

    default_boxes = as_boxes(default_boxes)
    loc_targets = np.zeros_like(default_boxes)  # (K, 4)
    loc_targets[positives] = encode(as_boxes(gt_boxes)[objects], default_boxes[positives])
    conf_targets = np.zeros(len(default_boxes), dtype=np.int64)  # (K,)
    conf_targets[positives] = gt_labels[objects]
    return loc_targets, conf_targets


# ---------------------------------------------------------------------------------------------------------------------


def draw_matching(ax, image, gt_boxes, default_boxes, m, iou_threshold=0.5):
    """Draw object m and the default boxes matched to it, colored by IoU.

    gt_boxes (M, 4) are xyxy in pixels, default_boxes (K, 4) cxcywh in units of the image (S, S, 3).
    """
    import matplotlib
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    size = len(image)
    matched = np.flatnonzero(match(gt_boxes / size, default_boxes, iou_threshold) == m)
    candidates = cxcywh_to_xyxy(default_boxes)
    overlaps = iou(gt_boxes / size, candidates)
    draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    blues = matplotlib.colors.ListedColormap(matplotlib.colormaps["Blues"](np.linspace(0.45, 1, 128)))
    colors = ScalarMappable(Normalize(0.4, 0.9), blues)
    for k in sorted(matched, key=lambda k: overlaps[m, k]):
        draw_boxes(ax, candidates[[k]] * size, "positive", edgecolor=colors.to_rgba(overlaps[m, k]))
    draw_boxes(ax, gt_boxes[[m]], "ground truth", linewidth=3)
    own = bipartite(overlaps)[m]
    if own >= 0:
        label = [f"its own: IoU {overlaps[m, own]:.2f}"]
        draw_boxes(ax, candidates[[own]] * size, "positive", label, linestyle="-", linewidth=3, edgecolor="black")
    ax.figure.colorbar(colors, ax=ax, label="IoU", shrink=0.8)
    ax.set_title(f"object {m}: {len(matched)} default boxes, one of them its own", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("training.matching")
