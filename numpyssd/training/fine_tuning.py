"""Training that starts from weights: which layers are frozen, and how fast each of the others learns.

A frozen layer keeps its weights: no step, no weight decay. If it is a batch normalization, it also has to keep its
running averages and to normalize by them, which is what ``training`` of the layer decides (layers/batchnorm.py).
"""

import math

from numpyssd.training.optimizer import SGD


def layer_of(name: str) -> str:
    """Return the layer that a parameter belongs to: "conv1_1" for "conv1_1.weight" and for "conv1_1_bn.scale"."""
    return name.partition(".")[0].removesuffix("_bn")


def set_training(model, frozen):
    """Put a model into training, but for the frozen layers, which go on as in inference.

    frozen: names of layers as ``layer_of`` has them. An evaluation ends with ``model.training = True``, which is for
    all layers: call this again after each.
    """
    model.training = True
    for layer in model.layers():
        if layer.name.removesuffix("_bn") in frozen:
            layer.training = False


class LayerwiseSGD:
    """SGD with a factor of the learning rate for each parameter; one with the factor 0 is frozen.

    parameters: as SGD has them. factors: a dictionary from the name of each parameter to its factor. options: of SGD.
    ``lr`` is the rate of the factor 1 and may be set at any time, as a schedule does.
    """

    def __init__(self, parameters, lr, factors, **options):
        self.lr = lr
        self.groups = {
            factor: SGD({name: parameters[name] for name in parameters if factors[name] == factor}, lr, **options)
            for factor in sorted(set(factors.values()) - {0})
        }

    def step(self):
        """Move every parameter that is not frozen once, in place, by its gradient."""
        for factor, optimizer in self.groups.items():
            optimizer.lr = self.lr * factor
            optimizer.step()

    def gradient_norm(self):
        """Return the norm of the gradients of all parameters that are not frozen."""
        return math.sqrt(sum(optimizer.gradient_norm() ** 2 for optimizer in self.groups.values()))

    def scale_gradients(self, factor):
        """Multiply the gradients of all parameters that are not frozen, in place."""
        for optimizer in self.groups.values():
            optimizer.scale_gradients(factor)
