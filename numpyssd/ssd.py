"""SSD as the training loop and the commands see it: its model, its targets, its loss, its detections.

It keeps the contract detector.Detector. A training step is ``make_targets`` (for each image, in training/batches.py),
then ``loss_and_gradients``, then the step of the optimizer (training/loop.py).
"""

import numpy as np

from numpyssd import kernels
from numpyssd.detector import Losses
from numpyssd.inference.detect import detect, limits
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.training import matching, multibox_loss
from numpyssd.training.loss_options import loss_arguments, refuse_other_losses


class SSDDetector:
    """The single shot detector.

    - model: the network.
    - matching: other keyword arguments of ``matching.targets`` than the paper's, such as {"iou_threshold": 0.4}.
    - loss: likewise of ``multibox_loss``, "divisor" of ``multibox_loss.divisors``, and the names of other losses
      (training/loss_options.py).
    """

    row_name = "default box"

    def __init__(self, model: SSD, matching: dict | None = None, loss: dict | None = None):
        self.model, self.matching_options = model, matching or {}
        self.default_boxes = default_boxes(model.config)  # (K, 4)
        self.loss_options = loss_arguments(loss or {}, self.default_boxes)
        self.divisor = self.loss_options.pop("divisor", "batch")
        self.needs_whole_batch = self.loss_options.get("scope") == "batch"  # negatives are mined over all images

    def make_targets(self, boxes, labels, rng=None):
        """Return loc_targets (K, 4) and conf_targets (K,) of one image (paper, section 2.2, "Matching strategy").

        Nothing is random here.
        """
        return matching.targets(boxes, labels, self.default_boxes, **self.matching_options)

    def positives(self, targets):
        """Return how many default boxes of each image are positives, (N,)."""
        _, conf_targets = targets  # (N, K, 4), (N, K)
        return (conf_targets > 0).sum(axis=1)

    def loss_divisors(self, positives):
        """Return by what the loss of each image is divided, (N,): in Caffe all positives of the whole batch."""
        return multibox_loss.divisors_of(positives, self.divisor)

    def loss_and_gradients(self, images, targets, divisors):
        """Forward, loss, backward for images (N, S, S, 3): set every ``.grad`` and return the Losses.

        If an output is not finite, all stops before the loss, which is NaN.
        """
        loc, conf = self.model.forward(images)  # (N, K, 4), (N, K, C)
        options = {"divisor": divisors, **self.loss_options}
        if kernels.active.ON_DEVICE:
            refuse_other_losses(options)
            dloc, dconf, losses = kernels.active.multibox_loss(loc, conf, *targets, **options)
        elif np.isfinite(loc.sum()) and np.isfinite(conf.sum()):
            _, dloc, dconf, losses = multibox_loss.multibox_loss(loc, conf, *targets, **options)
        else:
            return Losses(np.nan, np.nan, 0, 0)
        self.model.backward(dloc, dconf)
        return losses

    def read_losses_and_norm(self, losses, gradients):
        """Return the Losses of each micro-batch, and the norm of all gradients; a GPU sends all in one transfer."""
        if kernels.active.ON_DEVICE:
            return kernels.active.read_losses_and_norm(losses, gradients)
        return losses, kernels.active.norm(gradients)

    def first_nonfinite_output(self, images):
        """Return a phrase that names the first layer whose output is not finite, or None."""
        x, features = kernels.active.to_device(images), []
        for stage in self.model.stages:
            for layer in stage.steps():
                x = layer.forward(x)
                if not np.isfinite(kernels.active.to_host(x)).all():
                    return f"the output of {layer.name}"
            features.append(x)
        for array, name in zip(self.model.predictors.forward(features), ("loc", "conf")):
            if not np.isfinite(kernels.active.to_host(array)).all():
                return f"the output of the {name} predictors"
        return None

    def detect(self, images, batch_size=8, score_threshold=0.01, one_label=False, max_detections=None):
        """Yield boxes (D, 4) xyxy in pixels, labels (D,), scores (D,) of each image (H, W, 3) uint8, best first."""
        options = {"one_label": one_label, **limits(max_detections)}
        return detect(self.model, images, batch_size, score_threshold, **options)
