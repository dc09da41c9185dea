import inspect
from dataclasses import replace

import numpy as np
import pytest
from short_run import short_run

from numpyssd.config import COMPACT, SSD300_COCO
from numpyssd.detectors import NAMES
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.run.recipes import (
    PRESETS,
    RECIPES,
    SCHEDULES,
    for_batch_size,
    for_length,
    overview,
    presets,
    published,
    recipe_of,
)  # fmt: skip
from numpyssd.training import optimizer
from numpyssd.training.augmentation.pipeline import augment
from numpyssd.training.augmentation.variants import Variants
from numpyssd.training.loop import train_step
from numpyssd.training.matching import targets
from numpyssd.training.multibox_loss import multibox_loss
from numpyssd.training.schedule import Schedule

MATCHING = set(inspect.signature(targets).parameters)
LOSS = set(inspect.signature(multibox_loss).parameters)
AUGMENTATION = {p.name for p in inspect.signature(augment).parameters.values() if p.kind == p.KEYWORD_ONLY}
AUGMENTATION |= set(inspect.signature(Variants).parameters)


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


# ssd_pascal.py and ssd_coco.py: base_lr 1e-3 (4e-5 x 25) at a batch of 32, max_iter and stepvalue; paper, section 3.1:
# "10^-3 learning rate for 40k iterations, then continue training for 10k iterations with 10^-4 and 10^-5".
GOLDEN = {
    "voc0712": (80_000, 100_000, 120_000),
    "voc07_paper": (40_000, 50_000, 60_000),
    "coco": (280_000, 360_000, 400_000),
}
RELEASED = {"ssd300": "voc0712", "ssd512": "voc0712", "ssd300_coco": "coco", "ssd512_coco": "coco"}


def rates_of(recipe):
    """Return at which iterations the rate of a run changes after the warm-up, and the rates between."""
    schedule = Schedule(recipe, images=1)
    edges = [*recipe.drops, recipe.iterations]
    rates = [schedule.learning_rate(i) for drop in edges for i in (drop - 1, drop)][:-1]
    return edges, rates


@pytest.mark.parametrize("name", RELEASED)
def test_the_released_presets_are_caffe_s(name):
    recipe = RECIPES[name]
    edges, rates = rates_of(recipe)
    assert tuple(edges) == GOLDEN[RELEASED[name]]
    assert rates == pytest.approx([1e-3, 1e-4, 1e-4, 1e-5, 1e-5])
    assert (recipe.batch_size, recipe.schedule, recipe.augmentation) == (32, "multistep", {})
    assert recipe.micro_batch < 32  # batches of 32 with the memory of less
    assert recipe.clip_gradient is None


def test_caffe_has_no_warm_up():
    caffe, ours = (Schedule(replace(RECIPES["ssd300"], warm_up=n), images=1) for n in (0, 500))
    assert caffe.learning_rate(0) == 1e-3
    assert ours.learning_rate(0) == pytest.approx(1e-3 / 501)
    assert caffe.learning_rate(500) == ours.learning_rate(500) == 1e-3


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("preset", ["compact", "tiny", "ssd300"])
def test_any_network_can_be_trained_by_a_published_schedule(name, preset):
    recipe = published(RECIPES[preset], name)
    edges, rates = rates_of(recipe)
    assert tuple(edges) == GOLDEN[name]
    assert rates == pytest.approx([1e-3, 1e-4, 1e-4, 1e-5, 1e-5])
    assert (recipe.batch_size, recipe.epochs) == (32, None)
    assert recipe.augmentation == RECIPES[preset].augmentation


@pytest.mark.parametrize("batch_size", [1, 8, 24, 32, 64])
def test_smaller_batches_see_the_same_images_at_the_rate_that_goes_with_them(batch_size):
    released = RECIPES["ssd300"]
    recipe = for_batch_size(released, batch_size)
    assert recipe.lr / batch_size == pytest.approx(released.lr / 32)
    assert recipe.iterations * batch_size == pytest.approx(120_000 * 32, abs=batch_size)
    for drop, before in zip(recipe.drops, (80_000, 100_000)):
        assert drop * batch_size == pytest.approx(before * 32, abs=batch_size)
        assert isinstance(drop, int)
    assert recipe.warm_up * batch_size == pytest.approx(500 * 32, abs=batch_size)
    back = for_batch_size(recipe, 32)
    assert (back.iterations, *back.drops, back.lr) == pytest.approx((120_000, 80_000, 100_000, 1e-3), rel=1e-5)


