"""Steps of gradient descent: momentum, weight decay, the rule for biases, and a rate that drops."""

from tests.golden.cases.common import Noise, case
from tests.golden.rules.sgd import step


def sgd_case(name, rates, momentum, weight_decay, why=None):
    """Return a case: a weight and a bias of three numbers each, and the state after every step."""
    noise = Noise(len(rates))
    start = {key: noise.array((3,)) for key in ("conv.weight", "conv.bias")}
    gradients = [{key: noise.array((3,)) for key in start} for _ in rates]
    values = {key: list(value) for key, value in start.items()}
    velocities = {key: [0.0] * 3 for key in start}
    after = []
    for lr, gradient in zip(rates, gradients):
        for key in start:
            rows = zip(values[key], gradient[key], velocities[key])
            pairs = [step(*row, lr, momentum, weight_decay, key.endswith(".bias")) for row in rows]
            values[key], velocities[key] = map(list, zip(*pairs))
        after.append({"value": dict(values), "velocity": dict(velocities)})
    inputs = {"lr": rates, "momentum": momentum, "weight_decay": weight_decay, "start": start, "gradients": gradients}
    return case(name, inputs, {"after": after}, why=why)


def make():
    """Return what goes into sgd.json."""
    return {
        "what": "values and velocities of a weight and a bias after each step",
        "source": "Caffe sgd_solver.cpp, model_libs.py (lr_mult 2 and decay_mult 0 for biases)",
        "units": "velocity = momentum velocity + lr (gradient + weight_decay value); value -= velocity",
        "cases": [
            sgd_case("plain", [0.125], 0.0, 0.0),
            sgd_case("as released", [1e-3, 1e-3, 1e-3], 0.9, 5e-4),
            sgd_case("momentum alone", [0.125, 0.125, 0.125, 0.125], 0.5, 0.0),
            sgd_case("decay alone", [0.125, 0.125], 0.0, 0.25, "the weight shrinks, the bias does not"),
            sgd_case("the rate drops", [0.1, 0.1, 0.01, 0.01, 0.01], 0.9, 5e-4,
                     "the steps under way stay as large as they were; in PyTorch they drop too"),
        ],
    }  # fmt: skip
