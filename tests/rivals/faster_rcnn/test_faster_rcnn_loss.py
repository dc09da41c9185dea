"""The four losses: by loops, the gradient of each term by finite differences, and what they are divided by."""

import numpy as np
import pytest
from gradcheck import assert_gradient

from numpyssd.rivals.faster_rcnn.faster_rcnn_loss import head_loss, rpn_loss, smooth_l1_sigma
from numpyssd.training.losses import smooth_l1


def negative_log(logits, label):
    shifted = [v - max(logits) for v in logits]
    return float(np.log(np.exp(shifted).sum()) - shifted[label])


def sigma_by_hand(d, sigma):
    return (sigma * d) ** 2 / 2 if abs(d) < 1 / sigma**2 else abs(d) - 0.5 / sigma**2


@pytest.fixture
def first_stage(rng):
    labels = np.array([1, 0, -1, 0, 1, -1, 0, 0])
    targets = np.where(labels[:, None] == 1, rng.normal(0, 0.4, (8, 4)), 0)
    return rng.normal(size=(8, 2)), rng.normal(0, 0.4, (8, 4)), labels, targets


@pytest.fixture
def second_stage(rng):
    labels = np.array([2, 0, 1, 0, 3, 2])
    targets = np.where(labels[:, None] > 0, rng.normal(0, 2, (6, 4)), 0)
    return rng.normal(size=(6, 4)), rng.normal(0, 2, (6, 4, 4)), labels, targets


@pytest.mark.parametrize("sigma", [1, 3])
def test_smooth_l1_with_sigma(sigma, rng):
    x = rng.normal(0, 0.7 / sigma, 400)
    value, gradient = smooth_l1_sigma(x, sigma)
    np.testing.assert_allclose(value, [sigma_by_hand(d, sigma) for d in x], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(gradient, np.clip(sigma**2 * x, -1, 1))
    edge = 1 / sigma**2
    np.testing.assert_allclose(smooth_l1_sigma(np.array([-edge, edge]), sigma)[0], edge / 2)
    assert smooth_l1_sigma(np.float32([1]), 3)[0].dtype == np.float32
    if sigma == 1:
        np.testing.assert_array_equal(value, smooth_l1(x)[0])


def test_the_first_stage(first_stage):
    logits, offsets, labels, targets = first_stage
    conf, loc, dlogits, doffsets = rpn_loss(*first_stage)
    expected_conf = sum(negative_log(logits[k], labels[k]) for k in range(8) if labels[k] >= 0) / 6
    expected_loc = sum(sigma_by_hand(d, 3) for k in (0, 4) for d in offsets[k] - targets[k]) / 6
    np.testing.assert_allclose([conf, loc], [expected_conf, expected_loc], rtol=1e-12)
    assert (dlogits[labels < 0] == 0).all()
    assert (doffsets[labels != 1] == 0).all()


@pytest.mark.parametrize("term", ["class", "box"])
def test_gradients_of_the_first_stage(term, first_stage, rng):
    logits, offsets, labels, targets = first_stage
    _, _, dlogits, doffsets = rpn_loss(logits, offsets, labels, targets, 3, box_weight=1.7)
    if term == "class":
        assert_gradient(lambda a: rpn_loss(a, offsets, labels, targets, 3)[0], [logits], [dlogits], rng)
    else:
        loss = lambda a: rpn_loss(logits, a, labels, targets, 3, box_weight=1.7)[1]  # noqa: E731
        assert_gradient(loss, [offsets], [doffsets], rng)


def test_the_second_stage(second_stage):
    conf, loc, labels, targets = second_stage
    conf_loss, loc_loss, dconf, dloc = head_loss(*second_stage)
    np.testing.assert_allclose(conf_loss, sum(negative_log(conf[r], labels[r]) for r in range(6)) / 6, rtol=1e-12)
    own = [d for r in (0, 2, 4, 5) for d in loc[r, labels[r]] - targets[r]]
    np.testing.assert_allclose(loc_loss, sum(sigma_by_hand(d, 1) for d in own) / 6, rtol=1e-12)
    np.testing.assert_allclose(dconf.sum(axis=1), 0, atol=1e-15)
    used = np.abs(dloc).sum(axis=2) > 0
    assert used.sum() == 4
    assert all(used[r, labels[r]] for r in (0, 2, 4, 5))


@pytest.mark.parametrize("term", ["class", "box"])
def test_gradients_of_the_second_stage(term, second_stage, rng):
    conf, loc, labels, targets = second_stage
    _, _, dconf, dloc = head_loss(*second_stage, 2)
    if term == "class":
        assert_gradient(lambda a: head_loss(a, loc, labels, targets, 2)[0], [conf], [dconf], rng)
    else:
        assert_gradient(lambda a: head_loss(conf, a, labels, targets, 2)[1], [loc], [dloc], rng)


def test_sigma_in_both_stages_is_another_loss(second_stage):
    # Trap 5: torchvision has sigma = 3 in the head too.
    assert head_loss(*second_stage)[1] != pytest.approx(head_loss(*second_stage, sigma=3)[1], rel=0.05)


def test_nothing_sampled_is_no_loss_and_no_gradient():
    # Traps 7 and 8: no anchor, no region, no object.
    logits, offsets = np.ones((5, 2), np.float32), np.ones((5, 4), np.float32)
    conf, loc, dlogits, doffsets = rpn_loss(logits, offsets, np.full(5, -1), np.zeros((5, 4), np.float32))
    assert (conf, loc) == (0, 0)
    assert not dlogits.any()
    assert not doffsets.any()
    conf, loc, dlogits, doffsets = rpn_loss(logits, offsets, np.zeros(5, int), np.zeros((5, 4), np.float32))
    assert loc == 0 < conf
    assert not doffsets.any()
    none = np.zeros((0, 4), np.float32), np.zeros((0, 4, 4), np.float32), np.zeros(0, int), np.zeros((0, 4), np.float32)
    conf, loc, dconf, dloc = head_loss(*none)
    assert (conf, loc, dconf.shape, dloc.shape) == (0, 0, (0, 4), (0, 4, 4))


def test_the_divisor_is_over_all_terms_and_types_stay(first_stage, second_stage):
    for function, arguments in ((rpn_loss, first_stage), (head_loss, second_stage)):
        whole, parts = function(*arguments), function(*arguments, 8)
        for a, b in zip(whole, parts):
            np.testing.assert_allclose(np.asarray(a) / 8, b)
        floats = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in arguments]
        assert [a.dtype for a in function(*floats)[2:]] == [np.float32] * 2
