"""The answers of lessons 09 to 11 are the library's own arithmetic, written so that it can be read."""

import numpy as np
import pytest

from lessons.course.check import EXERCISES
from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import TINY
from numpyssd.model.box_coding import encode
from numpyssd.model.default_boxes import default_boxes
from numpyssd.softmax import log_softmax
from numpyssd.training.hard_negative_mining import hard_negatives
from numpyssd.training.losses import smooth_l1, softmax_cross_entropy
from numpyssd.training.matching import match, targets
from numpyssd.training.multibox_loss import multibox_loss


def answer(name):
    return EXERCISES[name].answer


def test_matching(rng):
    low = rng.uniform(0, 0.8, (6, 2))
    boxes, defaults = np.concatenate([low, low + rng.uniform(0.03, 0.2, (6, 2))], axis=1), default_boxes(TINY)
    overlaps = iou(boxes, cxcywh_to_xyxy(defaults))
    owner = answer("match_boxes")(overlaps, 0.5)
    assert (owner == match(boxes, defaults)).all()
    labels = rng.integers(1, 6, 6)
    loc, conf = targets(boxes, labels, defaults)
    assert (answer("labels_of")(owner, labels) == conf).all()
    k = np.flatnonzero(owner >= 0)[0]
    np.testing.assert_allclose(answer("encode_box")(boxes[owner[k]], defaults[k]), loc[k])
    np.testing.assert_allclose(loc[k], encode(boxes[owner[k]][None], defaults[k][None])[0])
    without = match(boxes, defaults, rule="threshold")
    assert answer("orphans")(overlaps, 0.5) >= 6 - len(set(without[without >= 0]))


def test_losses(rng):
    x, logits, labels = rng.normal(0, 2, (5, 4)), rng.normal(0, 200, (5, 6)), rng.integers(0, 6, 5)
    np.testing.assert_allclose(answer("smooth_l1_pair")(x), smooth_l1(x))
    loss, gradient = softmax_cross_entropy(logits, labels)
    for n in range(5):
        mine = answer("cross_entropy")(logits[n], labels[n])
        assert mine[0] == pytest.approx(loss[n])
        np.testing.assert_allclose(mine[1], gradient[n], atol=1e-12)
    np.testing.assert_allclose(answer("log_sum_exp")(logits), (logits - log_softmax(logits))[:, 0])


def test_the_whole_loss_and_what_it_begins_with(rng):
    conf_targets = np.zeros((1, 40), int)
    conf_targets[0, [4, 17]] = 3, 5
    loc, loc_targets, conf = rng.normal(size=(1, 40, 4)), rng.normal(size=(1, 40, 4)), rng.normal(size=(1, 40, 6))
    background, positive = -log_softmax(conf)[..., 0], conf_targets > 0
    negative = hard_negatives(background, positive)
    conf_losses = softmax_cross_entropy(conf, conf_targets)[0]
    mine = answer("whole_loss")(smooth_l1(loc - loc_targets)[0][0], conf_losses[0], positive[0], negative[0])
    assert mine == pytest.approx(multibox_loss(loc, conf, loc_targets, conf_targets)[0])
    nothing = multibox_loss(loc, np.zeros_like(conf), loc, conf_targets)[0]
    assert answer("first_loss")(6, 3) == pytest.approx(nothing)


def test_mining(rng):
    loss, positive = rng.integers(0, 20, (4, 50)).astype(float), rng.uniform(size=(4, 50)) < 0.1
    expected = hard_negatives(loss, positive)
    assert (answer("mine_batch")(loss, positive, 3) == expected).all()
    for n in range(4):
        assert (answer("mine_image")(loss[n], positive[n], 3) == expected[n]).all()
        assert answer("how_many")(int(positive[n].sum()), 50, 3) == expected[n].sum()
        assert (np.sort(answer("rank_of")(loss[n])) == np.arange(50)).all()
