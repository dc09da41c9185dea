"""The recipe on the command line: what is chosen, what --resume remembers, and what it refuses."""

import json

import pytest

from numpyssd import train
from numpyssd.errors import InputError
from numpyssd.run.recipes import RECIPES
from numpyssd.run.settings import write_settings
from numpyssd.run.setup import make_recipe

GIVEN = ("--schedule", "voc0712", "--warm-up", "0", "--micro-batch", "4", "--clip-gradient", "2.5")


def recipe_of(*arguments):
    return make_recipe(train.parse([*arguments]))


def run_in(folder, *arguments):
    """Leave behind what a run with these arguments leaves: config.json with its recipe."""
    options = train.parse(["--tiny", "--out", str(folder), *arguments])
    recipe = make_recipe(options)
    settings = {**vars(options), "out": str(options.out), "recipe": vars(recipe), "network": {"width": 1.0}}
    write_settings(folder, settings | {"iterations": recipe.iterations or 77})
    return recipe


def resumed(folder, *arguments):
    return make_recipe(train.parse(["--out", str(folder), "--resume", *arguments]))


def test_the_released_presets_and_their_options():
    assert recipe_of("--data", "x", "--preset", "ssd512_coco") == RECIPES["ssd512_coco"]
    recipe = recipe_of("--data", "x", "--preset", "compact", *GIVEN)
    assert (recipe.iterations, recipe.drops, recipe.epochs) == (120_000, (80_000, 100_000), None)
    assert (recipe.batch_size, recipe.lr) == (32, 1e-3)
    assert (recipe.warm_up, recipe.micro_batch, recipe.clip_gradient) == (0, 4, 2.5)
    assert recipe.augmentation == RECIPES["compact"].augmentation
    assert recipe.fit_default_boxes == RECIPES["compact"].fit_default_boxes


def test_a_smaller_batch_sees_as_many_images_unless_the_length_is_given():
    recipe = recipe_of("--data", "x", "--preset", "ssd300", "--batch-size", "8")
    assert (recipe.lr, recipe.iterations, recipe.drops) == (0.25e-3, 480_000, (320_000, 400_000))
    assert recipe.warm_up == 2000
    recipe = recipe_of("--data", "x", "--preset", "ssd300", "--batch-size", "8", "--iterations", "600", "--lr", "0.1")
    assert (recipe.lr, recipe.iterations) == (0.1, 600)
    assert recipe.drops == pytest.approx((2 / 3, 5 / 6))


@pytest.mark.parametrize(
    "arguments", [(), GIVEN, ("--epochs", "3"), ("--batch-size", "3"), ("--batch-size", "3", *GIVEN)]
)
def test_resuming_remembers_the_recipe(tmp_path, arguments):
    before = run_in(tmp_path, *arguments)
    after = resumed(tmp_path)
    for name in ("batch_size", "lr", "warm_up", "micro_batch", "clip_gradient", "schedule", "augmentation"):
        assert getattr(after, name) == getattr(before, name), name
    if before.iterations:
        edges = [[round(d * r.iterations) if d < 1 else d for d in r.drops] for r in (before, after)]
        assert edges[0] == edges[1]
    assert after.iterations == (before.iterations or 77)


@pytest.mark.parametrize(
    ("option", "value", "before"),
    [
        ("--schedule", "coco", "voc0712"),
        ("--warm-up", "10", "0"),
        ("--micro-batch", "2", "4"),
        ("--clip-gradient", "1.0", "2.5"),
        ("--batch-size", "8", "32"),
    ],
)
def test_a_contradiction_is_refused(tmp_path, option, value, before):
    run_in(tmp_path, *GIVEN)
    with pytest.raises(InputError) as caught:
        resumed(tmp_path, option, value)
    text = f"{option} {value} contradicts the run in {tmp_path}, which had {before}; leave it out with --resume"
    assert str(caught.value) == text
    resumed(tmp_path, *GIVEN)  # the same again is none


def test_naming_what_the_preset_had_is_no_contradiction(tmp_path):
    before = run_in(tmp_path, "--preset", "ssd300")
    given = ("--batch-size", "32", "--warm-up", "500", "--micro-batch", "8", "--lr", "0.001")
    assert resumed(tmp_path, *given).lr == before.lr


def test_what_was_not_asked_for_then_is_none_now(tmp_path):
    run_in(tmp_path)
    with pytest.raises(InputError, match="--micro-batch 2 contradicts the run in .*, which had none"):
        resumed(tmp_path, "--micro-batch", "2")


def test_the_rate_may_be_another_and_the_report_is_remembered(tmp_path):
    run_in(tmp_path, *GIVEN, "--report-gradients")
    assert resumed(tmp_path, "--lr", "0.5").lr == 0.5
    assert train.parse(["--out", str(tmp_path), "--resume"]).report_gradients is True
    run_in(tmp_path)
    assert not train.parse(["--out", str(tmp_path), "--resume"]).report_gradients
    assert train.parse(["--out", str(tmp_path), "--resume", "--report-gradients"]).report_gradients is True


def test_a_run_of_before_these_options_can_be_resumed(tmp_path):
    run_in(tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    for name in ("schedule", "warm_up", "micro_batch", "clip_gradient", "report_gradients"):
        settings.pop(name)
    for name in ("micro_batch", "clip_gradient", "drops"):
        settings["recipe"].pop(name)
    write_settings(tmp_path, settings)
    assert resumed(tmp_path).micro_batch is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("--warm-up", "-1"),
        ("--micro-batch", "0"),
        ("--clip-gradient", "-1"),
        ("--schedule", "mine"),
        ("--warm-up", "x"),
    ],
)
def test_what_makes_no_sense(arguments, capsys):
    with pytest.raises(SystemExit):
        train.parse(["--tiny", *arguments])
    assert arguments[0] in capsys.readouterr().err


def test_help_lists_presets_and_schedules_with_their_numbers(capsys):
    with pytest.raises(SystemExit):
        train.parse(["--help"])
    text = capsys.readouterr().out
    (row,) = [line.split() for line in text.splitlines() if line.startswith("  ssd512_coco")]
    assert row[:9] == ["ssd512_coco", "512", "32", "(4", "at", "a", "time)", "0.001", "500"]
    assert " ".join(row[9:]) == "400000 iterations a tenth at 280000 and 360000"
    assert "python -m numpyssd.train --tiny" in text
    assert max(map(len, text.splitlines())) <= 110
