"""Proposals: the best boxes of the first stage, which the second stages at one by one (Faster R-CNN, section 3.3).

They are constants for training: no gradient goes through them (section 3.2, "approximate joint training").
"""

import numpy as np

from numpyssd.boxes import as_boxes
from numpyssd.drawing import draw_boxes, draw_image
from numpyssd.inference.nms import nms
from numpyssd.model.box_coding import decode
from numpyssd.rivals.faster_rcnn.config import RPN_VARIANCES


def decoded_anchors(offsets, anchors, size_limit=None):
    """Return where the first stage has moved its anchors: (K, 4) xyxy in units of the image, clipped to it."""
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is dropped in ``proposals``
        return np.clip(decode(offsets, anchors, size_limit, RPN_VARIANCES), 0, 1)


def proposals(
    scores, offsets, anchors, candidates=6000, keep=300, nms_threshold=0.7, min_side=16 / 600, size_limit=None
):
    """Return the proposals of one image, (P, 4) xyxy in [0, 1], best first, and which anchor each is of, (P,) int64.

    - scores: (K,) of "object"; offsets: (K, 4); anchors: (K, 4) cxcywh in units of the image;
    - min_side: a box with a smaller side is dropped. At 16 px small objects are lost: 15 % of BCCD's platelets have a
      side below 16;
    - candidates: so many of the best boxes go to NMS; keep: so many of those that it leaves are the proposals. There
      are fewer if fewer are left;
    - size_limit: see ``decode``; the released code has none.

    Equal scores: the lower anchor first. (Sorted by ``argsort()[::-1]``, as released, the higher comes first.) A box
    that is not finite is dropped. Released code: proposal_layer.py.
    """
    offsets, anchors, scores = as_boxes(offsets, "offsets"), as_boxes(anchors, "anchors"), np.asarray(scores)
    boxes = decoded_anchors(offsets, anchors, size_limit)  # (K, 4)
    sides = boxes[:, 2:] - boxes[:, :2]  # (K, 2)
    usable = np.isfinite(offsets).all(axis=1) & ~np.isnan(scores) & (sides >= min_side).all(axis=1)  # (K,)
    rows = np.flatnonzero(usable)
    best = nms(boxes[rows], scores[rows], nms_threshold, candidates, keep)
    return boxes[rows[best]], rows[best]


# ---------------------------------------------------------------------------------------------------------------------


def draw_proposals(ax, image, boxes, scores, shown=100, title=""):
    """Draw the best ``shown`` boxes (P, 4) xyxy in [0, 1], colored by their score, the best on top."""
    import matplotlib
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    colors = ScalarMappable(Normalize(0, 1), matplotlib.colormaps["plasma_r"])
    order = np.argsort(-scores, kind="stable")[:shown]
    for i in order[::-1]:
        draw_boxes(ax, boxes[[i]] * len(image), "prediction", linewidth=1.1, edgecolor=colors.to_rgba(scores[i]))
    ax.figure.colorbar(colors, ax=ax, label="score of “object”", shrink=0.8)
    ax.set_title(title or f"the best {len(order)} of {len(boxes)} boxes", fontsize=10)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("two_stages.proposals")
