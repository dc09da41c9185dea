"""The contract of a layer, and the parameters that training changes."""

from types import MappingProxyType

import numpy as np

from numpyssd.kernels.mirrored import MirroredArrays


class Parameter:
    """An array that training changes, ``value``, with its gradient, ``grad``, of the same shape: NumPy arrays both.

    Kernels take ``active_value`` and ``active_grad``, which are the same where the backend computes on the processor.
    """

    def __init__(self, value):
        self.mirrored = MirroredArrays(value=value, grad=np.zeros_like(value))

    value = property(lambda self: self.mirrored["value"], lambda self, array: self.mirrored.update(value=array))
    grad = property(lambda self: self.mirrored["grad"], lambda self, array: self.mirrored.update(grad=array))
    active_value = property(lambda self: self.mirrored.active("value"))
    active_grad = property(lambda self: self.mirrored.active("grad"))


class Layer:
    """One step of the network. All arrays are (N, H, W, C).

    A new layer derives from this class and has:

    - ``name``: unique in the network; its parameters, checkpoints and tables are named after it.
    - ``forward(x)``: the output; it keeps in ``self`` what backward needs.
    - ``backward(dout)``: dx, called once after each forward. It *sets* the gradient of each parameter (``.grad``; it
      does not add to it), and drops what forward kept.
    - ``infer(x)``: the output at detection time; it keeps nothing, and never depends on ``training``.
    - ``parameters()``: only if it learns something; a dictionary from ``f"{name}.weight"``, say, to a Parameter. SGD
      (training/optimizer.py) tells by the name which rate and weight decay a parameter gets.

    Two attributes have defaults that suit most layers:

    - ``training``: whether a training step calls ``forward``. ``SSD.training`` sets it for every layer. Batch
      normalization needs it; dropout would.
    - ``running``: float32 arrays that training moves and no gradient does (``MirroredArrays``), such as running means;
      they are saved in checkpoints as ``f"{name}.{key}"``. In training, ``forward`` puts what it measures into
      ``measured`` and calls ``follow(measured)``, which replaces the arrays by new ones: of a batch that goes through
      in parts, the parts are followed together (training/running_averages.py).

    A layer is put into the network in model/base_network.py or model/extra_layers.py, as one more part of a Sequential.
    If the layer changes the size or the channels, or has parameters, model/geometry.py lists it too. The export to ONNX
    needs a function for it (onnx_graph/layers.py). CONTRIBUTING.md has all steps.
    """

    name = ""
    training = False
    running = MappingProxyType({})

    def forward(self, x):
        """Return the output for x, and remember what backward needs."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dout):
        """Return dx, and set the gradient of each parameter."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def infer(self, x):
        """Return the output for x, and remember nothing."""
        raise NotImplementedError(f"{type(self).__name__} has no infer")

    def parameters(self):
        """Return a dictionary from name to Parameter; here an empty one, for a layer that learns nothing."""
        return {}

    def layers(self):
        """Return the layers that this one consists of, in order: a list of itself, except for Sequential."""
        return [self]

    def steps(self):
        """Return the layers that follow one another, each of which takes what the one before gives."""
        return [self]
