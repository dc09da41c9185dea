"""weight_average: the moving average of the weights, by hand; what is evaluated, kept and resumed with it."""

import numpy as np
import pytest
from short_run import THIN, short_run

from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.run.recipes import RECIPES
from numpyssd.training.weight_average import AveragedSGD, WeightAverage, averaged, decay_at, make_optimizer
from numpyssd.weights import load_model
from numpyssd.weights.formats.npz import read


def values(model):
    """Return copies of the parameters and running statistics of a model by name."""
    found = {name: parameter.value.copy() for name, parameter in model.parameters().items()}
    return found | {name: layer.running[key].copy() for name, (layer, key) in model.running_statistics().items()}


def assert_same(a, b):
    assert a.keys() == b.keys()
    for name, array in a.items():
        np.testing.assert_array_equal(array, b[name], err_msg=name)


def test_the_decay_grows_to_what_was_asked_for():
    assert [decay_at(step, 0.9) for step in (1, 8, 71, 80, 10_000)] == [2 / 11, 0.5, 72 / 81, 0.9, 0.9]


def test_the_average_is_its_formula(backend, rng):
    model = SSD(THIN)
    average = WeightAverage(model, 0.6)
    expected = values(model)
    for step in range(1, 15):
        for parameter in model.parameters().values():
            parameter.value = parameter.value + rng.normal(size=parameter.value.shape).astype(np.float32)
        for layer, key in model.running_statistics().values():
            layer.running[key] = layer.running[key] + np.float32(step)
        average.update(step)
        decay = min(0.6, (1 + step) / (10 + step))
        expected = {name: decay * expected[name] + (1 - decay) * array for name, array in values(model).items()}
    for name, array in average.arrays.items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-5, atol=1e-6, err_msg=name)
        assert np.abs(array - values(model)[name]).max() > 0.1, name


def test_the_model_is_the_average_only_inside(backend):
    model = SSD(THIN)
    average = WeightAverage(model, 0.9)
    start, x = values(model), np.ones((1, 64, 64, 3), np.float32)
    before = model.infer(x)[1]
    for parameter in model.parameters().values():
        parameter.value += 1
    moved = values(model)

    def interrupted():
        with average.in_model():
            assert_same(values(model), start)
            np.testing.assert_array_equal(model.infer(x)[1], before)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert_same(values(model), moved)
    assert_same(dict(average.arrays), start)
    assert not np.array_equal(model.infer(x)[1], before)


def test_no_preset_of_the_paper_keeps_one():
    model = SSD(THIN)
    for name in ("ssd300", "ssd512", "ssd300_coco", "ssd512_coco"):
        assert not isinstance(make_optimizer(model, RECIPES[name]), AveragedSGD)
    with averaged(make_optimizer(model, RECIPES["ssd300"])):
        pass


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of ten iterations that has evaluated its average once, at its end."""
    training = short_run(tmp_path_factory.mktemp("run"), ShapesDataset(2, split="val"), ema=0.8, evaluations=1)
    training.run()
    return training


def test_the_average_is_what_is_kept_and_what_a_command_reads(run):
    average = dict(run.optimizer.average.arrays)
    assert not any(np.array_equal(array, values(run.model)[name]) for name, array in average.items())
    for name in ("best.npz", "last.npz"):
        assert_same(values(load_model(run.out / name)), average)
    stored = read(run.out / "last.npz")[1]
    assert_same(values(run.model), {n.removeprefix("trained/"): a for n, a in stored.items() if "trained/" in n})


def test_the_steps_are_the_same_with_and_without(run, tmp_path):
    plain = short_run(tmp_path, evaluations=1)
    plain.run()
    assert_same(values(plain.model), values(run.model))


def test_a_run_goes_on_as_it_began(run, tmp_path):
    again = short_run(run.out, ema=0.8)
    again.resume()
    assert again.optimizer.steps == 10
    assert_same(dict(again.optimizer.average.arrays), dict(run.optimizer.average.arrays))
    assert_same(values(again.model), values(run.model))
    with pytest.raises(InputError, match="keeps an average of the weights; resume with the --ema of that run"):
        short_run(run.out).resume()
    short_run(tmp_path).run()
    with pytest.raises(InputError, match="has no average of the weights"):
        short_run(tmp_path, ema=0.8).resume()
