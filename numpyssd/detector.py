"""The contract of a detector: what the training loop, the evaluation and the commands ask of it.

SSD is one (ssd.py); its two rivals in the paper are the others (rivals/).

A new detector is a class with these methods. The training loop (training/loop.py), the batches, the checkpoints and the
commands know nothing else of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from numpyssd.kernels.backend import Losses

__all__ = ["Detector", "Losses", "Network"]


class Network(Protocol):
    """What is trained and saved: model.ssd.SSD, for one. Its detector alone calls its forward and backward."""

    config: Any  # a config.NetworkConfig, which says how an image becomes what the network sees
    class_names: tuple[str, ...] | None  # of the labels 1, 2, ...; None: nobody has said them
    score_thresholds: tuple[float, ...] | None  # from which score a box is shown; None: not measured
    training: bool  # whether a training step is going on; see layers.Layer

    def parameters(self) -> dict[str, Any]:
        """Return what the optimizer changes: name -> layers.Parameter."""

    def running_statistics(self) -> dict[str, Any]:
        """Return what is saved besides: name -> (layer, key), see layers.BatchNorm."""


class Detector(Protocol):
    """A network, what it is asked to answer, and how its answers become detections."""

    row_name: str  # what each row of the targets of an image is for, in messages: "default box"
    needs_whole_batch: bool  # whether the loss of an image depends on the other images, so micro-batches are refused

    @property
    def model(self) -> Network:
        """Return what is trained."""

    def make_targets(self, boxes: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """Return what the network should answer for one image: arrays of the same shapes for every image.

        boxes: (M, 4) xyxy in [0, 1]; labels: (M,) from 1 on; M may be 0. rng: the image's own generator of random
        numbers. A detector that samples during the forward pass draws a seed from it and returns the seed among the
        arrays: then a step depends on its batch alone, and a resumed run repeats it.
        """

    def positives(self, targets: tuple[np.ndarray, ...]) -> np.ndarray:
        """Return how many outputs of each image have an object to find, (N,), for targets (N, ...) each."""

    def loss_divisors(self, positives: np.ndarray) -> np.ndarray:
        """Return by what the loss of each image is divided, (N,), for the positives (N,) of a whole batch.

        A batch may be shared by several processes, each with the targets of its own images alone.
        """

    def loss_and_gradients(self, images, targets, divisors: np.ndarray) -> Any:
        """Forward, loss, backward: set each parameter's ``grad``; return the Losses, or what stands for them on a GPU.

        images: (N, S, S, 3), targets: (N, ...) each, both where the backend computes; divisors: (N,). If an output is
        not finite, the loss is NaN, and the gradients may be left as they were: train_step stops there.
        """

    def read_losses_and_norm(self, losses: list, gradients: list) -> tuple[list[Losses], float]:
        """Return the Losses of each micro-batch, and the norm of all gradients together, as numbers.

        losses: what loss_and_gradients returned for each. A GPU sends all these numbers in one transfer.
        """

    def first_nonfinite_output(self, images: np.ndarray) -> str | None:
        """Return a phrase that names the first output of a layer that is not finite for these images, or None."""

    def detect(
        self,
        images: Iterable[np.ndarray],
        batch_size: int = 8,
        score_threshold: float | Sequence[float] = 0.01,
        one_label: bool = False,
        max_detections: int | None = None,
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield boxes (D, 4) xyxy in pixels, labels (D,), scores (D,) of each image (H, W, 3) uint8, best first.

        score_threshold: what a score must be over, or that of each label, label 1 first. one_label: no two boxes on
        one object, not even of different labels. max_detections: how many of an image stay; None: as published.
        """
