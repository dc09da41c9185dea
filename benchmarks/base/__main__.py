"""Train ``compact`` on rendered scenes: ``python -m benchmarks.base --minutes 180 --out runs/base``.

Ctrl-C saves last.npz, and ``--resume`` goes on. Afterwards the trunk of best.npz is written beside it as float16,
base.npz: everything but the predictors, which every data set learns anew.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from benchmarks.base.scenes import CLASS_NAMES, scene
from benchmarks.half_precision import write_half
from numpyssd import kernels
from numpyssd.cli import command
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation
from numpyssd.model.ssd import SSD
from numpyssd.run.recipes import PRESETS, RECIPES
from numpyssd.run.training_run import TrainingRun
from numpyssd.ssd import SSDDetector
from numpyssd.training.batches import Batches

VALIDATION = 1_000_000  # the number of the first scene that is only looked at


def main(argv=None):
    """Render, train, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=6000, help="to train on (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=180, help="of training (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("runs/base"))
    parser.add_argument("--weights", help="start from these")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args(argv)
    train, val = rendered(range(options.scenes)), rendered(range(VALIDATION, VALIDATION + 200))
    kernels.active.warm_up()
    config = replace(PRESETS["compact"], num_classes=len(CLASS_NAMES) + 1)
    model = SSD(config)
    model.class_names = CLASS_NAMES
    if options.weights:
        from numpyssd.weights import load

        print(load(model, options.weights))
    # A recipe of its own: later ones of compact start from what this makes.
    recipe = replace(RECIPES["compact"], lr=0.008, clip_gradient=None, iterations=200_000, epochs=None, evaluations=12)
    detector = SSDDetector(model, recipe.matching, recipe.loss)
    batches = Batches(train, config, detector.make_targets, recipe.batch_size, 0, **recipe.augmentation)
    run = TrainingRun(detector, batches, recipe, options.out, val, options.minutes)
    if options.resume:
        run.resume()
    run.run()
    gone = {"class_names": None, "score_thresholds": None}  # with the predictors
    write_half(options.out / "best.npz", options.out / "base.npz", ("loc.", "conf."), **gone)


def rendered(numbers):
    """Return the scenes of these numbers as a data set in memory."""
    with ProcessPoolExecutor(2) as pool:
        images, boxes, labels = zip(*pool.map(scene, numbers, chunksize=50))
    return AnnotatedImages(CLASS_NAMES, images, [Annotation.of(*pair) for pair in zip(boxes, labels)])


if __name__ == "__main__":
    command.run(main)
