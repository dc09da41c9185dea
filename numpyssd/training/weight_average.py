"""An exponential moving average of the weights: smoother than the weights of one step, which jump about with the batch.

Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992; Tarvainen and Valpola, "Mean
teachers are better role models", 2017. The SSD paper has none. SGD goes on from its own weights; the average only
watches, and is what is evaluated and kept.
"""

from contextlib import contextmanager, nullcontext

import numpy as np

from numpyssd import kernels
from numpyssd.drawing import COLORS
from numpyssd.kernels.mirrored import MirroredArrays
from numpyssd.training.optimizer import SGD


def decay_at(step, decay):
    """Return the decay at a step, counted from 1: (1 + step) / (10 + step) until that is larger than ``decay``.

    So the first steps, whose weights are nearly those of the start, are soon forgotten (TensorFlow's
    ExponentialMovingAverage with num_updates).
    """
    return min(decay, (1 + step) / (10 + step))


class WeightAverage:
    """The average of the parameters and the running statistics of a model; it begins as they are now."""

    def __init__(self, model, decay: float):
        self.model, self.decay = model, decay
        self.arrays = MirroredArrays()
        self.restart()

    def restart(self):
        """Forget the average: let it be what the model is now."""
        self.arrays.update({name: kernels.active.to_host(get()).copy() for name, (get, _) in self._places().items()})

    def update(self, step: int):
        """Move the average towards the model; step: how many steps the model has made."""
        decay = decay_at(step, self.decay)
        for name, (get, _) in self._places().items():
            self.arrays[name] = kernels.active.moving_average(self.arrays.active(name), get(), decay)

    @contextmanager
    def in_model(self):
        """Let the model be the average while this context is open; nothing is copied."""
        self._exchange()
        try:
            yield
        finally:
            self._exchange()

    def _exchange(self):
        for name, (get, put) in self._places().items():
            mine, its = self.arrays.active(name), get()
            put(mine)
            self.arrays[name] = its

    def _places(self):
        """Return for each array of the model how it is read and how it is replaced: name -> (get, put)."""
        places = {name: _of_parameter(parameter) for name, parameter in self.model.parameters().items()}
        statistics = self.model.running_statistics().items()
        return places | {name: _of_statistic(layer, key) for name, (layer, key) in statistics}


def _of_parameter(parameter):
    return lambda: parameter.active_value, lambda array: setattr(parameter, "value", array)


def _of_statistic(layer, key):
    return lambda: layer.running.active(key), lambda array: layer.running.update({key: array})


class AveragedSGD(SGD):
    """SGD that keeps an average of the weights beside them; ``steps`` are counted from the start of the run."""

    def __init__(self, model, lr, momentum=0.9, weight_decay=5e-4, *, decay: float):
        super().__init__(model.parameters(), lr, momentum, weight_decay)
        self.average, self.steps = WeightAverage(model, decay), 0

    def step(self):
        """Move every parameter once, in place, by its gradient; then move the average."""
        super().step()
        self.steps += 1
        self.average.update(self.steps)


def make_optimizer(model, recipe) -> SGD:
    """Return the optimizer of a recipe for a model; ``recipe.ema`` is the decay of the average, 0 for none."""
    options = recipe.lr, recipe.momentum, recipe.weight_decay
    if recipe.ema:
        return AveragedSGD(model, *options, decay=recipe.ema)
    return SGD(model.parameters(), *options)


def averaged(optimizer: SGD):
    """Return the context in which the model of an optimizer is its average, if the optimizer keeps one."""
    return optimizer.average.in_model() if isinstance(optimizer, AveragedSGD) else nullcontext()


# ---------------------------------------------------------------------------------------------------------------------


def draw_weight_average(ax, decay=0.98, steps=400, seed=0):
    """Draw a weight that SGD moves towards 1 with noise, and its averages with and without the warm-up of the decay."""
    rng, weight, path = np.random.default_rng(seed), 0.0, []
    for _ in range(steps):
        weight -= 0.05 * (weight - 1 + rng.normal(0, 1.5))
        path.append(weight)
    with_warm_up, without, averages = 0.0, 0.0, []
    for step, value in enumerate(path, start=1):
        factor = decay_at(step, decay)
        with_warm_up = factor * with_warm_up + (1 - factor) * value
        without = decay * without + (1 - decay) * value
        averages.append((with_warm_up, without))
    ax.plot(path, color=COLORS["default box"], linewidth=0.9, label="the weight at each step")
    ax.plot([a for a, _ in averages], color=COLORS["positive"], linewidth=2.5, label=f"its average, decay {decay:g}")
    ax.plot([b for _, b in averages], color=COLORS["negative"], linestyle="--", label="without the warm-up: late")
    ax.axhline(1, color="black", linewidth=0.7)
    ax.set_xlabel("step")
    ax.set_title("The average is quieter than the weight, and hardly later", fontsize=11)
    ax.legend(fontsize=9, loc="lower right")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("training.weight_average")
