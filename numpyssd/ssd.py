"""SSD as the training loop and the commands see it: its model, its targets, its loss, its detections.

It keeps the contract detector.Detector. A training step is ``make_targets`` (for each image, in training/batches.py),
then ``loss_and_gradients``, then the step of the optimizer (training/loop.py).
"""

import numpy as np

from numpyssd import kernels
from numpyssd.detector import Losses
from numpyssd.inference.detect import detect
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.training.matching import targets
from numpyssd.training.multibox_loss import divisors, multibox_loss
from numpyssd.weights import load_model


def load_detector(path) -> "SSDDetector":
    """Return the detector of a weights file, ours or another tool's, or of "tiny". Raises InputError as load_model."""
    return SSDDetector(load_model(path))


class SSDDetector:
    """The single shot detector; matching and loss are options of ``targets`` and of ``multibox_loss``, if any."""

    row_name = "default box"

    def __init__(self, model: SSD, matching: dict | None = None, loss: dict | None = None):
        self.model, self.matching, self.loss = model, matching or {}, dict(loss or {})
        self.divisor = self.loss.pop("divisor", "batch")
        self.needs_whole_batch = self.loss.get("scope") == "batch"  # negatives are mined over all images together
        self.default_boxes = default_boxes(model.config)  # (K, 4)

    def make_targets(self, boxes, labels):
        """Return loc_targets (K, 4) and conf_targets (K,) of one image (paper, section 2.2, "Matching strategy")."""
        return targets(boxes, labels, self.default_boxes, **self.matching)

    def loss_divisors(self, targets):
        """Return by what the loss of each image is divided, (N,): the positives of the whole batch, as in Caffe."""
        _, conf_targets = targets  # (N, K, 4), (N, K)
        return divisors(conf_targets, self.divisor)

    def loss_and_gradients(self, images, targets, divisors):
        """Forward, loss, backward for images (N, S, S, 3); return what read_losses reads."""
        loc, conf = self.model.forward(images)  # (N, K, 4), (N, K, C)
        if kernels.active.ON_DEVICE:
            dloc, dconf, losses = kernels.active.multibox_loss(loc, conf, *targets, divisor=divisors, **self.loss)
        elif np.isfinite(loc.sum()) and np.isfinite(conf.sum()):
            _, dloc, dconf, losses = multibox_loss(loc, conf, *targets, divisor=divisors, **self.loss)
        else:
            return Losses(np.nan, np.nan, 0, 0)
        self.model.backward(dloc, dconf)
        return losses

    def read_losses(self, found, gradients):
        """Return the Losses of each part, and the norm of all gradients; a device sends both in one transfer."""
        if kernels.active.ON_DEVICE:
            return kernels.active.read_losses_and_norm(found, gradients)
        return found, kernels.active.norm(gradients)

    def first_nonfinite_output(self, images):
        """Return a phrase that names the first layer whose output is not finite, or None."""
        x, features = kernels.active.to_device(images), []
        for stage in self.model.stages:
            for layer in stage.layers():
                x = layer.forward(x)
                if not np.isfinite(kernels.active.to_host(x)).all():
                    return f"the output of {layer.name}"
            features.append(x)
        for array, name in zip(self.model.predictors.forward(features), ("loc", "conf")):
            if not np.isfinite(kernels.active.to_host(array)).all():
                return f"the output of the {name} predictors"
        return None

    def detect(self, images, batch_size=8, score_threshold=0.01):
        """Yield boxes (D, 4) xyxy in pixels, labels (D,), scores (D,) of each image (H, W, 3) uint8, best first."""
        return detect(self.model, images, batch_size, score_threshold)
