"""Batches far larger than the published ones, as many machines need them: the rate, and how long it takes to rise.

Goyal et al., "Accurate, Large Minibatch SGD", 2017 (arXiv 1706.02677), sections 2.1 and 2.2: k times the images in a
batch, k times the rate, after a warm-up of five epochs in which it rises from the rate of the small batch (here from
nothing). They trained ResNet-50 on ImageNet with up to 8192 images; of SSD above 32 nobody has published such a run.

Their momentum correction (section 3, remark 2) is left out: it makes up for a rate that jumps, and here the rate rises
by one part in the warm-up's iterations at a step. It falls at once, which the correction is not for.
"""

import math
from dataclasses import replace

from numpyssd.run.recipes import Recipe, for_batch_size

LARGE = 32  # images; up to here ``for_batch_size`` keeps the images of the warm-up, which are then few iterations
EPOCHS = 5


def for_large_batch(recipe: Recipe, batch_size: int, images: int) -> Recipe:
    """Return the recipe for batches of another size; of a large batch the warm-up is not shortened.

    It has the iterations that it had, or EPOCHS passes over the training images, whichever is more.
    """
    changed = for_batch_size(recipe, batch_size)
    if batch_size <= max(LARGE, recipe.batch_size):
        return changed
    return replace(changed, warm_up=max(recipe.warm_up, round(EPOCHS * images / batch_size)))


def large_batch_in_words(before: Recipe, recipe: Recipe, images: int) -> str | None:
    """Return a sentence about the rate and the warm-up of a recipe with large batches, or None if they are not."""
    if recipe.batch_size <= max(LARGE, before.batch_size):
        return None
    factor, epochs = recipe.batch_size / before.batch_size, recipe.warm_up * recipe.batch_size / images
    rule = f"{factor:.3g} x {before.lr:g}"
    by_rule = math.isclose(recipe.lr, factor * before.lr)
    return (
        f"batches of {recipe.batch_size} images instead of {before.batch_size}: a rate of {recipe.lr:g}, "
        f"{f'{rule} as' if by_rule else f'where {rule} is the rule'} in Goyal et al., 2017, after a warm-up of "
        f"{recipe.warm_up} iterations ({epochs:.2g} epochs)"
    )
