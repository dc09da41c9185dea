"""A healthy training of a small network, and eight faults, each one small change of it.

A fault is in the recipe, in the config, in the targets, in the loss or in the data; nothing else differs, so that what
the curves show is the fault's own doing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from numpyssd.config import TINY, Config
from numpyssd.datasets.analysis.box_numbers import numbers_of, with_numbers
from numpyssd.datasets.concatenated import Concatenated
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.run.recipes import Recipe
from numpyssd.ssd import SSDDetector
from numpyssd.training.augmentation.choices import FLIPS

TRAIN, HELD_OUT = 160, 64  # images of the built-in set: to train on; of the validation and the test split each
ALL = 10**9  # negatives for each positive: no image has so many, so all of them count

CONFIG = replace(TINY, width=0.5, predictor_init_scale=0.1, norm_scale=6.0)
RECIPE = Recipe(batch_size=8, lr=0.05, iterations=320, warm_up=40, augmentation=FLIPS)


@dataclass(frozen=True)
class Case:
    """One training.

    - name, title: for programs and for people.
    - config, recipe, loss: of the network, the schedule and ``multibox_loss``.
    - change_objects(boxes (M, 4), labels (M,)): what the matching gets in their place.
    - change_targets(loc_targets (K, 4), conf_targets (K,)): what the loss gets in their place.
    - training_mean: what training subtracts from the pixels in place of the config's mean; detection has the config's.
    - leak: the training images hold the validation images.
    """

    name: str
    title: str
    config: Config = CONFIG
    recipe: Recipe = RECIPE
    loss: dict = field(default_factory=dict)
    change_objects: Callable | None = None
    change_targets: Callable | None = None
    training_mean: tuple | None = None
    leak: bool = False


def exchange_x_and_y(boxes, labels):
    """Read boxes (M, 4) as y, x, y, x: each object is learned at the place mirrored at the diagonal."""
    return boxes[:, [1, 0, 3, 2]], labels


def one_class_too_low(loc_targets, conf_targets):
    """Count classes from 0, as if there were no background: class 1 becomes background, 2 becomes 1, and so on."""
    return loc_targets, np.maximum(conf_targets - 1, 0)


def scaled_boxes(config, factor):
    """Return the config with default boxes ``factor`` times as large."""
    scales, ratios = numbers_of(config)
    return with_numbers(config, [factor * scale for scale in scales], ratios)


HEALTHY = Case("healthy", "healthy")
FAULTS = (
    Case("rate", "rate too high", recipe=replace(RECIPE, lr=20 * RECIPE.lr)),
    Case("warm_up", "no warm-up", recipe=replace(RECIPE, warm_up=0)),
    Case("labels", "labels off by one", change_targets=one_class_too_low),
    Case("boxes", "x and y exchanged", change_objects=exchange_x_and_y),
    Case("mean", "mean not subtracted", training_mean=(0.0, 0.0, 0.0)),
    Case("negatives", "negatives not mined", loss={"negative_ratio": ALL}),
    Case("defaults", "default boxes miss the objects", config=scaled_boxes(CONFIG, 1 / 3)),
    Case("leak", "validation images in training", leak=True),
)
CASES = {case.name: case for case in (HEALTHY, *FAULTS)}


class ClinicDetector(SSDDetector):
    """The library's detector, with a case's fault in its targets."""

    def __init__(self, model, case):
        super().__init__(model, loss=case.loss)
        self.case = case

    def make_targets(self, boxes, labels, rng=None):
        """Return loc_targets (K, 4) and conf_targets (K,), as the case makes them."""
        if self.case.change_objects:
            boxes, labels = self.case.change_objects(boxes, labels)
        targets = super().make_targets(boxes, labels, rng)
        return self.case.change_targets(*targets) if self.case.change_targets else targets


def data_of(case):
    """Return the training, validation and test images of a case; the last two are the same in all cases."""
    val, test = (ShapesDataset(HELD_OUT, split=split) for split in ("val", "test"))
    own = TRAIN - HELD_OUT if case.leak else TRAIN  # as many images in either case
    train = ShapesDataset(own)
    return (Concatenated([train, val]) if case.leak else train), val, test
