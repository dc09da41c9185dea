"""The network as ONNX nodes: a walk along the stages of ``model.ssd``, one or two nodes for each layer.

ONNX computes on (N, C, H, W) with weights (out, in, kh, kw); ours are (N, H, W, C) and (kh, kw, in, out). So weights
are transposed here, images once at the start, and the outputs of the predictors at the end, where our order of default
boxes (row, column, box) needs the channels last. The output of a node has the name of its layer.
"""

import numpy as np

from numpyssd import kernels
from numpyssd.layers import BatchNorm, Conv2d, ConvBlock, L2Norm, MaxPool2d, ReLU, Residual, Scale, Sequential
from numpyssd.onnx_graph import elementwise
from numpyssd.onnx_graph.graph import Value

INPUT = "images"


def network(graph, model, batch):
    """Append a whole model, from images to raw outputs; return the names of loc (N, K, 4) and conf (N, K, C).

    The graph's input is ``images`` (N, S, S, 3) float32, RGB from 0 to 255; batch is N, or a name for it.
    """
    config, predictors = model.config, model.predictors
    graph.inputs[INPUT] = Value("float32", (batch, config.image_size, config.image_size, 3))
    x, features = normalized(graph, config), []
    for stage in model.stages:
        x = in_order(graph, stage.parts, x)  # (N, channels, H, W)
        features.append(x)
    features[0] = l2norm(graph, predictors.norm, features[0])  # on the branch only: the trunk goes on without it
    loc = predictions(graph, "loc", predictors.loc, features, predictors.counts, 4)
    conf = predictions(graph, "conf", predictors.conf, features, predictors.counts, predictors.num_classes)
    return loc, conf


def in_order(graph, parts, x):
    """Append layers one after the other. Raises NotImplementedError, naming it, for one that has no node."""
    for part in parts:
        if type(part) not in LAYERS:
            raise NotImplementedError(f"{part.name} ({type(part).__name__}) has no ONNX node; add it to LAYERS")
        x = LAYERS[type(part)](graph, part, x)
    return x


def normalized(graph, config):
    """Append the preprocessing of images: minus the mean, times the scale, channels first.

    The mean cannot be part of conv1_1's bias: that layer pads with zeros, which then would mean black instead of the
    mean color.
    """
    x = graph.add("Sub", "centered", INPUT, np.float32(config.mean))  # (N, S, S, 3)
    if config.pixel_scale != 1.0:
        x = graph.add("Mul", "scaled", x, np.float32(config.pixel_scale))
    return graph.add("Transpose", "planes", x, perm=[0, 3, 1, 2])  # (N, 3, S, S)


def conv_block(graph, block, x):
    """Append a convolution, with the batch normalization, the ReLU and the max pooling after it.

    Normalizing by running averages is a factor and an offset for each channel. Both go into the weights and the bias,
    so that there is no node for them.
    """
    conv, norm, pool = block.conv, block.norm, block.pool
    if norm is None:
        x = conv2d(graph, conv, x)
    else:
        factor, bias = map(kernels.active.to_host, norm.fold(conv.bias.value))  # (out,) each
        x = _convolution(graph, conv, x, conv.weight.value * factor, bias, norm.relu)
    return maxpool2d(graph, pool, x) if pool else x


def conv2d(graph, layer, x):
    """Append a convolution, and the ReLU after it if it has one."""
    return _convolution(graph, layer, x, layer.weight.value, layer.bias.value if layer.bias else None, layer.relu)


def _convolution(graph, layer, x, weight, bias, relu):
    weight = graph.constant(f"{layer.name}.weight", weight.transpose(3, 2, 0, 1))  # (out, in, kh, kw)
    biases = [] if bias is None else [graph.constant(f"{layer.name}.bias", bias)]
    x = graph.add(
        "Conv", f"{layer.name}.linear" if relu else layer.name, x, weight, *biases,
        kernel_shape=[layer.kernel] * 2, strides=[layer.stride] * 2, pads=[layer.padding] * 4,
        dilations=[layer.dilation] * 2,
    )  # fmt: skip
    return graph.add("Relu", layer.name, x) if relu else x


def maxpool2d(graph, layer, x):
    """Append max pooling; its padding is never the maximum, in ONNX as here."""
    return graph.add(
        "MaxPool", layer.name, x,
        kernel_shape=[layer.size] * 2, strides=[layer.stride] * 2, pads=[layer.padding] * 4,
        ceil_mode=int(layer.ceil_mode),
    )  # fmt: skip


def l2norm(graph, layer, x, epsilon=1e-10):
    """Append the L2 normalization over channels, from plain arithmetic.

    ONNX's own LpNormalization has no epsilon, and gives NaN for a pixel whose channels are all zero. The epsilon is
    inside the root, as in kernels/reference/l2norm.py.
    """
    name = layer.name
    squares = graph.add("Mul", f"{name}.squares", x, x)
    total = graph.add("ReduceSum", f"{name}.sum", squares, np.array([1]), keepdims=1)  # (N, 1, H, W)
    norm = graph.add("Sqrt", f"{name}.norm", graph.add("Add", f"{name}.sum_epsilon", total, np.float32(epsilon)))
    unit = graph.add("Div", f"{name}.unit", x, norm)
    return graph.add("Mul", name, unit, graph.constant(f"{name}.scale", layer.scale.value.reshape(1, -1, 1, 1)))


def predictions(graph, name, layers, features, counts, values):
    """Append the predictors of all feature maps; concatenate their outputs to (N, K, values) in our order of boxes."""
    rows = []
    for layer, x, count in zip(layers, features, counts):
        x = conv2d(graph, layer, x)  # (N, boxes * values, H, W)
        x = graph.add("Transpose", f"{layer.name}.last", x, perm=[0, 2, 3, 1])  # (N, H, W, boxes * values)
        # 0 keeps the first dimension, whatever the batch.
        rows.append(graph.add("Reshape", f"{layer.name}.rows", x, np.array([0, count, values])))
    return graph.add("Concat", name, *rows, axis=1)


def residual(graph, layer, x):
    """Append both ways and their sum."""
    beside = in_order(graph, [layer.shortcut], x) if layer.shortcut else x
    return graph.add("Add", layer.name, in_order(graph, layer.parts, x), beside)


LAYERS = {
    ConvBlock: conv_block, Conv2d: conv2d, MaxPool2d: maxpool2d, L2Norm: l2norm, Residual: residual,
    Sequential: lambda graph, layer, x: in_order(graph, layer.parts, x),
    BatchNorm: elementwise.batchnorm, Scale: elementwise.scale, ReLU: elementwise.relu,
}  # fmt: skip
