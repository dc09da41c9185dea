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
from numpyssd.weights import save
from numpyssd.weights.formats import npz
from numpyssd.weights.loading import assign

EVALUATIONS = 10  # on val; the best weights are kept

# ``compact``'s own but for the start: nothing is pretrained, as none of the three has a base of its own.
RECIPE = replace(RECIPES["compact"], weights=None, min_iterations=0, evaluations=EVALUATIONS)


def config_of(row: Row, train, preset="compact"):
    """Return the config of a row for the classes of a data set; SSD's default boxes are fitted to its objects.

    The rivals' presets have their anchors and first boxes fitted to blood cells already.
    """
    config = replace(presets(row.detector)[preset], num_classes=len(train.class_names) + 1, **row.changes)
    return fit_default_boxes(all_objects(train), config) if row.detector == "ssd" else config


def make_row(row: Row, train, seed=0, weights=None):
    """Return a new detector of a row, with the weights of a file if there is one."""
    detector = row.make(config_of(row, train), seed)
    detector.model.class_names = tuple(train.class_names)
    if weights:
        fill(detector.model, weights)
    return detector


def fill(model, path):
    """Put all weights of a file into a model; a row that is made by its own code has no config that could be read."""
    report = assign(model, npz.read(path)[1])
    if report.reinitialized:
        raise ValueError(f"{path} lacks {report.reinitialized[0]}")


def train_row(row: Row, data, seed: int, lr: float, epochs=None, minutes=None, keep: Path | None = None):
    """Return the detector of a row with the weights that were best on val, and the State at the end of its run.

    keep: a file for these weights.
    """
    train, val = data[:2]
    detector = make_row(row, train, seed)
    config = detector.model.config
    recipe = replace(RECIPE, lr=lr, epochs=epochs or RECIPE.epochs)
    batches = Batches(train, config, detector.make_targets, recipe.batch_size, seed, **recipe.augmentation)
    with tempfile.TemporaryDirectory() as folder:
        state = TrainingRun(detector, batches, recipe, folder, val, minutes).run()
        fill(detector.model, Path(folder) / "best.npz")
    if keep:
        keep.parent.mkdir(parents=True, exist_ok=True)
        save(detector.model, keep)
    detector.model.training = False
    return detector, state
