import inspect

import numpy as np
import pytest
from short_run import short_run

from numpyssd.config import SSD300_COCO
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.run.recipes import COMPACT, PRESETS, RECIPES
from numpyssd.training import optimizer
from numpyssd.training.augmentation import augment
from numpyssd.training.matching import targets
from numpyssd.training.multibox_loss import multibox_loss

MATCHING = set(inspect.signature(targets).parameters)
LOSS = set(inspect.signature(multibox_loss).parameters)
AUGMENTATION = {p.name for p in inspect.signature(augment).parameters.values() if p.kind == p.KEYWORD_ONLY}


def test_each_preset_has_a_recipe_and_its_own_name():
    assert set(PRESETS) == set(RECIPES) == {"compact", "tiny", "ssd300", "ssd512", "ssd300_coco", "ssd512_coco"}
    assert all(config.name == name for name, config in PRESETS.items())


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_can_be_followed(name):
    recipe = RECIPES[name]
    assert (recipe.iterations is None) != (recipe.epochs is None)
    assert callable(getattr(optimizer, recipe.schedule))
    assert set(recipe.augmentation) <= AUGMENTATION
    assert set(recipe.matching) <= MATCHING
    assert set(recipe.loss) <= LOSS
    assert recipe.batch_size > 0
    assert 0 < recipe.lr < 1
    assert recipe.evaluations > 0
    assert (recipe.momentum, recipe.weight_decay) == (0.9, 5e-4)  # paper, section 3


@pytest.mark.parametrize("name", ["ssd300", "ssd512"])
def test_the_released_recipes_are_scaled_to_their_batch(name):
    # ssd_pascal.py: base_lr 1e-3 at a batch of 32, 120,000 iterations, steps at 80,000 and 100,000.
    recipe = RECIPES[name]
    assert recipe.lr / recipe.batch_size == pytest.approx(1e-3 / 32)
    assert recipe.iterations * recipe.batch_size == 120_000 * 32
    assert recipe.schedule == "multistep"


def test_compact_is_ssd300_with_the_default_boxes_for_coco_and_far_fewer_weights():
    np.testing.assert_array_equal(default_boxes(COMPACT), default_boxes(SSD300_COCO))
    count = sum(parameter.value.size for parameter in SSD(COMPACT).parameters().values())
    assert count < 6_000_000  # SSD300 has 26 million


def test_a_recipe_reaches_the_loss(tmp_path):
    training = short_run(tmp_path, loss={"alpha": 0})
    parts = training.step(0, training.batches.batch(0))[1]
    assert parts.loc == 0
    assert parts.conf > 0
