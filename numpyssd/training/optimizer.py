"""Stochastic gradient descent with momentum, and the schedule of its rate (paper, section 3; Caffe: ssd_pascal.py)."""

import math

import numpy as np

from numpyssd import kernels
from numpyssd.kernels.mirrored import MirroredArrays, active


class SGD:
    """Momentum, weight decay on weights only, and twice the rate for biases, as in Caffe (lr_mult 2, decay_mult 0).

    parameters: a dictionary from name to an object with ``.value`` and ``.grad``. A name that ends in ``.bias`` is a
    bias. The scale and shift of a batch normalization (``_bn.``) learn at the plain rate, and without decay.
    """

    def __init__(self, parameters, lr, momentum=0.9, weight_decay=5e-4):
        self.parameters, self.lr, self.momentum, self.weight_decay = parameters, lr, momentum, weight_decay
        self.velocity = MirroredArrays({name: np.zeros_like(parameter.value) for name, parameter in parameters.items()})

    def step(self):
        """Move every parameter once, in place, by its gradient."""
        for name, parameter in self.parameters.items():
            is_bias, is_norm = name.endswith(".bias"), "_bn." in name
            lr = self.lr * 2 if is_bias else self.lr
            decay = 0.0 if is_bias or is_norm else self.weight_decay
            arrays = active(parameter, "value"), active(parameter, "grad"), self.velocity.active(name)
            # In place: kernels/reference/arrays.py says how, kernels/cpu/arrays.py does it.
            kernels.active.sgd_step(*arrays, lr, self.momentum, decay)

    def gradient_norm(self):
        """Return the norm of all gradients as one vector: the first number to look at when training goes wrong."""
        return kernels.active.norm([active(parameter, "grad") for parameter in self.parameters.values()])

    def scale_gradients(self, factor):
        """Multiply every gradient, in place."""
        for parameter in self.parameters.values():
            kernels.active.scale(active(parameter, "grad"), factor)


def multistep(iteration, iterations, lr, warm_up=0, drops=(2 / 3, 5 / 6), factor=0.1):
    """Return the rate at an iteration (it may be fractional): a linear warm-up, then a step down at each drop.

    A drop is a fraction of the run if it is below 1, rounded to a whole iteration, and an iteration otherwise. The
    released schedule drops to a tenth at 80,000 and 100,000 of 120,000 iterations, which are the default fractions.
    """
    if iteration < warm_up:
        return lr * (iteration + 1) / (warm_up + 1)
    return lr * factor ** sum(iteration >= (round(drop * iterations) if drop < 1 else drop) for drop in drops)


def cosine(iteration, iterations, lr, warm_up=0):
    """Return the rate at an iteration: a linear warm-up, then half a cosine down to zero (Loshchilov, Hutter, 2017)."""
    if iteration < warm_up:
        return lr * (iteration + 1) / (warm_up + 1)
    fraction = (iteration - warm_up) / max(1, iterations - warm_up)
    return lr * 0.5 * (1 + math.cos(math.pi * min(1.0, fraction)))


# ---------------------------------------------------------------------------------------------------------------------


def draw_optimizer(ax, iterations=120_000, lr=1e-3, warm_up=1000):
    """Draw both schedules over a run."""
    steps = np.arange(0, iterations, iterations // 600)
    for schedule, style in ((multistep, "-"), (cosine, "--")):
        rates = [schedule(i, iterations, lr, warm_up) for i in steps]
        ax.plot(steps, rates, style, label=schedule.__name__, drawstyle="steps-post")
    ax.set_xlabel("iteration")
    ax.set_ylabel("learning rate")
    ax.legend()
    ax.set_title("The rate falls to a tenth at 2/3 and 5/6 of the run, or along a cosine", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("training.optimizer")
