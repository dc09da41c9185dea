"""training.fine_tuning: frozen layers stay as they are, and every other layer has its own rate."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from numpyssd.config import TINY
from numpyssd.model.ssd import SSD
from numpyssd.ssd import SSDDetector
from numpyssd.training.batches import Batch
from numpyssd.training.fine_tuning import LayerwiseSGD, layer_of, set_training
from numpyssd.training.loop import train_step
from numpyssd.training.optimizer import SGD

SMALL = replace(TINY, width=0.25)


def parameters():
    return {
        name: SimpleNamespace(value=np.array([8.0], np.float32), grad=np.array([2.0], np.float32))
        for name in ("conv1.weight", "conv1.bias", "conf.0.weight")
    }


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("conv1_1.weight", "conv1_1"),
        ("conv1_1_bn.scale", "conv1_1"),
        ("loc.0.bias", "loc"),
        ("conv10_1.bias", "conv10_1"),
    ],
)
def test_a_parameter_belongs_to_the_layer_before_the_point(name, layer):
    assert layer_of(name) == layer


def test_a_factor_is_a_factor_of_the_rate_and_zero_is_frozen():
    mine = parameters()
    factors = {"conv1.weight": 0.1, "conv1.bias": 0.1, "conf.0.weight": 1.0}
    LayerwiseSGD(mine, 1.0, factors, weight_decay=0).step()
    values = [float(parameter.value[0]) for parameter in mine.values()]
    assert values == pytest.approx([8 - 0.1 * 2, 8 - 2 * 0.1 * 2, 8 - 2])  # a bias has twice the rate
    mine = parameters()
    LayerwiseSGD(mine, 1.0, {**factors, "conv1.weight": 0.0}).step()
    assert mine["conv1.weight"].value == 8


def test_a_factor_of_one_is_plain_sgd():
    mine, plain = parameters(), parameters()
    own, sgd = LayerwiseSGD(mine, 0.1, dict.fromkeys(mine, 1.0)), SGD(plain, 0.1)
    for optimizer in (own, sgd, own, sgd):
        optimizer.step()
    assert own.gradient_norm() == pytest.approx(sgd.gradient_norm())
    for name in mine:
        np.testing.assert_array_equal(mine[name].value, plain[name].value)


def test_the_norm_and_its_scaling_leave_frozen_gradients_out():
    mine = parameters()
    optimizer = LayerwiseSGD(mine, 0.1, {"conv1.weight": 0.0, "conv1.bias": 0.5, "conf.0.weight": 1.0})
    assert optimizer.gradient_norm() == pytest.approx(np.sqrt(2 * 2**2))
    optimizer.scale_gradients(0.5)
    assert [float(parameter.grad[0]) for parameter in mine.values()] == [2, 1, 1]


def test_a_frozen_base_stays_the_same_to_the_bit_with_its_running_averages(rng):
    model = SSD(SMALL, seed=0)
    heads = {layer_of(name) for name in model.predictors.parameters()}
    frozen = {layer_of(name) for name in model.parameters()} - heads
    factors = {name: float(layer_of(name) not in frozen) for name in model.parameters()}
    before = everything(model)
    set_training(model, frozen)
    labels = np.zeros((4, 1504), int)
    labels[:, ::50] = 1
    batch = Batch(rng.normal(size=(4, 64, 64, 3)).astype(np.float32), (np.zeros((4, 1504, 4)), labels), np.arange(4))
    optimizer = LayerwiseSGD(model.parameters(), 0.01, factors)
    for _ in range(2):
        train_step(SSDDetector(model), optimizer, batch)
    after = everything(model)
    same = {name for name in before if np.array_equal(before[name], after[name])}
    assert {layer_of(name) for name in same} >= frozen
    assert same == {name for name in before if layer_of(name) in frozen}
    set_training(model, ())
    train_step(SSDDetector(model), optimizer, batch)
    assert not np.array_equal(everything(model)["conv1_1_bn.mean"], before["conv1_1_bn.mean"])


def everything(model):
    values = {name: parameter.value.copy() for name, parameter in model.parameters().items()}
    return values | {name: layer.running[key].copy() for name, (layer, key) in model.running_statistics().items()}
