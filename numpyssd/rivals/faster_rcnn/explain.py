"""The figure of ``detect --explain`` for Faster R-CNN: what the first look finds, what NMS leaves, the second look."""

import numpy as np

from numpyssd.drawing import draw_boxes, draw_image, new_figure
from numpyssd.images.preprocess import preprocess
from numpyssd.images.resize import resize_for_test
from numpyssd.rivals.faster_rcnn.proposals import decoded_anchors, draw_proposals
from numpyssd.softmax import softmax

SIDE = 300  # pixels of the drawn image
SHOWN = 100  # boxes in a panel


def explain(detector, image, score_threshold=0.5):
    """Return a figure of both looks at an image (H, W, 3) uint8, which is warped to a square as the network sees it.

    score_threshold: of the detections that are drawn; a number, or one for each label.
    """
    model, config = detector.model, detector.model.config
    features = model.infer_features(preprocess(image, config))
    logits, offsets = (array[0] for array in model.rpn.infer(features))  # (K, 2), (K, 4)
    scores = softmax(logits)[:, 1]  # (K,)
    boxes = decoded_anchors(offsets, model.anchors, config.size_limit)  # (K, 4)
    kept, rows = model.propose_explained(logits, offsets, config.proposals)  # (P, 4), (P,)
    drawn = resize_for_test(image, max(SIDE, config.image_size))
    found, labels, certain = next(detector.detect([drawn], batch_size=1, score_threshold=score_threshold))
    figure, axes = new_figure(1, 3, (15, 5.2))
    best = np.argsort(-scores, kind="stable")[:SHOWN]
    title = f"first look: the best {len(best)} of {len(boxes)} moved anchors"
    draw_proposals(axes[0], drawn, boxes[best], scores[best], SHOWN, title)
    title = f"after NMS: {len(kept)} proposals, the best {min(SHOWN, len(kept))} of them"
    draw_proposals(axes[1], drawn, kept, scores[rows], SHOWN, title)
    draw_image(axes[2], 255 - (255 - drawn) // 2)
    names = model.class_names
    texts = [f"{names[label - 1]} {score:.2f}" for label, score in zip(labels, certain)]
    draw_boxes(axes[2], found, "prediction", texts)
    axes[2].set_title(f"second look: {len(found)} detections", fontsize=10)
    return figure
