"""Which weights a training starts from: the base that comes with the package, those of --weights, or random ones."""

import argparse
from dataclasses import replace

import numpy as np
import pytest

from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.run import setup
from numpyssd.run.recipes import PRESETS, RECIPES
from numpyssd.weights import load_model, save
from numpyssd.weights.built_in import FILES
from numpyssd.weights.formats import npz

COMPACT = replace(PRESETS["compact"], num_classes=3)


def started(model, weights=None, width=None, recipe=RECIPES["compact"]):
    """Return a digest of the model before and after, by the first and last layer of the trunk and a predictor."""
    names = "conv1_1.weight", "conv11_2.weight", "conf.0.weight"
    before = [model.parameters()[name].value.copy() for name in names]
    setup.start(model, argparse.Namespace(weights=weights, width=width), recipe)
    return [bool(np.array_equal(a, model.parameters()[name].value)) for a, name in zip(before, names)]


def test_compact_starts_from_the_base_and_draws_its_predictors(capsys):
    assert started(SSD(COMPACT)) == [False, False, True]
    assert "starting from the weights base" in capsys.readouterr().out


def test_without_it_by_name_and_where_it_cannot_fit(capsys):
    assert started(SSD(COMPACT), weights="random") == [True, True, True]
    assert started(SSD(replace(COMPACT, width=0.5)), width=0.5) == [True, True, True]
    assert started(SSD(COMPACT), recipe=RECIPES["ssd300"]) == [True, True, True]
    assert capsys.readouterr().out == ""


def test_weights_of_the_user_come_first(tmp_path, capsys):
    save(SSD(COMPACT, seed=5), tmp_path / "own.npz")
    model = SSD(COMPACT)
    assert started(model, weights=str(tmp_path / "own.npz")) == [False, False, False]
    np.testing.assert_array_equal(
        model.parameters()["conv1_1.weight"].value, SSD(COMPACT, seed=5).parameters()["conv1_1.weight"].value
    )


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
