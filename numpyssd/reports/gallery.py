"""A figure of held-out images: detections orange, ground truth green."""

from numpyssd.drawing import draw_boxes, draw_image


def draw_gallery(axes, detector, scenes, score_threshold=0.5):
    """Draw one scene (image, boxes, labels, difficult) of the built-in set on each axes, with the detections."""
    class_names = detector.model.class_names
    found = detector.detect([scene[0] for scene in scenes])
    for ax, (image, truth, _, _), (boxes, labels, scores) in zip(axes, scenes, found):
        draw_image(ax, image)
        draw_boxes(ax, truth, "ground truth", linewidth=3.2)
        shown = scores >= score_threshold
        texts = [f"{class_names[n - 1]} {s:.2f}" for n, s in zip(labels[shown], scores[shown])]
        draw_boxes(ax, boxes[shown], "prediction", texts, linewidth=1.6)
