"""The MultiBox loss on the processor in the GPU's place, against NumPy's."""

import math

import numpy as np
import pytest
from checking import exactly, host, normal

from numpyssd import kernels
from numpyssd.kernels.cuda.runtime.memory import to_device
from numpyssd.kernels.cuda.ssd.multibox_loss import multibox_loss, read_sums
from numpyssd.training.multibox_loss import divisors
from numpyssd.training.multibox_loss import multibox_loss as by_numpy


def made_up(rng, images, boxes, classes, fraction=0.05):
    loc, conf, loc_targets = normal(rng, (images, boxes, 4), (images, boxes, classes), (images, boxes, 4))
    labels = rng.integers(min(1, classes - 1), classes, (images, boxes))
    labels[rng.random((images, boxes)) >= fraction] = 0
    return loc, conf, loc_targets, labels.astype(np.int32)


def check(arrays, *options, **named):
    loss, dloc, dconf, parts = by_numpy(*exactly(*arrays[:3]), arrays[3], *options, **named)
    found = multibox_loss(*map(to_device, arrays), *options, **named)
    ours = read_sums(host(found[2]))
    np.testing.assert_allclose([ours.loc, ours.conf, ours.loc + ours.conf], [parts.loc, parts.conf, loss], rtol=2e-6)
    assert ours[2:] == parts[2:]
    for gradient, expected in zip(host(found[:2]), (dloc, dconf)):
        assert not gradient[~expected.any(axis=-1)].any()  # exactly nothing for a box that takes no part
        largest = np.abs(expected).max(initial=0)
        np.testing.assert_allclose(gradient, expected, rtol=4e-6, atol=1e-6 * largest)
    return ours


SHAPES = [(1, 1, 2), (2, 63, 6), (3, 130, 21), (1, 400, 1), (2, 257, 81), (0, 5, 3), (2, 0, 3)]


@pytest.mark.parametrize("scope", ["image", "batch"])
@pytest.mark.parametrize("shape", SHAPES)
def test_loss_and_gradients(gpu, rng, shape, scope):
    check(made_up(rng, *shape), scope=scope)


@pytest.mark.parametrize("divisor", ["batch", "image", 7, np.array([3, 0, 500])])
@pytest.mark.parametrize("min_negatives", [0, 9])
def test_divisors(gpu, rng, divisor, min_negatives):
    arrays = made_up(rng, 3, 140, 5)
    arrays[3][1] = 0  # an image without positives
    check(arrays, 0.25, 2.5, divisor=divisor, min_negatives=min_negatives)


@pytest.mark.parametrize("options", [{}, {"min_negatives": 5}, {"divisor": "image", "min_negatives": 5}])
def test_no_positives(gpu, rng, options):
    arrays = made_up(rng, 2, 70, 4, fraction=0)
    parts = check(arrays, **options)
    assert parts.positives == 0
    assert parts.negatives == 2 * options.get("min_negatives", 0)


def test_no_mining(gpu, rng):
    parts = check(made_up(rng, 2, 70, 4, fraction=0.1), negative_ratio=math.inf)
    assert parts.positives + parts.negatives == 140


def test_equal_logits_are_ties(gpu, rng):
    arrays = made_up(rng, 2, 300, 4)
    arrays[1][:] = 0
    check(arrays)


def test_large_logits(gpu, rng):
    loc, conf, loc_targets, labels = made_up(rng, 2, 100, 5, fraction=0.2)
    check((loc * 1e4, np.round(conf * 1e4), loc_targets, labels))


@pytest.mark.parametrize("where", ["positive", "negative", "only negatives"])
def test_nan_logits_show_in_the_loss(gpu, rng, where):
    loc, conf, loc_targets, labels = made_up(rng, 2, 150, 4, fraction=0.1)
    labels[0, 0], labels[0, 1] = 2, 0
    if where == "only negatives":
        labels[:] = 0
    conf[0, 0 if where == "positive" else 1, 3] = np.nan
    assert math.isnan(read_sums(host(multibox_loss(loc, conf, loc_targets, labels)[2])).conf)


@pytest.mark.parametrize("bad", [-1, 4])
def test_a_target_that_is_no_class_shows_in_the_loss(gpu, rng, bad):
    arrays = made_up(rng, 1, 150, 4, fraction=0.1)
    arrays[3][0, 20] = bad
    assert math.isnan(read_sums(host(multibox_loss(*arrays)[2])).conf)


def test_nan_of_loc_counts_at_the_positives_alone(gpu, rng):
    arrays = made_up(rng, 1, 150, 4, fraction=0.1)
    arrays[3][0, :2] = 0, 1
    arrays[0][0, 0] = np.nan
    assert math.isfinite(read_sums(host(multibox_loss(*arrays)[2])).loc)
    arrays[0][0, 1] = np.nan
    assert math.isnan(read_sums(host(multibox_loss(*arrays)[2])).loc)


def test_parts_of_a_batch_add_up_to_the_batch(gpu, rng):
    arrays = made_up(rng, 4, 90, 6)
    counts = divisors(arrays[3])
    whole = read_sums(host(multibox_loss(*arrays)[2]))
    parts = [multibox_loss(*(a[i : i + 2] for a in arrays), divisor=counts[i : i + 2])[2] for i in (0, 2)]
    np.testing.assert_allclose(np.sum([read_sums(host(p)) for p in parts], axis=0), whole, rtol=1e-6)


def test_losses_of_all_parts_and_the_norm_come_with_one_download(gpu, rng):
    arrays, gradients = made_up(rng, 3, 90, 6), normal(rng, (4, 5), (5000,))
    sums = [multibox_loss(*(a[i : i + 1] for a in arrays))[2] for i in range(3)]
    alone = [read_sums(host(numbers)) for numbers in sums]
    before = gpu.downloads
    assert kernels.active.read_losses(sums) == alone
    assert gpu.downloads == before + 1
    losses, norm = kernels.active.read_losses_and_norm(sums, gradients)
    assert gpu.downloads == before + 2
    assert losses == alone
    assert norm == pytest.approx(kernels.active.norm(gradients), rel=1e-6)


def test_as_many_boxes_as_ssd300_and_nothing_fetched(reusing_gpu, rng):
    arrays = made_up(rng, 2, 8732, 21, fraction=0.004)
    there = list(map(to_device, arrays))
    multibox_loss(*there)
    uploads, allocations = reusing_gpu.uploads, reusing_gpu.allocations
    found = multibox_loss(*there)
    assert reusing_gpu.uploads == uploads
    assert reusing_gpu.downloads == 0
    assert found[2].size < 1000
    del found
    again = reusing_gpu.allocations
    multibox_loss(*there)
    assert reusing_gpu.allocations == again >= allocations
    check(arrays)


def test_wrong_shapes_and_words(gpu, rng):
    loc, conf, loc_targets, labels = made_up(rng, 2, 10, 4)
    for wrong in ((loc[:, :9], conf, loc_targets), (loc, conf[:1], loc_targets), (loc, conf, loc_targets[..., :3])):
        with pytest.raises(ValueError, match="must be"):
            multibox_loss(*wrong, labels)
    with pytest.raises(ValueError, match="divisor"):
        multibox_loss(loc, conf, loc_targets, labels, divisor="boxes")
    with pytest.raises(ValueError, match="scope"):
        multibox_loss(loc, conf, loc_targets, labels, scope="boxes")
