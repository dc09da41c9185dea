"""Hard negatives on the processor in the GPU's place: the reference's mask, bit for bit."""

import numpy as np
import pytest
from checking import host, normal

from numpyssd.kernels.cuda.runtime.memory import to_device
from numpyssd.kernels.cuda.ssd.mining import hard_negatives, positives
from numpyssd.kernels.cuda.ssd.ranking import best_of_rows
from numpyssd.training.hard_negative_mining import hard_negatives as by_numpy

SHAPES = [(1, 1), (2, 63), (3, 256), (2, 300), (1, 513), (4, 0), (0, 5), (2, 2)]


def check(loss, labels, *options):
    found = host(hard_negatives(loss, labels, *options))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, by_numpy(loss, labels > 0, *options).astype(np.uint8))


def made_up(rng, shape, fraction=0.05, ties=False):
    loss = rng.integers(-2, 3, shape).astype(np.float32) if ties else normal(rng, shape)[0]
    return loss, np.where(rng.random(shape) < fraction, rng.integers(1, 21, shape), 0).astype(np.int32)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("scope", ["image", "batch"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_reference_s_mask(gpu, rng, shape, scope, ties):
    loss, labels = made_up(rng, shape, ties=ties)
    check(loss, labels, 3, scope)


@pytest.mark.parametrize("ratio", [0, 0.1, 0.29, 0.7, 2.5, 3, 1e9, np.inf])
@pytest.mark.parametrize("min_negatives", [0, 7, 1000])
def test_every_ratio(gpu, rng, ratio, min_negatives):
    loss, labels = made_up(rng, (3, 200), fraction=0.5)
    labels[1] = 0  # an image without positives
    labels[2, 100:] = 4  # one with few negatives
    check(loss, labels, ratio, "image", min_negatives)


def test_negatives_per_image_round_as_in_float64(gpu, rng):
    labels = np.zeros((1, 400), np.int32)
    labels[0, :100] = 1  # 0.29 * 100 is 28.999999999999996 there, and 29 in float32
    loss = normal(rng, labels.shape)[0]
    check(loss, labels, 0.29)
    assert host(hard_negatives(loss, labels, 0.29)).sum() == 28


def test_infinite_losses_and_all_equal_ones(gpu, rng):
    loss, labels = made_up(rng, (2, 300))
    loss[0] = 0
    loss[1, ::3], loss[1, 1::3] = np.inf, -np.inf
    check(loss, labels)
    check(loss, labels, np.inf)


def test_all_positive(gpu):
    check(np.ones((2, 70), np.float32), np.ones((2, 70), np.int32))


def test_nan_is_never_chosen(gpu):
    loss = np.array([[np.nan, 1, 2, np.nan, 3, 0]], np.float32)
    labels = np.array([[0, 0, 0, 0, 0, 1]], np.int32)
    assert host(hard_negatives(loss, labels, 2)).tolist() == [[0, 0, 1, 0, 1, 0]]


def test_as_many_as_ssd300_has(reusing_gpu, rng):
    loss, labels = made_up(rng, (2, 8732), fraction=0.004)
    check(np.round(loss, 2), labels)
    assert reusing_gpu.downloads == 1


def test_positives(gpu, rng):
    _, labels = made_up(rng, (3, 1000), fraction=0.3)
    np.testing.assert_array_equal(host(positives(to_device(labels))), (labels > 0).sum(axis=1))


@pytest.mark.parametrize("count", [1, 5, 300, 700])
def test_best_of_rows(gpu, rng, count):
    values = rng.integers(0, 50, (3, 300)).astype(np.float32)
    values[1, rng.random(300) < 0.5] = np.nan
    values[2] = np.nan
    found = host(best_of_rows(to_device(values), count))
    for row, ours in zip(values, found):
        theirs = np.argsort(-row, kind="stable")[: np.isfinite(row).sum()][:count]
        np.testing.assert_array_equal(ours, np.r_[theirs, np.full(count - len(theirs), -1)])


@pytest.mark.parametrize(
    ("options", "words"),
    [((3, "row"), "scope"), ((-1,), "negative"), ((np.nan,), "negative"), ((3, "image", -1), "negative")],
)
def test_wrong_options(gpu, options, words):
    with pytest.raises(ValueError, match=words):
        hard_negatives(np.zeros((1, 2), np.float32), np.zeros((1, 2), np.int32), *options)
