"""numpyssd.rivals.dropout: which values go, the mean, the gradient, and that a batch may be cut."""

import numpy as np
import pytest

from numpyssd.rivals.dropout import Dropout


def generators(seeds):
    return [(np.random.default_rng(seed), 1) for seed in seeds]


@pytest.fixture
def layer():
    found = Dropout("drop", 0.25)
    found.training = True
    return found


def test_a_quarter_goes_and_the_mean_stays(layer):
    x = np.ones((4, 1, 1, 50_000), np.float32)
    layer.draw_from(generators(range(4)))
    out = layer.forward(x)
    assert out.dtype == np.float32
    assert set(np.unique(out)) == {0, np.float32(1 / 0.75)}
    assert (out == 0).mean() == pytest.approx(0.25, abs=0.005)
    assert out.mean() == pytest.approx(1, abs=0.01)


def test_the_gradient_passes_where_the_value_did(layer):
    x = np.random.default_rng(0).normal(size=(2, 1, 1, 30))
    layer.draw_from(generators([1, 2]))
    out = layer.forward(x)
    np.testing.assert_allclose(layer.backward(np.ones_like(x)), out / x)


def test_a_part_of_the_batch_is_dropped_alike(layer):
    x = np.random.default_rng(0).normal(size=(3, 2, 2, 20))
    layer.draw_from(generators([5, 6, 7]))
    whole = layer.forward(x)
    layer.draw_from(generators([6, 7]))
    np.testing.assert_array_equal(layer.forward(x[1:]), whole[1:])
    layer.draw_from([(np.random.default_rng(5), 3)])  # one generator for several rows: another draw
    assert not np.array_equal(layer.forward(x), whole)


def test_nothing_is_dropped_outside_of_training(layer):
    x = np.random.default_rng(0).normal(size=(2, 1, 1, 30))
    layer.training = False
    for out in (layer.forward(x), layer.backward(x), layer.infer(x)):
        assert out is x
    layer.training = True
    assert layer.infer(x) is x


def test_without_random_numbers_for_each_row_it_refuses(layer):
    with pytest.raises(ValueError, match="drop has random numbers for 0 rows, but x has 2"):
        layer.forward(np.ones((2, 1, 1, 3)))


def test_a_batch_of_no_rows(layer):
    layer.draw_from([(np.random.default_rng(0), 0)])
    assert layer.forward(np.ones((0, 1, 1, 3))).shape == (0, 1, 1, 3)
