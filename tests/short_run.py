"""A run of training that takes a second: the smallest network, a few images of the built-in set, a short recipe."""

from dataclasses import replace

from numpyssd.config import TINY
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.detectors import new_detector
from numpyssd.model.default_boxes import default_boxes
from numpyssd.ranks.setup import batch_options, share_batches
from numpyssd.run.recipes import Recipe
from numpyssd.run.training_run import TrainingRun
from numpyssd.training.batches import Batches
from numpyssd.training.matching import targets
from numpyssd.training.one_process import ALONE

THIN = replace(TINY, width=0.25)
RECIPE = Recipe(batch_size=2, lr=0.01, iterations=10, warm_up=2, evaluations=2)


def batches_for(dataset, config, batch_size, seed=0, matching=None, **options):
    """Return the Batches of a data set for the SSD of a config, without building that network."""
    boxes_of_model = default_boxes(config)

    def make_targets(boxes, labels, rng):
        return targets(boxes, labels, boxes_of_model, **(matching or {}))

    return Batches(dataset, config, make_targets, batch_size, seed, **options)


def short_run(out, val=None, minutes=None, dataset=None, config=THIN, ranks=ALONE, resumed=False, **recipe):
    """Return a TrainingRun on 6 images that writes into the folder ``out``.

    config: of whichever detector. ranks: those that train together; resumed: whether they go on with an earlier run.
    """
    recipe = replace(RECIPE, **recipe)
    detector = new_detector(config, 1, recipe.matching, recipe.loss)
    detector.model.class_names = ShapesDataset.class_names
    recipe = share_batches(ranks, recipe, detector.model, resumed)
    options = {"seed": 3, **recipe.augmentation, **batch_options(ranks)}
    batches = Batches(dataset or ShapesDataset(6), config, detector.make_targets, recipe.batch_size, **options)
    return TrainingRun(detector, batches, recipe, out, val, minutes, ranks=ranks)


def before_each_step(run, act):
    """Let a run call ``act(iteration)`` before each step, after it has looked for a signal."""
    training = run._train

    def train():
        check = run.check_for_stop

        def checked():
            check()
            act(run.state.iteration)

        run.check_for_stop = checked
        try:
            training()
        finally:
            run.check_for_stop = check

    run._train = train
    return run


def after_each_step(run, act):
    """Let a run call ``act(losses)`` after each step."""
    show = run.show

    def shown(losses, fraction):
        act(losses)
        show(losses, fraction)

    run.show = shown
    return run


def arrays_of(run):
    """Return copies of everything that training changes, by name: weights, running statistics and momentum."""
    arrays = {name: parameter.value.copy() for name, parameter in run.model.parameters().items()}
    arrays |= {n: layer.running[key].copy() for n, (layer, key) in run.model.running_statistics().items()}
    average = getattr(run.optimizer, "average", None)
    arrays |= {f"average of {n}": a.copy() for n, a in average.arrays.items()} if average else {}
    return arrays | {f"velocity of {n}": v.copy() for n, v in run.optimizer.velocity.items()}
