"""YOLO as the training loop and the commands see it: its model, its targets, its loss, its detections.

It keeps the contract detector.Detector.
"""

import numpy as np

from numpyssd import kernels
from numpyssd.detector import Losses
from numpyssd.errors import InputError
from numpyssd.inference.detect import in_pixels, limits
from numpyssd.inference.suppression import best_detections
from numpyssd.rivals.yolo.config import YOLOConfig
from numpyssd.rivals.yolo.decoding import decode
from numpyssd.rivals.yolo.grid_targets import grid_targets
from numpyssd.rivals.yolo.network import YOLO
from numpyssd.rivals.yolo.yolo_loss import divisors_of, yolo_loss


def new(config: YOLOConfig, seed=0, matching: dict | None = None, loss: dict | None = None) -> "YOLODetector":
    """Return a new detector with random weights."""
    return YOLODetector(YOLO(config, seed), matching, loss)


class YOLODetector:
    """You Only Look Once, the first version.

    - model: the network.
    - matching: other keyword arguments of ``grid_targets`` than the defaults, such as {"min_side": 0}; {"shuffle":
      False}: of two objects in a cell always the first stays.
    - loss: likewise of ``yolo_loss``, such as {"divisor": "images"}.

    Raises InputError for a backend on a GPU.
    """

    row_name = "cell"
    needs_whole_batch = False

    def __init__(self, model: YOLO, matching: dict | None = None, loss: dict | None = None):
        if kernels.active.ON_DEVICE:
            raise InputError(f"YOLO runs with --backend cpu or reference; {kernels.active.NAME} has no kernels for it")
        self.model, self.loss_options, matching = model, dict(loss or {}), dict(matching or {})
        self.divisor, self.shuffle = self.loss_options.pop("divisor", "objects"), matching.pop("shuffle", True)
        self.matching_options = matching

    def make_targets(self, boxes, labels, rng):
        """Return cell_boxes (S², 4), cell_labels (S²,), and a seed (1,) for dropout, of one image."""
        seed = rng.integers(1 << 31, size=1)  # first, so that it does not depend on the number of objects
        order = rng if self.shuffle else None
        return *grid_targets(boxes, labels, self.model.config.grid, order, **self.matching_options), seed

    def positives(self, targets):
        """Return how many objects of each image have a cell, (N,)."""
        return np.count_nonzero(targets[1], axis=1)

    def loss_divisors(self, positives):
        """Return by what the loss of each image is divided, (N,): by the objects of the batch that have a cell."""
        return divisors_of(positives, self.divisor)

    def loss_and_gradients(self, images, targets, divisors):
        """Forward, loss, backward for images (N, S, S, 3): set every ``.grad`` and return the Losses.

        loc: the boxes; conf: confidences and classes; positives: the responsible boxes, negatives: all other boxes. If
        an output is not finite, all stops before the loss, which is NaN.
        """
        cell_boxes, cell_labels, seeds = targets
        if self.model.dropout:
            self.model.dropout.draw_from((np.random.default_rng(int(seed)), 1) for seed in seeds[:, 0])
        out = self.model.forward(images)  # (N, S, S, 5 B + C)
        if not np.isfinite(out.sum()):
            return Losses(np.nan, np.nan, 0, 0)
        per_cell = self.model.config.boxes_per_cell
        _, dout, terms = yolo_loss(out, cell_boxes, cell_labels, per_cell, divisor=divisors, **self.loss_options)
        self.model.backward(dout)
        responsible = sum(terms.wins)
        conf = terms.confidence + terms.other_confidence + terms.classes
        return Losses(terms.coordinates + terms.sizes, conf, responsible, cell_labels.size * per_cell - responsible)

    def read_losses_and_norm(self, losses, gradients):
        """Return the Losses of each micro-batch, and the norm of all gradients."""
        return losses, kernels.active.norm(gradients)

    def first_nonfinite_output(self, images):
        """Return a phrase that names the first layer whose output is not finite, or None."""
        x = images
        for part in self.model.parts:
            for layer in part.steps():
                # Dropout cannot make a number infinite, and has no random numbers here.
                x = x if layer is self.model.dropout else layer.forward(x)
                if not np.isfinite(x).all():
                    return f"the output of {layer.name}"
        return None

    def detect(self, images, batch_size=8, score_threshold=0.01, one_label=False, max_detections=None):
        """Yield boxes (D, 4) xyxy in pixels, labels (D,), scores (D,) of each image (H, W, 3) uint8, best first."""
        options = {"score_threshold": score_threshold, "one_label": one_label, **limits(max_detections)}
        return in_pixels(images, self.model.config, batch_size, lambda batch: self._find(batch, options))

    def _find(self, batch, options):
        for boxes, scores in zip(*decode(self.model.infer(batch), self.model.config.boxes_per_cell)):
            found, labels, scores = best_detections(boxes, scores, **options)
            # A product of linear outputs may exceed 1; whoever asks for scores over 0.9 does not ask for the excess.
            yield found, labels, np.minimum(scores, 1)
