"""A run of training that takes a second: the smallest network, a few pictures of the built-in set, a short recipe."""

from dataclasses import replace

from numpyssd.config import TINY
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.model.ssd import SSD
from numpyssd.run.recipes import Recipe
from numpyssd.run.training_run import Training
from numpyssd.training.batches import Batches

THIN = replace(TINY, width=0.25)
RECIPE = Recipe(batch_size=2, lr=0.01, iterations=10, warm_up=2, evaluations=2)


def short_run(out, val=None, minutes=None, dataset=None, config=THIN, **recipe):
    """Return a Training on 6 pictures that writes into the folder ``out``."""
    recipe = replace(RECIPE, **recipe)
    model = SSD(config, seed=1)
    model.class_names = ShapesDataset.class_names
    batches = Batches(dataset or ShapesDataset(6), config, recipe.batch_size, seed=3, **recipe.augmentation)
    return Training(model, batches, recipe, out, val, minutes)


def arrays_of(training):
    """Return copies of everything that training changes, by name: weights, running statistics and momentum."""
    arrays = {name: parameter.value.copy() for name, parameter in training.model.parameters().items()}
    arrays |= {n: layer.running[key].copy() for n, (layer, key) in training.model.running_statistics().items()}
    return arrays | {f"velocity of {n}": v.copy() for n, v in training.optimizer.velocity.items()}
