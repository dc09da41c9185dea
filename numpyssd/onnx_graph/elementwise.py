"""Layers that look at one number at a time, as ONNX nodes: batch normalization by itself, scale and ReLU."""

import numpy as np

from numpyssd import kernels


def batchnorm(graph, layer, x):
    """Append a batch normalization that follows no convolution: the factor and offset of its running averages."""
    nothing = np.zeros_like(layer.shift.value)
    out = _affine(graph, layer, x, *map(kernels.active.to_host, layer.fold(nothing)), last=not layer.relu)
    return graph.add("Relu", layer.name, out) if layer.relu else out


def scale(graph, layer, x):
    """Append a factor and an offset for each channel."""
    return _affine(graph, layer, x, layer.scale.value, layer.shift.value)


def relu(graph, layer, x):
    """Append a ReLU."""
    return graph.add("Relu", layer.name, x)


def _affine(graph, layer, x, factor, offset, last=True):
    """Append x * factor + offset, (C,) each; last: whether nothing follows, so that it has the layer's name."""
    factor = graph.constant(f"{layer.name}.factor", factor.reshape(1, -1, 1, 1))
    offset = graph.constant(f"{layer.name}.offset", offset.reshape(1, -1, 1, 1))
    x = graph.add("Mul", f"{layer.name}.scaled", x, factor)
    return graph.add("Add", layer.name if last else f"{layer.name}.linear", x, offset)
