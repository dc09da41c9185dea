"""The figure of ``detect --explain`` for Faster R-CNN: what the first stage finds, what NMS leaves, the second."""

from numpyssd.drawing import new_figure
from numpyssd.images.preprocess import preprocess
from numpyssd.images.resize import resize_for_test
from numpyssd.rivals.faster_rcnn.proposals import draw_proposals
from numpyssd.rivals.faster_rcnn.two_stages import both_stages, draw_detections

SIDE = 300  # pixels of the drawn image
SHOWN = 100  # boxes in a panel


def explain(detector, image, score_threshold=0.5):
    """Return a figure of both stages for an image (H, W, 3) uint8, which is warped to a square as the network sees it.

    score_threshold: of the detections that are drawn; a number, or one for each label.
    """
    config = detector.model.config
    found = both_stages(detector, preprocess(image, config))
    drawn = resize_for_test(image, max(SIDE, config.image_size))
    figure, axes = new_figure(1, 3, (15, 5.2))
    title = f"first stage: the best {min(SHOWN, len(found.boxes))} of {len(found.boxes)} moved anchors"
    draw_proposals(axes[0], drawn, found.boxes, found.scores, SHOWN, title)
    title = f"after NMS: {len(found.rows)} proposals, the best {min(SHOWN, len(found.rows))} of them"
    draw_proposals(axes[1], drawn, found.proposals, found.scores[found.rows], SHOWN, title)
    draw_detections(axes[2], drawn, found, detector.model.class_names, score_threshold)
    return figure
