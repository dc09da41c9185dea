"""The figures of Faster R-CNN: anchors, proposals, regions, losses and both stages. See drawing.run_figure."""

from dataclasses import replace

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou, xyxy_to_cxcywh
from numpyssd.datasets.shapes import CLASS_NAMES, example
from numpyssd.drawing import figure_command
from numpyssd.model.box_coding import encode
from numpyssd.rivals.faster_rcnn.anchor_targets import POSITIVE, anchor_targets, draw_anchor_targets
from numpyssd.rivals.faster_rcnn.anchors import anchors, draw_anchors
from numpyssd.rivals.faster_rcnn.config import FASTER_RCNN_COMPACT, FASTER_RCNN_VGG600, RPN_VARIANCES
from numpyssd.rivals.faster_rcnn.detector import moved
from numpyssd.rivals.faster_rcnn.faster_rcnn_loss import draw_sigma
from numpyssd.rivals.faster_rcnn.proposal_targets import draw_sampled_rois, sample_rois
from numpyssd.rivals.faster_rcnn.proposals import decoded_anchors, draw_proposals, proposals
from numpyssd.rivals.faster_rcnn.roi_align import draw_sample_points
from numpyssd.rivals.faster_rcnn.roi_pooling import draw_cells_read
from numpyssd.rivals.faster_rcnn.summary import main
from numpyssd.rivals.faster_rcnn.two_stages import TwoStages, draw_two_stages
from numpyssd.softmax import softmax

CONFIG = replace(FASTER_RCNN_COMPACT, num_classes=len(CLASS_NAMES) + 1)


def simulated_stages(boxes, labels, seed=0):
    """Return what a network halfway through its training might find: TwoStages; boxes (M, 4) xyxy in [0, 1].

    Both stages see how well a box covers its object, with some noise, and move it most of the way there.
    """
    rng, all_anchors = np.random.default_rng(seed), anchors(CONFIG)

    def seen(candidates, share, noise, variances):
        """Return IoU (K,), object (K,) and offsets (K, 4) towards the object."""
        overlaps = iou(boxes, cxcywh_to_xyxy(candidates))
        best = overlaps.argmax(axis=0)
        offsets = np.clip(encode(boxes[best], candidates, variances), -0.7 / variances[0], 0.7 / variances[0])
        near = overlaps.max(axis=0)
        offsets = offsets * np.where(near > 0.2, share, 0)[:, None]
        return near, best, offsets + rng.normal(0, noise / variances[0], offsets.shape)

    near, _, offsets = seen(all_anchors, 0.6, 0.05, RPN_VARIANCES)
    logits = np.stack([np.zeros(len(near)), 12 * near - 5 + rng.normal(0, 0.7, len(near))], axis=1)
    found, rows = proposals(logits[:, 1], offsets, all_anchors, 600, 300, 0.7, 1 / 300)
    near, best, moves = seen(xyxy_to_cxcywh(found), 0.8, 0.01, (0.1, 0.2))
    conf = rng.normal(0, 0.5, (len(found), len(CLASS_NAMES) + 1))
    conf[:, 0] += 3
    conf[np.arange(len(found)), labels[best]] += 11 * near - 2
    loc = np.repeat(moves[:, None], conf.shape[1], axis=1)
    everywhere = decoded_anchors(offsets, all_anchors)
    return TwoStages(softmax(logits)[:, 1], everywhere, rows, moved(found, loc), softmax(conf))


def anchors_figure():
    """Draw the figure of rivals/faster_rcnn/anchors.py: the anchors of the miniature, and the paper's."""
    image, large = example(300)[0], example(600)[0]

    def draw(axes):
        """Draw one panel for each network."""
        draw_anchors(axes[0], image, CONFIG)
        draw_anchors(axes[1], large, FASTER_RCNN_VGG600)

    figure_command("anchors", draw, columns=2, size=(11, 6.3))


def anchor_targets_figure():
    """Draw the figure of rivals/faster_rcnn/anchor_targets.py."""
    image, boxes, _, _ = example(300)
    labels, _ = anchor_targets(boxes / 300, anchors(CONFIG), np.random.default_rng(0), count=64)
    figure_command(
        "anchor_targets", lambda ax: draw_anchor_targets(ax, image, boxes, anchors(CONFIG), labels), size=(7, 7.3)
    )


def proposals_figure():
    """Draw the figure of rivals/faster_rcnn/proposals.py: before and after NMS."""
    image, boxes, labels, _ = example(300)
    found = simulated_stages(boxes / 300, labels)

    def draw(axes):
        """Draw the best anchors, and the best of those that are left."""
        draw_proposals(axes[0], image, found.boxes, found.scores, title=f"the best 100 of {len(found.boxes)} anchors")
        scores = found.scores[found.rows]
        draw_proposals(axes[1], image, found.proposals, scores, title=f"after NMS: the best 100 of {len(scores)}")

    figure_command("proposals", draw, columns=2, size=(12, 5.6))


def roi_pooling_figure():
    """Draw the figure of rivals/faster_rcnn/roi_pooling.py: the cells that are read, as released and without the +1."""
    image, boxes, _, _ = example(300)

    def draw(axes):
        """Draw a small and a larger object, twice each."""
        for i, ax in enumerate(axes):
            draw_cells_read(ax, image, boxes[(3, 1)[i // 2]], CONFIG.cells, 19, 19, plus_one=i % 2 == 0)

    figure_command("roi_pooling", draw, rows=2, columns=2, size=(9, 9.6))


def roi_align_figure():
    """Draw the figure of rivals/faster_rcnn/roi_align.py."""
    image, boxes, _, _ = example(300)

    def draw(axes):
        """Draw a small and a larger object."""
        for ax, box in zip(axes, boxes[[3, 1]]):
            draw_sample_points(ax, image, box, CONFIG.cells)

    figure_command("roi_align", draw, columns=2, size=(9, 5))


def proposal_targets_figure():
    """Draw the figure of rivals/faster_rcnn/proposal_targets.py."""
    image, boxes, labels, _ = example(300)
    found = simulated_stages(boxes / 300, labels)
    sampled = sample_rois(found.proposals, (boxes / 300).astype(np.float32), labels, np.random.default_rng(0))
    figure_command("proposal_targets", lambda ax: draw_sampled_rois(ax, image, boxes, sampled), size=(7, 7.3))


def faster_rcnn_loss_figure():
    """Draw the figure of rivals/faster_rcnn/faster_rcnn_loss.py."""
    figure_command("faster_rcnn_loss", draw_sigma, size=(7, 4.6))


def two_stages_figure():
    """Draw the figure of rivals/faster_rcnn/two_stages.py."""
    image, boxes, labels, _ = example(300)
    found, all_anchors = simulated_stages(boxes / 300, labels), anchors(CONFIG)
    wanted, _ = anchor_targets(boxes / 300, all_anchors, np.random.default_rng(0), count=64)

    def draw(axes):
        """Draw the four steps."""
        draw_two_stages(axes, image, boxes, found, all_anchors, wanted == POSITIVE, CLASS_NAMES)

    figure_command("two_stages", draw, rows=2, columns=2, size=(11, 10.4))


def network_figure():
    """Print the summary of rivals/faster_rcnn/network.py, and draw its figure."""
    from numpyssd.rivals.faster_rcnn.recipes import PRESETS

    main(PRESETS)