def test_epochs_are_the_same_images_whatever_the_batch():
    recipe = for_batch_size(RECIPES["compact"], 4)
    assert (recipe.epochs, recipe.iterations, recipe.drops) == (100, None, RECIPES["compact"].drops)
    assert recipe.lr == RECIPES["compact"].lr / 2


def test_few_images_are_trained_on_for_the_least_iterations_and_many_for_the_epochs():
    recipe = RECIPES["compact"]
    assert Schedule(recipe, images=20).iterations == recipe.min_iterations > 100
    assert Schedule(recipe, images=2000).iterations == 25_000
    assert Schedule(for_batch_size(recipe, 16), images=20).iterations == recipe.min_iterations // 2
    assert Schedule(for_length(recipe, epochs=2), images=20).iterations == 5
    assert Schedule(for_length(recipe, iterations=7), images=20).iterations == 7


@pytest.mark.parametrize("iterations", [120_000, 60_000, 999, 7])
def test_another_length_keeps_the_fractions_of_the_drops(iterations):
    recipe = for_length(RECIPES["ssd300"], iterations=iterations)
    edges = [round(iterations * fraction) for fraction in (2 / 3, 5 / 6)]
    schedule = Schedule(replace(recipe, warm_up=0), images=1)
    assert [schedule.learning_rate(i) for i in edges] == pytest.approx([1e-4, 1e-5])
    assert schedule.learning_rate(edges[0] - 1) == pytest.approx(1e-3)
    again = for_length(recipe, iterations=iterations)  # as when it is resumed
    assert again.drops == recipe.drops


def test_epochs_and_the_iterations_that_they_come_to_have_one_schedule():
    # A run of epochs is resumed by its iterations; not one rate may be another then.
    by_epochs, images = for_length(RECIPES["ssd300"], epochs=7), 5009
    first = Schedule(by_epochs, images)
    second = Schedule(for_length(RECIPES["ssd300"], iterations=first.iterations), images)
    iterations = range(first.iterations)
    assert [first.learning_rate(i) for i in iterations] == [second.learning_rate(i) for i in iterations]
    assert len({first.learning_rate(i) for i in iterations[500:]}) == 3


def test_the_overview_names_every_preset_and_schedule_with_its_numbers():
    lines = overview().splitlines()
    for name in (*RECIPES, *SCHEDULES, "yolo448", "vgg600"):
        found = sum(line.split()[:1] == [name] for line in lines)
        assert found == sum(name in presets(detector) for detector in NAMES) + (name in SCHEDULES), name
    for text in (
        "8 at a time",
        "0.001",
        "120000 iterations",
        "80000 and 100000",
        "280000 and 360000",
        "40000 and 50000",
    ):
        assert text in overview()


@pytest.mark.parametrize("detector", NAMES)
def test_what_the_overview_says_of_compact_is_true_of_every_detector(detector):
    own, ssd = recipe_of(detector, "compact"), RECIPES["compact"]
    assert (own.min_iterations, own.clip_gradient) == (ssd.min_iterations, ssd.clip_gradient)
    assert [name for name, recipe in RECIPES.items() if recipe.weights] == ["compact"]


def test_compact_is_ssd300_with_the_default_boxes_for_coco_and_far_fewer_weights():
    np.testing.assert_array_equal(default_boxes(COMPACT), default_boxes(SSD300_COCO))
    count = sum(parameter.value.size for parameter in SSD(COMPACT).parameters().values())
    assert count < 6_000_000  # SSD300 has 26 million


def test_a_recipe_reaches_the_loss(tmp_path):
    training = short_run(tmp_path, loss={"alpha": 0})
    losses, _ = train_step(training.detector, training.optimizer, training.batches.batch(0))
    assert losses.loc == 0
    assert losses.conf > 0
