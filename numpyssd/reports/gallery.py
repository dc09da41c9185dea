"""A figure of held-out images: detections orange, ground truth green."""

from numpyssd.drawing import draw_boxes, draw_image
from numpyssd.inference.detect import detect


def draw_gallery(axes, model, scenes, score_threshold=0.5):
    """Draw one scene (image, boxes, labels, difficult) of the built-in set on each axes, with the detections."""
    found = detect(model, [scene[0] for scene in scenes])
    for ax, (image, truth, _, _), (boxes, labels, scores) in zip(axes, scenes, found):
        draw_image(ax, image)
        draw_boxes(ax, truth, "ground truth", linewidth=3.2)
        shown = scores >= score_threshold
        texts = [f"{model.class_names[n - 1]} {s:.2f}" for n, s in zip(labels[shown], scores[shown])]
        draw_boxes(ax, boxes[shown], "prediction", texts, linewidth=1.6)
