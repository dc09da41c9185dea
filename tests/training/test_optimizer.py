import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from numpyssd.training.optimizer import SGD, cosine, draw_optimizer, multistep

NAMES = ("conv1_1.weight", "conv1_1.bias", "conv1_1_bn.scale", "conv1_1_bn.shift", "conv4_3_norm.scale", "conf.0.bias")


def parameters_of(rng, names=NAMES, dtype=np.float64):
    return {
        name: SimpleNamespace(value=rng.normal(size=(3, 2)).astype(dtype), grad=rng.normal(size=(3, 2)).astype(dtype))
        for name in names
    }


def steps_in_plain_loops(name, value, gradients, lr, momentum, decay):
    """Caffe's sgd_solver.cpp, number by number: the gradient is regularized, the rate goes into the history."""
    bias, norm = name.endswith(".bias"), "_bn." in name
    value, history = value.copy(), np.zeros_like(value)
    for gradient in gradients:
        for place in np.ndindex(value.shape):
            regularized = gradient[place] + (0 if bias or norm else decay) * value[place]
            history[place] = momentum * history[place] + (2 * lr if bias else lr) * regularized
            value[place] -= history[place]
    return value


@pytest.mark.parametrize("name", NAMES)
def test_three_steps_follow_the_formula(rng, backend, name):
    parameters = parameters_of(rng)
    start, gradients = parameters[name].value.copy(), rng.normal(size=(3, 3, 2))
    optimizer = SGD(parameters, lr=0.1, momentum=0.8, weight_decay=0.05)
    for gradient in gradients:
        parameters[name].grad = gradient  # layers put a new array there
        optimizer.step()
    expected = steps_in_plain_loops(name, start, gradients, 0.1, 0.8, 0.05)
    np.testing.assert_allclose(parameters[name].value, expected, rtol=1e-12)


def test_golden_steps_of_weight_bias_and_norm():
    # By hand. Value 1, gradient 1, lr 0.1, momentum 0.9, decay 0.5.
    # weight: v = 0.1 (1 + 0.5) = 0.15, 0.85; v = 0.135 + 0.1 (1 + 0.425) = 0.2775, 0.5725.
    # bias: v = 0.2, 0.8; v = 0.18 + 0.2 = 0.38, 0.42. norm: v = 0.1, 0.9; v = 0.09 + 0.1 = 0.19, 0.71.
    golden = {"a.weight": 0.5725, "a.bias": 0.42, "a_bn.scale": 0.71, "a_norm.scale": 0.5725}
    parameters = {name: SimpleNamespace(value=np.ones(1), grad=np.ones(1)) for name in golden}
    optimizer = SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.5)
    optimizer.step()
    optimizer.step()
    assert {name: p.value.item() for name, p in parameters.items()} == pytest.approx(golden)


def test_defaults_are_the_paper_s(rng):
    # Section 3: "0.9 momentum, 0.0005 weight decay".
    optimizer = SGD(parameters_of(rng), lr=1e-3)
    assert (optimizer.lr, optimizer.momentum, optimizer.weight_decay) == (1e-3, 0.9, 5e-4)


def test_a_drop_of_the_rate_leaves_steps_under_way_alone():
    # Caffe: the rate is inside the velocity. PyTorch's velocity of 1 would move by lr * 0.9 instead.
    parameters = {"a.weight": SimpleNamespace(value=np.zeros(1), grad=np.ones(1))}
    optimizer = SGD(parameters, lr=1.0, momentum=0.9, weight_decay=0)
    optimizer.step()
    optimizer.lr, parameters["a.weight"].grad = 0.1, np.zeros(1)
    optimizer.step()
    assert parameters["a.weight"].value.item() == pytest.approx(-1.9)


def test_values_change_in_place_and_keep_their_type(rng):
    parameters = parameters_of(rng, dtype=np.float32)
    values = {name: p.value for name, p in parameters.items()}
    optimizer = SGD(parameters, lr=0.1)
    optimizer.step()
    for name, parameter in parameters.items():
        assert parameter.value is values[name]
        assert parameter.value.dtype == optimizer.velocity[name].dtype == np.float32


def test_momentum_carries_on_without_a_gradient():
    # 1 + 0.9 + 0.81 + ... = 10 times the first step.
    parameters = {"a.weight": SimpleNamespace(value=np.zeros(1), grad=np.ones(1))}
    optimizer = SGD(parameters, lr=0.01, weight_decay=0)
    optimizer.step()
    parameters["a.weight"].grad = np.zeros(1)
    for _ in range(300):
        optimizer.step()
    assert parameters["a.weight"].value.item() == pytest.approx(-0.1)


