"""Faster R-CNN as the training loop and the commands see it: its model, its targets, its losses, its detections.

It keeps the contract detector.Detector.
"""

import numpy as np

from numpyssd import kernels
from numpyssd.boxes import xyxy_to_cxcywh
from numpyssd.detector import Losses
from numpyssd.errors import InputError
from numpyssd.inference.detect import in_pixels, limits
from numpyssd.inference.suppression import best_detections
from numpyssd.model.box_coding import decode
from numpyssd.rivals.faster_rcnn.anchor_targets import anchor_targets
from numpyssd.rivals.faster_rcnn.config import HEAD_VARIANCES, FasterRCNNConfig
from numpyssd.rivals.faster_rcnn.faster_rcnn_loss import head_loss, rpn_loss
from numpyssd.rivals.faster_rcnn.network import FasterRCNN
from numpyssd.rivals.faster_rcnn.proposal_targets import SampledRois, sample_rois
from numpyssd.softmax import softmax


def new(config: FasterRCNNConfig, seed=0, matching: dict | None = None, loss: dict | None = None):
    """Return a new detector with random weights."""
    return FasterRCNNDetector(FasterRCNN(config, seed), matching, loss)


class FasterRCNNDetector:
    """Faster R-CNN.

    - model: the network.
    - matching: other keyword arguments of ``anchor_targets`` than the config's and the paper's.
    - loss: {"rpn_box_weight": 10 * 256 / 2400} for the balance of the paper's text, see ``rpn_loss``.

    Raises InputError for a backend on a GPU.
    """

    row_name = "anchor"
    needs_whole_batch = False

    def __init__(self, model: FasterRCNN, matching: dict | None = None, loss: dict | None = None):
        if kernels.active.ON_DEVICE:
            name = kernels.active.NAME
            raise InputError(f"Faster R-CNN runs with --backend cpu or reference; {name} has no kernels for it")
        config = model.config
        of_config = {"inside_only": config.inside_only, "count": config.anchors_per_image}
        self.model, self.matching_options = model, {**of_config, **(matching or {})}
        self.rpn_box_weight = (loss or {}).get("rpn_box_weight", 1.0)

    def make_targets(self, boxes, labels, rng):
        """Return what the two stages should answer for one image.

        Labels (K,) and offsets (K, 4) of the anchors; the objects, since the second stage's regions are not known yet,
        boxes (max_objects, 4) and labels (max_objects,), 0 where there are none; and a seed (1,) for what is sampled
        then. Raises InputError for more objects than that.
        """
        most = self.model.config.max_objects
        if len(boxes) > most:
            raise InputError(f"an image has {len(boxes)} objects, and Faster R-CNN takes {most}; cut it into several")
        seed = rng.integers(1 << 31, size=1)  # first, so that it does not depend on the objects
        all_boxes, all_labels = np.zeros((most, 4), np.float32), np.zeros(most, np.int64)
        all_boxes[: len(boxes)], all_labels[: len(boxes)] = boxes, labels
        return *anchor_targets(boxes, self.model.anchors, rng, **self.matching_options), all_boxes, all_labels, seed

    def positives(self, targets):
        """Return how many anchors of each image are positives, (N,)."""
        return (targets[0] > 0).sum(axis=1)

    def loss_divisors(self, positives):
        """Return by what the loss of each image is divided, (N,): by their number."""
        return np.full(len(positives), len(positives))

    def loss_and_gradients(self, images, targets, divisors):
        """Both stages, four losses, backward for images (N, S, S, 3): set every ``.grad`` and return the Losses.

        loc: both box losses; conf: both class losses; positives and negatives: regions of objects and of background. If
        an output is not finite, all stops before the loss, which is NaN.
        """
        first = self.model.first_stage(images)  # logits (N, K, 2), offsets (N, K, 4)
        if not all(np.isfinite(a.sum()) for a in first):
            return Losses(np.nan, np.nan, 0, 0)
        rngs = [np.random.default_rng(int(seed)) for seed in targets[4][:, 0]]
        regions = self.sample(*first, targets, rngs)
        self.model.head.draw_from((rng, len(found.labels)) for rng, found in zip(rngs, regions))
        second = self.model.second_stage(*together(regions))  # conf (R, C), loc (R, C, 4)
        if not all(np.isfinite(a.sum()) for a in second):
            return Losses(np.nan, np.nan, 0, 0)
        losses, gradients = self.losses(first, second, targets, regions, divisors)
        self.model.backward(*gradients)
        return losses

    def sample(self, logits, offsets, targets, rngs) -> list[SampledRois]:
        """Return the regions of each image that the second stage learns from."""
        config, found = self.model.config, []
        for n, rng in enumerate(rngs):
            boxes = self.model.propose(logits[n], offsets[n], config.training_proposals, config.training_candidates)
            objects = np.flatnonzero(targets[3][n])
            found.append(
                sample_rois(
                    boxes, targets[2][n][objects], targets[3][n][objects], rng, config.rois_per_image,
                    config.foreground_fraction, config.foreground_iou, config.background_iou,
                )
            )  # fmt: skip
        return found

    def losses(self, first, second, targets, regions, divisors):
        """Return the Losses, and the gradients of logits, offsets, conf and loc.

        The losses of an image are divided by its own anchors or regions, then by its divisor.
        """
        (logits, offsets), (conf, loc) = first, second
        gradients = [np.zeros_like(a) for a in (logits, offsets, conf, loc)]
        total, stop = np.zeros(2), 0
        for n, found in enumerate(regions):
            start, stop = stop, stop + len(found.labels)
            anchors = logits[n], offsets[n], targets[0][n], targets[1][n]
            *values, gradients[0][n], gradients[1][n] = rpn_loss(*anchors, divisors[n], box_weight=self.rpn_box_weight)
            total += values  # class, box
            part = slice(start, stop)
            outputs = conf[part], loc[part], found.labels, found.offsets
            *values, gradients[2][part], gradients[3][part] = head_loss(*outputs, divisors[n])
            total += values
        objects = sum(int((found.labels > 0).sum()) for found in regions)
        return Losses(float(total[1]), float(total[0]), objects, len(conf) - objects), gradients

    def read_losses_and_norm(self, losses, gradients):
        """Return the Losses of each micro-batch, and the norm of all gradients."""
        return losses, kernels.active.norm(gradients)

    def first_nonfinite_output(self, images):
        """Return a phrase that names the first layer whose output is not finite, or None."""
        x = images
        for layer in self.model.trunk.steps():
            x = layer.forward(x)
            if not np.isfinite(x).all():
                return f"the output of {layer.name}"
        logits, offsets = self.model.rpn.forward(x)
        for array, name in ((logits, "logits"), (offsets, "offsets")):
            if not np.isfinite(array).all():
                return f"the output of rpn_{name}"
        boxes, of_image = self._proposals(logits, offsets)
        for array, name in zip(self.model.infer_regions(x, boxes, of_image), ("conf", "loc")):
            if not np.isfinite(array).all():
                return f"the output of {name}"
        return None

    def detect(self, images, batch_size=8, score_threshold=0.01, one_label=False, max_detections=None):
        """Yield boxes (D, 4) xyxy in pixels, labels (D,), scores (D,) of each image (H, W, 3) uint8, best first."""
        options = {"score_threshold": score_threshold, "one_label": one_label, **limits(max_detections)}
        return in_pixels(images, self.model.config, batch_size, lambda batch: self._find(batch, options))

    def _find(self, batch, options):
        for boxes, scores in self.scored_boxes(batch):
            yield best_detections(boxes, scores, **options)

    def scored_boxes(self, batch):
        """Yield for each image of (N, S, S, 3) the moved proposals of each class, (P, C, 4), and scores (P, C)."""
        features = self.model.infer_features(batch)
        boxes, images = self._proposals(*self.model.rpn.infer(features))
        conf, loc = self.model.infer_regions(features, boxes, images)
        scores = softmax(conf)  # (R, C)
        for n in range(len(batch)):
            own = images == n
            yield moved(boxes[own], loc[own], self.model.config.size_limit), scores[own]

    def _proposals(self, logits, offsets):
        """Return the proposals of all images for detection, (R, 4), and which image each is of, (R,)."""
        keep = self.model.config.proposals
        found = [self.model.propose(*outputs, keep) for outputs in zip(logits, offsets)]
        return np.concatenate(found), np.repeat(np.arange(len(found)), [len(boxes) for boxes in found])


def together(regions: list[SampledRois]):
    """Return the boxes (R, 4) of the regions of all images, and which image each is of, (R,)."""
    images = np.repeat(np.arange(len(regions)), [len(found.labels) for found in regions])
    return np.concatenate([found.boxes for found in regions]), images


def moved(proposals, loc, size_limit=None):
    """Return where each class says that its object is: (P, C, 4) xyxy; proposals: (P, 4), loc: (P, C, 4) offsets."""
    classes = loc.shape[1]
    starts = np.repeat(xyxy_to_cxcywh(proposals), classes, axis=0)  # (P * C, 4)
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite detects nothing
        return decode(loc.reshape(-1, 4), starts, size_limit, HEAD_VARIANCES).reshape(-1, classes, 4)
