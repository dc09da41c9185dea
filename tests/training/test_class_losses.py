"""class_losses: label smoothing and focal loss by their formulas in loops, their gradients by differences."""

import math

import numpy as np
import pytest
from gradcheck import assert_gradient
from short_run import THIN

from numpyssd.model.ssd import SSD
from numpyssd.softmax import softmax
from numpyssd.training.class_losses import focal_loss, smoothed_cross_entropy, start_with_background
from numpyssd.training.losses import softmax_cross_entropy

LOSSES = {
    "smoothed": lambda logits, labels: smoothed_cross_entropy(logits, labels, 0.1),
    "focal": focal_loss,
    "focal, gamma 1": lambda logits, labels: focal_loss(logits, labels, 1.0),
    "focal, gamma 3.5": lambda logits, labels: focal_loss(logits, labels, 3.5, balance=0.6),
}


@pytest.fixture
def case(rng):
    return 3 * rng.normal(size=(12, 5)), rng.integers(0, 5, 12)


def probabilities(row):
    total = math.fsum(math.exp(z) for z in row)
    return [math.exp(z) / total for z in row]


@pytest.mark.parametrize("smoothing", [0, 0.1, 0.6])
def test_smoothing_asks_for_a_little_of_every_class(case, smoothing):
    logits, labels = case
    loss, _ = smoothed_cross_entropy(logits, labels, smoothing)
    for row, label, value in zip(logits, labels, loss):
        wanted = [smoothing / 5 + (1 - smoothing) * (c == label) for c in range(5)]
        assert value == pytest.approx(-sum(q * math.log(p) for q, p in zip(wanted, probabilities(row))))


def test_smoothing_has_its_least_loss_where_it_was_asked_for():
    # For one box of two classes the best probability of the right one is 1 - 0.1 + 0.1 / 2, and not 1.
    logits = np.stack([np.linspace(0, 8, 4001), np.zeros(4001)], axis=1)
    best = smoothed_cross_entropy(logits, np.zeros(4001, int), 0.1)[0].argmin()
    assert softmax(logits[best])[0] == pytest.approx(0.95, abs=1e-3)


@pytest.mark.parametrize("gamma", [0, 1, 2, 3.5])
def test_focal_loss_is_its_formula(case, gamma):
    logits, labels = case
    loss, _ = focal_loss(logits, labels, gamma, balance=0.3)
    for row, label, value in zip(logits, labels, loss):
        p = probabilities(row)[label]
        assert value == pytest.approx(-(0.3 if label else 0.7) * (1 - p) ** gamma * math.log(p))


@pytest.mark.parametrize("name", LOSSES)
def test_gradients(case, name, rng):
    logits, labels = case
    weights = rng.normal(size=12)
    _, gradient = LOSSES[name](logits, labels)

    def value(logits):
        return float((weights * LOSSES[name](logits, labels)[0]).sum())

    assert_gradient(value, [logits], [weights[:, None] * gradient], rng)


def test_what_is_right_already_hardly_counts():
    logits = np.array([[6.0, 0, 0]])
    plain, focal = softmax_cross_entropy(logits, [0])[0], focal_loss(logits, [0])[0]
    assert 0 < focal[0] < 1e-4 * plain[0]


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_logits_and_the_float_type(name, dtype):
    logits = np.array([[1e4, 0, -1e4], [-1e4, 0, 1e4]], dtype)
    loss, gradient = LOSSES[name](logits, np.array([0, 0]))
    assert loss.dtype == gradient.dtype == dtype
    assert np.isfinite(loss).all()
    assert np.isfinite(gradient).all()
    assert loss[1] > 1000


def test_what_makes_no_sense():
    for smoothing in (-0.1, 1, math.nan):
        with pytest.raises(ValueError, match="smoothing must be at least 0"):
            smoothed_cross_entropy(np.zeros((1, 3)), [0], smoothing)
    for gamma in (-1, 0.5, math.nan):
        with pytest.raises(ValueError, match="gamma must be 0, or 1 or more"):
            focal_loss(np.zeros((1, 3)), [0], gamma)


def test_a_network_that_starts_with_background_says_so():
    model = SSD(THIN)
    for layer in model.predictors.conf:
        layer.weight.value[...] = 0
    start_with_background(model)
    conf = model.infer(np.ones((1, 64, 64, 3), np.float32))[1]
    np.testing.assert_allclose(softmax(conf)[..., 1:].sum(axis=-1), 0.01, rtol=1e-5)
