"""large_batches: k times the rate for k times the images, after a warm-up of five epochs, and it is said."""

import pytest

from numpyssd import train
from numpyssd.run.large_batches import for_large_batch, large_batch_in_words
from numpyssd.run.recipes import RECIPES
from numpyssd.run.setup import make_recipe
from numpyssd.training.schedule import Schedule

SSD300 = RECIPES["ssd300"]
VOC = 16_551  # images of VOC2007 and VOC2012


@pytest.mark.parametrize(
    ("batch_size", "warm_up"),
    [
        (16, 1000),  # as many images as with 32
        (32, 500),
        (64, 1293),  # five epochs
        (256, 500),  # five epochs would be 323 iterations, fewer than it had
        (1024, 500),
    ],
)
def test_the_warm_up(batch_size, warm_up):
    recipe = for_large_batch(SSD300, batch_size, VOC)
    assert recipe.warm_up == warm_up
    assert recipe.lr == pytest.approx(1e-3 * batch_size / 32)
    assert recipe.iterations == 120_000 * 32 // batch_size


def test_the_rate_rises_to_its_height():
    schedule = Schedule(for_large_batch(SSD300, 256, VOC), VOC)
    rates = [schedule.learning_rate(i) for i in range(600)]
    assert rates[0] < 1e-4
    assert max(rates) == rates[-1] == pytest.approx(8e-3)
    assert max(b - a for a, b in zip(rates, rates[1:])) < 2e-5


def test_small_batches_are_as_before():
    assert for_large_batch(RECIPES["compact"], 32, 205).warm_up == 25
    assert large_batch_in_words(RECIPES["compact"], for_large_batch(RECIPES["compact"], 32, 205), 205) is None
    assert for_large_batch(RECIPES["compact"], 64, 205).warm_up == 100


def test_the_numbers_are_printed(capsys):
    def said(*arguments):
        make_recipe(train.parse(["--data", "voc", "--preset", "ssd300", *arguments]), VOC)
        return capsys.readouterr().out

    assert said("--batch-size", "256") == (
        "batches of 256 images instead of 32: a rate of 0.008, 8 x 0.001 as in Goyal et al., 2017, after a warm-up of "
        "500 iterations (7.7 epochs)\n"
    )
    assert "a rate of 0.005, where 2 x 0.001 is the rule in Goyal" in said("--batch-size", "64", "--lr", "0.005")
    assert "a warm-up of 9 iterations" in said("--batch-size", "64", "--warm-up", "9")
    assert said("--batch-size", "32") == ""
