"""weight_cache: the form of a weight is made once, anew after any change, and goes when the weight goes."""

import numpy as np
import pytest

from numpyssd.kernels import cpu, reference
from numpyssd.kernels.cpu.conv import weight_cache as module
from numpyssd.kernels.cpu.conv.weight_cache import cached, digest
from numpyssd.kernels.cpu.runtime import threads
from numpyssd.layers import Parameter


class Maker:
    """Make a form (the weight, doubled) and count how often."""

    def __init__(self):
        self.calls = 0

    def __call__(self, weight):
        self.calls += 1
        return 2 * weight


@pytest.fixture
def make():
    return Maker()


@pytest.fixture
def weight(rng):
    """As many numbers as make several pieces, with a rest after whole rows of 16 words."""
    return rng.standard_normal((3, 3, 100, 151)).astype(np.float32)


def entries(weight):
    return [key for key in module._forms if key[0] == id(weight)]


def test_kept_when_the_same_weight_comes_a_second_time(weight, make):
    np.testing.assert_array_equal(cached(weight, "a", make), 2 * weight)
    assert [form for key, (_, _, form) in module._forms.items() if key in entries(weight)] == [None]
    first = cached(weight, "a", make)
    np.testing.assert_array_equal(first, 2 * weight)
    assert all(cached(weight, "a", make) is first for _ in range(3))
    assert make.calls == 2
    assert cached(weight, "b", make) is not first  # another algorithm has a form of its own
    assert cached(weight, "a", make) is first
    assert make.calls == 3
    assert len(entries(weight)) == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("at", [0, 1, 16, 65535, 65536, 70_001, -2, -1])
def test_made_anew_after_one_number_changed_in_place(at, dtype, weight, make):
    weight = weight.astype(dtype)
    flat = weight.reshape(-1)
    cached(weight, "a", make)
    before = flat[at]
    for value in (np.nextafter(before, dtype(9)), -flat[at], dtype(0), dtype(-0.0), dtype(np.nan)):
        flat[at], calls = value, make.calls  # any bit counts, that of the sign of zero too
        np.testing.assert_array_equal(cached(weight, "a", make), 2 * weight)
        kept = cached(weight, "a", make)
        assert cached(weight, "a", make) is kept
        assert make.calls == calls + 2
    assert len(entries(weight)) == 1


@pytest.mark.parametrize(("i", "j"), [(0, 1), (0, 16), (5, 65536 + 5), (3, -1), (-2, -1), (70_000, 70_016)])
def test_made_anew_after_two_numbers_were_swapped(i, j, weight, make):
    cached(weight, "a", make)
    flat = weight.reshape(-1)
    flat[[i, j]] = flat[[j, i]]
    np.testing.assert_array_equal(cached(weight, "a", make), 2 * weight)
    assert make.calls == 2


@pytest.mark.parametrize("change", ["negated", "reversed", "doubled", "pieces swapped", "zeroed"])
def test_made_anew_after_everything_changed(change, weight, make):
    cached(weight, "a", make)
    flat = weight.reshape(-1)
    other = {"negated": -flat, "reversed": flat[::-1], "doubled": 2 * flat, "zeroed": 0 * flat}
    other["pieces swapped"] = np.concatenate([flat[65536:131072], flat[:65536], flat[131072:]])
    flat[:] = other[change].copy()
    np.testing.assert_array_equal(cached(weight, "a", make), 2 * weight)


def test_digest_tells_arrays_apart_and_not_the_number_of_threads(weight):
    before, found = threads.thread_count(), set()
    try:
        for count in (1, 2, 3):
            threads.set_threads(count)
            found.add(digest(weight))
    finally:
        threads.set_threads(before)
    assert found == {digest(weight.copy())}
    assert digest(weight.reshape(3, 3, 151, 100)) != digest(weight)
    ones = [np.zeros(40, np.float32) for _ in range(41)]
    for i in range(40):
        ones[i][i] = 1
    assert len({digest(array) for array in ones}) == 41
    assert len({digest(np.zeros(n, np.float32)) for n in range(70)}) == 70


def test_another_array_in_the_same_parameter(weight, make):
    parameter = Parameter(weight)
    cached(parameter.value, "a", make)
    parameter.value = weight + 1
    np.testing.assert_array_equal(cached(parameter.value, "a", make), 2 * weight + 2)
    cached(weight, "a", make)
    assert make.calls == 3  # each has its own


def test_views_and_arrays_that_are_not_contiguous(weight, make):
    for view in (weight.transpose(0, 1, 3, 2), weight[..., ::2], weight[:, :, ::-1]):
        for factor in (1, 3):
            view *= factor
            np.testing.assert_array_equal(cached(view, "a", make), 2 * view)
        assert entries(view) == []  # these are not kept
    view = weight[1:]
    cached(view, "a", make)
    form = cached(view, "a", make)
    assert cached(view, "a", make) is form
    weight[2, 0, 0, 0] = 5  # a change through the array that it is a view of
    np.testing.assert_array_equal(cached(view, "a", make), 2 * view)


def test_the_entry_goes_with_the_array(weight, make):
    before = len(module._forms)
    cached(weight, "a", make)
    cached(weight, "b", make)
    assert len(module._forms) == before + 2
    ids = set()
    for _ in range(20):
        array = np.ones((3, 3, 4, 5), np.float32)  # often in the place of the one before, and then with its id
        ids.add(id(array))
        np.testing.assert_array_equal(cached(array, "a", make), 2 * array)
        del array
        assert len(module._forms) == before + 2
    assert len(ids) < 20
    assert make.calls == 22


@pytest.mark.parametrize(("kernel", "channels"), [(3, 16), (3, 5), (1, 20)])
def test_convolution_after_a_change_in_place(kernel, channels, rng):
    x, bias = rng.standard_normal((1, 6, 5, channels)), rng.standard_normal(channels)
    weight = rng.standard_normal((kernel, kernel, channels, channels))
    for _ in range(3):
        expected = reference.conv2d_forward(x, weight, bias)
        for _ in range(2):
            np.testing.assert_allclose(cpu.conv2d_forward(x, weight, bias), expected, rtol=0, atol=1e-11)
        dx = reference.conv2d_backward(expected, x, weight)[0]
        np.testing.assert_allclose(cpu.conv2d_backward(expected, x, weight)[0], dx, rtol=0, atol=1e-9)
        cpu.sgd_step(weight, rng.standard_normal(weight.shape), np.zeros_like(weight), 0.5, 0.9, 0.0)
    assert len(entries(weight)) == 1


def test_forgetting_gives_the_forms_back_and_the_weight_counts_as_new(weight, make):
    for _ in range(2):
        cached(weight, "a", make)
    cpu.clear_weight_cache()
    assert entries(weight) == []
    calls = make.calls
    np.testing.assert_array_equal(cached(weight, "a", make), 2 * weight)
    cpu.clear_weight_cache()
    cached(weight, "a", make)
    assert make.calls == calls + 2  # forgotten each time, so never kept
    assert [form for key, (_, _, form) in module._forms.items() if key in entries(weight)] == [None]
