"""One row is trained: the same recipe for all but for the learning rate, which is searched on val for each detector."""

import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.rivals.rows import Row
from numpyssd.datasets.analysis.coverage import all_objects
from numpyssd.datasets.analysis.fit_default_boxes import fit_default_boxes
from numpyssd.run.recipes import RECIPES, presets
from numpyssd.run.training_run import TrainingRun
from numpyssd.training.batches import Batches
from numpyssd.weights import load

EVALUATIONS = 10  # on val; the best weights are kept

# ``compact``'s own but for the start: nothing is pretrained, as none of the three has a base of its own.
RECIPE = replace(RECIPES["compact"], weights=None, min_iterations=0, evaluations=EVALUATIONS)


def config_of(row: Row, train, preset="compact"):
    """Return the config of a row for the classes of a data set; SSD's default boxes are fitted to its objects.

    The rivals' presets have their anchors and first boxes fitted to blood cells already.
    """
    config = replace(presets(row.detector)[preset], num_classes=len(train.class_names) + 1, **row.changes)
    return fit_default_boxes(all_objects(train), config) if row.detector == "ssd" else config


def train_row(row: Row, data, seed: int, lr: float, epochs=None, minutes=None):
    """Return the detector of a row with the weights that were best on val, and the State at the end of its run."""
    train, val = data[:2]
    config = config_of(row, train)
    detector = row.make(config, seed)
    detector.model.class_names = tuple(train.class_names)
    recipe = replace(RECIPE, lr=lr, epochs=epochs or RECIPE.epochs)
    batches = Batches(train, config, detector.make_targets, recipe.batch_size, seed, **recipe.augmentation)
    with tempfile.TemporaryDirectory() as folder:
        state = TrainingRun(detector, batches, recipe, folder, val, minutes).run()
        load(detector.model, Path(folder) / "best.npz")
    detector.model.training = False
    return detector, state
