"""Which weights a training starts from: the base that comes with the package, those of --weights, or random ones."""

import argparse
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from numpyssd import train
from numpyssd.cli.show_weights import main as show_weights
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.run import setup
from numpyssd.run.recipes import PRESETS, RECIPES
from numpyssd.run.settings import read_settings, write_settings
from numpyssd.weights import load_model, save
from numpyssd.weights.built_in import FILES
from numpyssd.weights.formats import npz

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
COMPACT = replace(PRESETS["compact"], num_classes=3)


def start(model, recipe=RECIPES["compact"], **options):
    """Return which of three arrays kept their values, in the first and last layer of the trunk and in a predictor."""
    names = "conv1_1.weight", "conv11_2.weight", "conf.0.weight"
    before = [model.parameters()[name].value.copy() for name in names]
    options = argparse.Namespace(**{"detector": "ssd", "preset": "compact", "weights": None, **options})
    setup.start(model, options, recipe)
    kept = [bool(np.array_equal(a, model.parameters()[name].value)) for a, name in zip(before, names)]
    return kept, options.weights


def test_compact_starts_from_the_base_and_draws_its_predictors(capsys):
    assert start(SSD(COMPACT)) == ([False, False, True], "base")
    assert "starting from the weights base" in capsys.readouterr().out


def test_the_base_is_that_of_the_package_whatever_lies_in_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "base").write_text("no weights")
    monkeypatch.chdir(tmp_path)
    assert start(SSD(COMPACT)) == ([False, False, True], "base")


def test_without_it_by_name_and_where_it_cannot_fit(capsys):
    assert start(SSD(COMPACT), weights="random") == ([True, True, True], "random")
    assert start(SSD(COMPACT), recipe=RECIPES["ssd300"]) == ([True, True, True], "random")
    assert capsys.readouterr().out == ""
    assert start(SSD(replace(COMPACT, width=0.5))) == ([True, True, True], "random")
    assert "random weights: base is for --width 0.25" in capsys.readouterr().out


def test_weights_of_the_user_come_first(tmp_path):
    save(SSD(COMPACT, seed=5), tmp_path / "own.npz")
    model, own = SSD(COMPACT), str(tmp_path / "own.npz")
    assert start(model, weights=own) == ([False, False, False], own)
    np.testing.assert_array_equal(
        model.parameters()["conv1_1.weight"].value, SSD(COMPACT, seed=5).parameters()["conv1_1.weight"].value
    )


def test_a_run_says_what_it_started_from_and_goes_on_if_told_so_again(tmp_path):
    data = ["--data", str(SAMPLES), "--split", "test", "--val-split", "none", "--iterations", "1", "--batch-size", "1"]
    for name, more in (("base", []), ("random", ["--weights", "random"])):
        out = tmp_path / name
        assert train.main([*data, *more, "--out", str(out)]) == 0
        settings = read_settings(out)
        assert (settings["weights"], settings["recipe"]["weights"]) == (name, name)
        again = ["--out", str(out), "--resume"]
        assert train.parse([*again, "--weights", name]).weights == train.parse(again).weights == name
        with pytest.raises(InputError, match=f"contradicts the run .* which had {name}"):
            train.parse([*again, "--weights", "tiny"])


def test_a_run_from_before_the_base_and_the_clipping_goes_on_without_them(tmp_path):
    recipe = {**asdict(RECIPES["compact"]), "lr": 0.008, "clip_gradient": None}
    recipe = {name: value for name, value in recipe.items() if name not in ("weights", "min_iterations")}
    settings = {"data": "x", "preset": "compact", "iterations": 250, "weights": None, "recipe": recipe}
    write_settings(tmp_path, {**settings, "network": asdict(COMPACT)})
    options = train.parse(["--out", str(tmp_path), "--resume", "--data", "x"])
    found = setup.make_recipe(options)
    assert (found.lr, found.iterations, found.clip_gradient) == (0.008, 250, None)
    assert options.weights == "random"
    assert train.parse(["--out", str(tmp_path), "--resume", "--data", "x", "--clip-gradient", "0"]).clip_gradient == 0


def test_clipping_can_be_turned_off():
    assert setup.make_recipe(train.parse(["--data", "x"])).clip_gradient == 3
    assert setup.make_recipe(train.parse(["--data", "x", "--clip-gradient", "0"])).clip_gradient is None


def test_the_base_is_all_of_compact_but_its_predictors():
    _, arrays = npz.read(FILES["base"])
    model = SSD(COMPACT)
    wanted = {*model.parameters(), *model.running_statistics()}
    assert wanted - set(arrays) == {name for name in wanted if name.startswith(("loc.", "conf."))}
    assert all(array.dtype == np.float16 and np.isfinite(array).all() for array in arrays.values())
    assert FILES["base"].stat().st_size < 6e6


def test_to_detect_with_a_base_is_refused_with_what_to_do():
    with pytest.raises(InputError, match="base has no predictors.*--data FOLDER --weights base"):
        load_model("base")


def test_the_command_tells_what_a_base_is(capsys):
    assert show_weights(["base"]) == 0
    said = capsys.readouterr().out
    assert "a base network: train with it, python -m numpyssd.train --data FOLDER --preset compact" in said
    assert "conf.5" in said
    with pytest.raises(InputError, match="^base is a base network, which has no classes"):
        show_weights(["base", "--save", "x.npz"])
