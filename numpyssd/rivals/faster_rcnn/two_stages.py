"""What happens on the way from an image to its detections, step by step, to look at."""

from typing import NamedTuple

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.drawing import draw_boxes, draw_image
from numpyssd.inference.suppression import best_detections
from numpyssd.rivals.faster_rcnn.detector import FasterRCNNDetector, moved
from numpyssd.rivals.faster_rcnn.proposals import decoded_anchors, draw_proposals
from numpyssd.softmax import softmax


class TwoStages(NamedTuple):
    """What both stages have found in one image; K anchors, P proposals, C classes; boxes xyxy in [0, 1]."""

    scores: np.ndarray  # (K,) of "object"
    boxes: np.ndarray  # (K, 4) where the first stage has moved its anchors
    rows: np.ndarray  # (P,) the anchor of each proposal, best first
    class_boxes: np.ndarray  # (P, C, 4) where the second stage has moved the proposals, for each class
    class_scores: np.ndarray  # (P, C)

    @property
    def proposals(self):
        """The boxes that the second stage was given, (P, 4)."""
        return self.boxes[self.rows]


def both_stages(detector: FasterRCNNDetector, batch) -> TwoStages:
    """Return what a detector finds in one image, (1, S, S, 3) as the network wants it."""
    model = detector.model
    features = model.infer_features(batch)
    (logits,), (offsets,) = model.rpn.infer(features)
    boxes, rows = model.propose_explained(logits, offsets, model.config.proposals)
    conf, loc = model.infer_regions(features, boxes, np.zeros(len(boxes), np.int64))
    limit = model.config.size_limit
    everywhere = decoded_anchors(offsets, model.anchors, limit)
    return TwoStages(softmax(logits)[:, 1], everywhere, rows, moved(boxes, loc, limit), softmax(conf))


# ---------------------------------------------------------------------------------------------------------------------


def draw_two_stages(axes, image, gt_boxes, found: TwoStages, anchors, positive, class_names, score_threshold=0.5):
    """Draw on four axes: the positive anchors, the best moved ones, the proposals, and the detections.

    image: (S, S, 3); gt_boxes: (M, 4) in pixels; anchors: (K, 4) cxcywh in units of the image; positive: (K,) which of
    them were trained to find an object.
    """
    side = len(image)
    draw_image(axes[0], 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    draw_boxes(axes[0], cxcywh_to_xyxy(anchors[positive]) * side, "positive")
    draw_boxes(axes[0], gt_boxes, "ground truth")
    axes[0].set_title(f"{positive.sum()} of {len(anchors)} anchors are positive", fontsize=10)
    draw_proposals(axes[1], image, found.boxes, found.scores, title="first stage: the best 100 moved anchors")
    scores = found.scores[found.rows]
    left = f"after NMS: the best 100 of {len(scores)} proposals"
    draw_proposals(axes[2], image, found.proposals, scores, title=left)
    draw_detections(axes[3], image, found, class_names, score_threshold)


def draw_detections(ax, image, found: TwoStages, class_names, score_threshold=0.5):
    """Draw on the image (S, S, 3) what the second stage leaves; score_threshold: a number, or one for each label."""
    boxes, labels, scores = best_detections(found.class_boxes, found.class_scores, score_threshold)
    draw_image(ax, 255 - (255 - image) // 3)
    texts = [f"{class_names[label - 1]} {score:.2f}" for label, score in zip(labels, scores)]
    draw_boxes(ax, boxes * len(image), "prediction", texts)
    ax.set_title(f"second stage, and NMS for each class: {len(boxes)} detections", fontsize=10)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("two_stages.two_stages")
