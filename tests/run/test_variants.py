"""variants: each option beside the paper reaches the recipe, is remembered by --resume, and is off unless asked for."""

import json

import numpy as np
import pytest

from numpyssd import train
from numpyssd.cli import finish
from numpyssd.errors import InputError
from numpyssd.run.recipes import RECIPES
from numpyssd.run.settings import read_settings, write_settings
from numpyssd.run.setup import make_recipe
from numpyssd.run.variants import NAMES, with_variants
from numpyssd.weights.formats.npz import read

GIVEN = {
    "--ema": ("0.9", "ema", 0.9),
    "--min-negatives": ("12", "loss", {"min_negatives": 12}),
    "--mosaic": ("0.5", "augmentation", {"mosaic_probability": 0.5}),
    "--copy-objects": ("1", "augmentation", {"copy_probability": 1.0}),
    "--label-smoothing": ("0.1", "loss", {"label_smoothing": 0.1}),
    "--focal-loss": ("2", "loss", {"focal_gamma": 2.0}),
    "--box-loss": ("giou", "loss", {"box_loss": "giou"}),
}
ALL = ["--ema", "0.9", "--min-negatives", "12", "--mosaic", "0.5", "--copy-objects", "1", "--label-smoothing", "0.1"]
ALL += ["--box-loss", "giou"]


def recipe_of(*arguments):
    return make_recipe(train.parse(["--tiny", *arguments]))


def test_there_is_a_case_for_each():
    assert [option.strip("-").replace("-", "_") for option in GIVEN] == list(NAMES)


@pytest.mark.parametrize("option", GIVEN)
def test_an_option_changes_its_place_in_the_recipe_and_nothing_else(option):
    value, field, expected = GIVEN[option]
    plain, recipe = vars(recipe_of()), vars(recipe_of(option, value))
    if isinstance(expected, dict):
        expected = {**plain[field], **expected}
    assert recipe == {**plain, field: expected}


def test_the_papers_recipes_have_none():
    for name in ("ssd300", "ssd512", "ssd300_coco", "ssd512_coco"):
        recipe = RECIPES[name]
        assert (recipe.ema, recipe.loss, recipe.augmentation) == (0, {}, {})
        assert make_recipe(train.parse(["--data", "x", "--preset", name])) == recipe


@pytest.mark.parametrize("option", GIVEN)
def test_zero_leaves_out_what_a_preset_has(option):
    off = "smooth_l1" if option == "--box-loss" else "0"
    having, nothing = recipe_of(option, GIVEN[option][0]), train.parse(["--tiny", option, off])
    assert with_variants(having, nothing) == recipe_of()


def run_in(folder, *arguments):
    """Leave behind what a run with these arguments leaves: config.json with its recipe."""
    options = train.parse(["--tiny", "--out", str(folder), *arguments])
    recipe = make_recipe(options)
    write_settings(folder, {**vars(options), "out": str(folder), "recipe": vars(recipe), "network": {"width": 1.0}})
    return recipe


def resumed(folder, *arguments):
    return make_recipe(train.parse(["--out", str(folder), "--resume", *arguments]))


def test_a_run_goes_on_with_its_own(tmp_path):
    before = run_in(tmp_path, *ALL)
    for again in (resumed(tmp_path), resumed(tmp_path, *ALL)):
        assert (again.ema, again.loss, again.augmentation) == (before.ema, before.loss, before.augmentation)
    with pytest.raises(InputError, match="--ema 0.5 contradicts the run in .*, which had 0.9"):
        resumed(tmp_path, "--ema", "0.5")
    with pytest.raises(InputError, match="--box-loss smooth_l1 contradicts the run in .*, which had giou"):
        resumed(tmp_path, "--box-loss", "smooth_l1")


def test_a_run_of_before_goes_on_without(tmp_path, monkeypatch):
    run_in(tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    for name in NAMES:
        settings.pop(name)
    settings["recipe"].pop("ema")
    write_settings(tmp_path, settings)
    # Even if the preset has some by now.
    monkeypatch.setitem(RECIPES, "tiny", recipe_of(*ALL))
    assert (resumed(tmp_path).ema, resumed(tmp_path).loss) == (0, {})
    assert "mosaic_probability" not in resumed(tmp_path).augmentation


@pytest.mark.parametrize(("name", "value"), [("ema", 2), ("min_negatives", 0.5), ("box_loss", "iou"), ("mosaic", "a")])
def test_a_config_that_was_edited_badly_is_none(tmp_path, name, value):
    run_in(tmp_path, *ALL)
    settings = json.loads((tmp_path / "config.json").read_text())
    recipe = settings["recipe"]
    part, key = {"ema": (recipe, "ema"), "mosaic": (recipe["augmentation"], "mosaic_probability")}.get(
        name, (recipe["loss"], name)
    )
    assert read_settings(tmp_path)
    part[key] = value
    write_settings(tmp_path, settings)
    assert read_settings(tmp_path) == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--ema", "1"), "must be a number from 0 to 0.99999, not '1'"),
        (("--mosaic", "-0.1"), "must be a number from 0 to 1"),
        (("--copy-objects", "nan"), "must be a number from 0 to 1, not 'nan'"),
        (("--min-negatives", "2.5"), "must be a whole number from 0 to"),
        (("--focal-loss", "0.5"), "must be a number from 1 to 10, or 0, not '0.5'"),
        (("--label-smoothing", "x"), "must be a number from 0 to 0.99"),
        (("--box-loss", "iou"), "invalid choice"),
    ],
)
def test_what_makes_no_sense(arguments, words, capsys):
    with pytest.raises(SystemExit):
        train.parse(["--tiny", *arguments])
    assert words in capsys.readouterr().err


def test_two_losses_for_the_classes_exclude_each_other():
    with pytest.raises(InputError, match="--label-smoothing and --focal-loss are two losses for the classes"):
        recipe_of("--label-smoothing", "0.1", "--focal-loss", "2")


@pytest.mark.parametrize("more", [ALL, ["--focal-loss", "2", "--box-loss", "giou"]], ids=["most", "focal"])
def test_the_command_trains_with_them(tmp_path, more, monkeypatch):
    monkeypatch.setattr("numpyssd.run.setup.TINY_COUNTS", {"train": 4, "test": 2})
    monkeypatch.setattr(finish, "finish", lambda *_: None)  # the report, with its figures
    arguments = ["--tiny", "--width", "0.25", "--batch-size", "2", "--iterations", "3", "--out", str(tmp_path)]
    assert train.main([*arguments, *more]) == 0
    arrays = read(tmp_path / "last.npz")[1]
    assert ("trained/conv1_1.weight" in arrays) == ("--ema" in more)
    background = arrays["conf.0.bias"].reshape(-1, 6)[:, 0]
    assert (background.min() > 4) == ("--focal-loss" in more)  # it started with background
    assert all(np.isfinite(array).all() for name, array in arrays.items() if name != "description")