def test_gradient_norm_is_the_length_of_all_gradients_as_one_vector(rng):
    parameters = parameters_of(rng)
    everything = np.concatenate([p.grad.ravel() for p in parameters.values()])
    assert SGD(parameters, lr=1).gradient_norm() == pytest.approx(np.linalg.norm(everything))
    parameters = {n: SimpleNamespace(value=np.zeros(1), grad=np.array([g])) for n, g in (("a", 3.0), ("b", -4.0))}
    assert SGD(parameters, lr=1).gradient_norm() == 5.0
    parameters["b"].grad[0] = np.nan
    assert math.isnan(SGD(parameters, lr=1).gradient_norm())


def test_multistep_golden():
    # ssd_pascal.py: base_lr 1e-3, stepvalue 80000, 100000, 120000, gamma 0.1.
    golden = {0: 1e-3, 79_999: 1e-3, 80_000: 1e-4, 99_999: 1e-4, 100_000: 1e-5, 119_999: 1e-5}
    assert {i: multistep(i, 120_000, 1e-3) for i in golden} == pytest.approx(golden)
    assert multistep(6, 10, 1.0, drops=(0.5,), factor=0.25) == 0.25


@pytest.mark.parametrize(
    ("iterations", "drops"),
    [
        (120_000, (80_000, 100_000)),
        (60_000, (40_000, 50_000)),
        (400_000, (280_000, 360_000)),
        (480_000, (320_000, 400_000)),
    ],
)
def test_drops_at_iterations_or_at_fractions_of_the_run_are_the_same(iterations, drops):
    fractions = tuple(drop / iterations for drop in drops)
    for drop, before, after in zip(drops, (1.0, 0.1), (0.1, 0.01)):
        for form in (drops, fractions):
            assert multistep(drop - 1, iterations, 1.0, drops=form) == pytest.approx(before)
            assert multistep(drop, iterations, 1.0, drops=form) == pytest.approx(after)


@settings(deadline=None, max_examples=50)
@given(drop=st.integers(1, 10**6), more=st.integers(1, 10**6))
def test_a_fraction_made_of_an_iteration_drops_at_that_iteration(drop, more):
    fraction = (drop / (drop + more),)
    assert [
        multistep(drop - 1, drop + more, 1.0, drops=fraction),
        multistep(drop, drop + more, 1.0, drops=fraction),
    ] == [
        1,
        0.1,
    ]


def test_drops_at_iterations_stay_where_they_are_if_the_run_is_longer():
    assert multistep(119_999, 240_000, 1.0, drops=(80_000, 100_000)) == pytest.approx(0.01)
    assert multistep(119_999, 240_000, 1.0) == 1.0  # two thirds of it are 160,000


def test_scaling_all_gradients_is_in_place_and_keeps_their_type(rng):
    parameters = parameters_of(rng, dtype=np.float32)
    grads = {name: (p.grad, p.grad.copy()) for name, p in parameters.items()}
    SGD(parameters, lr=0.1).scale_gradients(0.25)
    for name, parameter in parameters.items():
        assert parameter.grad is grads[name][0]
        assert parameter.grad.dtype == np.float32
        np.testing.assert_array_equal(parameter.grad, 0.25 * grads[name][1])


def test_cosine_golden():
    # lr (1 + cos(pi t)) / 2 at t = 0, 1/3, 1/2, 2/3, 1: 1, 3/4, 1/2, 1/4, 0.
    golden = {0: 0.02, 100: 0.015, 150: 0.01, 200: 0.005, 300: 0.0}
    assert {i: cosine(i, 300, 0.02) for i in golden} == pytest.approx(golden)
    assert cosine(500, 300, 0.02) == 0  # past the end it stays at the bottom and doesn't rise again


@pytest.mark.parametrize("schedule", [multistep, cosine])
def test_the_warm_up_rises_in_equal_steps_to_the_full_rate(schedule):
    rates = [schedule(i, 1000, 1.0, warm_up=4) for i in range(5)]
    assert rates == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


@pytest.mark.parametrize("schedule", [multistep, cosine])
@settings(deadline=None, max_examples=50)
@given(iterations=st.integers(1, 10_000), fraction=st.floats(0, 1), later=st.floats(0, 1))
def test_without_a_warm_up_the_rate_never_rises_nor_leaves_its_bounds(schedule, iterations, fraction, later):
    first, second = sorted((fraction * iterations, later * iterations))  # fractions of an iteration are legal
    assert 0 <= schedule(second, iterations, 0.5) <= schedule(first, iterations, 0.5) <= 0.5


def test_the_figure_shows_both_schedules():
    ax = Figure().subplots()
    draw_optimizer(ax)
    assert [line.get_label() for line in ax.lines] == ["multistep", "cosine"]
    for line in ax.lines:
        rates = line.get_ydata()
        assert rates[0] < rates.max() == pytest.approx(1e-3, rel=1e-3)
        assert rates[-1] < 2e-5
