"""Layers: each remembers what its backward pass needs, and computes with ``kernels.active``. The contract: layer.py."""

from numpyssd.layers.batchnorm import BatchNorm
from numpyssd.layers.conv2d import Conv2d, xavier
from numpyssd.layers.l2norm import L2Norm
from numpyssd.layers.layer import Layer, Parameter
from numpyssd.layers.maxpool2d import MaxPool2d
from numpyssd.layers.relu import ReLU
from numpyssd.layers.residual import Residual
from numpyssd.layers.scale import Scale
from numpyssd.layers.sequential import ConvBlock, Sequential

__all__ = [
    "BatchNorm", "Conv2d", "ConvBlock", "L2Norm", "Layer", "MaxPool2d", "Parameter", "ReLU", "Residual", "Scale",
    "Sequential", "xavier",
]  # fmt: skip
