"""The figures of inference and of the metrics. See drawing.run_figure."""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import SSD300
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset, example
from numpyssd.drawing import figure_command
from numpyssd.inference.average_precision import average_precision, draw_average_precision
from numpyssd.inference.coco_metrics import coco_metrics, draw_coco_metrics
from numpyssd.inference.detection_matching import draw_matches, match_detections
from numpyssd.inference.error_costs import draw_error_costs, error_costs
from numpyssd.inference.error_split import draw_error_split, error_split
from numpyssd.inference.evaluation.best_scores import best_scores, draw_best_score
from numpyssd.inference.evaluation.bootstrap import bootstrap, draw_bootstrap
from numpyssd.inference.evaluation.confusion import confusion, draw_confusion
from numpyssd.inference.nms import draw_nms
from numpyssd.inference.postprocess import draw_postprocess, postprocess_explained
from numpyssd.model.box_coding import encode
from numpyssd.model.default_boxes import default_boxes as make_default_boxes
from numpyssd.pictures.simulated_detector import simulate_detector


def nms_figure():
    """Draw the figure of inference/nms.py."""

    def draw(axes):
        """Move each box of the built-in example a little, four times, as neighboring default boxes do."""
        image, boxes, _, _ = example()
        rng = np.random.default_rng(4)
        sides = np.tile(boxes[:, 2:] - boxes[:, :2], 2)  # (M, 4)
        shaken = np.concatenate([boxes + sides * rng.normal(0, 0.08, boxes.shape) for _ in range(4)])  # (4 M, 4)
        shaken = shaken.clip(0, len(image))
        draw_nms(axes, image, shaken, rng.uniform(0.3, 0.99, len(shaken)))

    figure_command("nms", draw, columns=2, size=(11, 6.3))


def postprocess_figure():
    """Draw the figure of inference/postprocess.py."""

    def draw(axes):
        """Simulate a network: scores rise with the overlap of default box and object; offsets are noisy."""
        image, boxes, labels, names = example(SSD300.image_size)
        rng, defaults = np.random.default_rng(0), make_default_boxes(SSD300)
        overlaps = iou(boxes / SSD300.image_size, cxcywh_to_xyxy(defaults))  # (M, K)
        nearest = overlaps.argmax(axis=0)  # (K,)
        wanted = boxes[nearest] / SSD300.image_size  # (K, 4)
        sides = np.tile(wanted[:, 2:] - wanted[:, :2], 2)  # (K, 4)
        loc = encode(wanted + sides * rng.normal(0, 0.03, wanted.shape), defaults)
        conf = np.zeros((len(defaults), len(names) + 1))  # (K, C)
        sureness = 20 * (overlaps.max(axis=0) - 0.45) + rng.normal(0, 1, len(defaults))
        conf[np.arange(len(defaults)), labels[nearest]] = sureness
        draw_postprocess(axes, image, postprocess_explained(loc, conf, defaults), defaults, names)

    figure_command("postprocess", draw, columns=2, size=(11, 5.8))


def average_precision_figure():
    """Draw the figure of inference/average_precision.py."""

    def draw(ax):
        """Match a simulated detector that moves the true boxes a little, and adds as many where nothing is."""
        rng, truth, found = np.random.default_rng(3), [], []
        for _, boxes, labels, difficult in (ShapesDataset(40)[i] for i in range(40)):
            noise = rng.normal(0, 0.16, (len(boxes), 4))
            shaken = boxes + np.tile(boxes[:, 2:] - boxes[:, :2], 2) * noise
            scores = np.r_[1 - 3 * np.abs(noise).mean(axis=1), rng.uniform(0.1, 0.75, len(boxes))].clip(0.01, 0.99)
            found.append((np.r_[shaken, boxes[:, [1, 0, 3, 2]]], np.r_[labels, labels], scores))
            truth.append((boxes, labels, difficult))
        draw_average_precision(ax, average_precision(found, truth, "voc", class_names=CLASS_NAMES), CLASS_NAMES[0])

    figure_command("average_precision", draw, size=(7.5, 5.5))


def detection_matching_figure():
    """Draw the figure of inference/detection_matching.py."""

    def draw(ax):
        """Match the box of each object, moved a little and the first one twice, as if all were of one class."""
        image, objects, *_ = example()
        boxes = np.concatenate([objects[:-1] + 8, objects[:1]])
        scores, labels = np.linspace(0.9, 0.5, len(boxes)), np.ones(len(boxes), int)
        truth = objects, np.ones(len(objects), int), np.zeros(len(objects), bool)
        draw_matches(ax, image, boxes, scores, match_detections(boxes, labels, scores, *truth, (0.5,))[0], objects)

    figure_command("detection_matching", draw)


def coco_metrics_figure():
    """Draw the figure of inference/coco_metrics.py."""
    figure_command(
        "coco_metrics",
        lambda ax: draw_coco_metrics(ax, coco_metrics(*simulate_detector(), class_names=CLASS_NAMES)),
        size=(7, 5),
    )


def error_split_figure():
    """Draw the figure of inference/error_split.py."""
    figure_command(
        "error_split",
        lambda ax: draw_error_split(ax, error_split(*simulate_detector(), class_names=CLASS_NAMES)),
        size=(8.5, 4),
    )


def error_costs_figure():
    """Draw the figure of inference/error_costs.py."""
    figure_command(
        "error_costs",
        lambda ax: draw_error_costs(ax, error_costs(*simulate_detector(), class_names=CLASS_NAMES)),
        size=(6, 4),
    )


def bootstrap_figure():
    """Draw the figure of inference/evaluation/bootstrap.py."""

    def draw(ax):
        lists = simulate_detector()
        intervals = bootstrap(*lists, class_names=CLASS_NAMES)
        draw_bootstrap(ax, average_precision(*lists, "voc", class_names=CLASS_NAMES), intervals)

    figure_command("bootstrap", draw, size=(7, 4))


def best_scores_figure():
    """Draw the figure of inference/evaluation/best_scores.py."""

    def draw(ax):
        result = average_precision(*simulate_detector(), "voc", class_names=CLASS_NAMES)
        draw_best_score(ax, result, CLASS_NAMES[0], best_scores(result, CLASS_NAMES)[CLASS_NAMES[0]])
        ax.legend(fontsize=9)

    figure_command("best_scores", draw, size=(7, 4.5))


def confusion_figure():
    """Draw the figure of inference/evaluation/confusion.py."""
    figure_command(
        "confusion",
        lambda ax: draw_confusion(ax, confusion(*simulate_detector(), class_names=CLASS_NAMES)),
        size=(7.5, 7),
    )
