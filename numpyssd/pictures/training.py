"""The figures of training: matching, mining, losses, schedules. See drawing.run_figure."""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import SSD300
from numpyssd.datasets.shapes import example
from numpyssd.drawing import figure_command
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.class_losses import draw_class_losses
from numpyssd.training.hard_negative_mining import draw_mining
from numpyssd.training.iou_loss import draw_giou
from numpyssd.training.losses import draw_cross_entropy, draw_smooth_l1
from numpyssd.training.matching import draw_matching, match, targets
from numpyssd.training.multibox_loss import draw_trained_boxes, multibox_loss
from numpyssd.training.optimizer import draw_optimizer
from numpyssd.training.weight_average import draw_weight_average


def matching_figure():
    """Draw the figure of training/matching.py."""

    def draw(axes):
        """Draw one panel for each object of the example."""
        image, boxes, _, _ = example(SSD300.image_size)
        for m, ax in enumerate(axes):
            draw_matching(ax, image, boxes, default_boxes(SSD300), m)

    figure_command("matching", draw, rows=2, columns=2, size=(11, 9.4))


def hard_negative_mining_figure():
    """Draw the figure of training/hard_negative_mining.py."""
    # A simulated network halfway through its training: the higher the IoU, the larger the logit, with some noise.
    boxes = example(SSD300.image_size)[1] / SSD300.image_size
    defaults = default_boxes(SSD300)
    nearness = iou(boxes, cxcywh_to_xyxy(defaults)).max(axis=0)
    logit = 14 * nearness - 6 + np.random.default_rng(0).normal(size=len(defaults))
    loss, positive = np.logaddexp(0, logit), match(boxes, defaults) >= 0
    figure_command("hard_negative_mining", lambda ax: draw_mining(ax, loss, positive), size=(8, 5))


def losses_figure():
    """Draw the figure of training/losses.py."""

    def draw(axes):
        """Draw both losses side by side."""
        draw_smooth_l1(axes[0])
        draw_cross_entropy(axes[1])

    figure_command("losses", draw, columns=2, size=(12, 4.8))


def multibox_loss_figure():
    """Draw the figure of training/multibox_loss.py."""
    image, boxes, labels, _ = example(SSD300.image_size)
    defaults = default_boxes(SSD300)
    loc_targets, conf_targets = targets(boxes / len(image), labels, defaults)
    # A simulated network halfway through its training: the higher the IoU, the larger the logit, with some noise.
    nearness = iou(boxes / len(image), cxcywh_to_xyxy(defaults)).max(axis=0)  # (K,)
    conf = np.random.default_rng(0).normal(size=(len(defaults), 6))
    conf[:, 0] += 6 - 14 * nearness
    dconf = multibox_loss(np.zeros((1, len(defaults), 4)), conf[None], loc_targets[None], conf_targets[None])[2][0]
    figure_command("multibox_loss", lambda ax: draw_trained_boxes(ax, image, boxes, defaults, dconf), size=(7, 7.3))


def optimizer_figure():
    """Draw the figure of training/optimizer.py."""
    figure_command("optimizer", draw_optimizer, size=(7, 4))


def weight_average_figure():
    """Draw the figure of training/weight_average.py."""
    figure_command("weight_average", draw_weight_average, size=(8, 5))


def class_losses_figure():
    """Draw the figure of training/class_losses.py."""
    figure_command("class_losses", draw_class_losses, size=(8, 5))


def iou_loss_figure():
    """Draw the figure of training/iou_loss.py."""
    figure_command("iou_loss", draw_giou, size=(8, 5))
