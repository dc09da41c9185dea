"""Numba for what moves data, BLAS for the matrix products, threads over strips; see threads.py for the one rule."""

from numpyssd.kernels.cpu.arrays import add, sgd_step, to_device, to_host
from numpyssd.kernels.cpu.batchnorm import batchnorm_backward, batchnorm_forward, batchnorm_statistics
from numpyssd.kernels.cpu.conv2d import conv2d_backward, conv2d_forward
from numpyssd.kernels.cpu.l2norm import l2norm_backward, l2norm_forward
from numpyssd.kernels.cpu.maxpool2d import maxpool2d_backward, maxpool2d_forward
from numpyssd.kernels.cpu.relu import relu_backward, relu_forward
from numpyssd.kernels.cpu.warm_up import warm_up

__all__ = [
    "add",
    "batchnorm_backward",
    "batchnorm_forward",
    "batchnorm_statistics",
    "conv2d_backward",
    "conv2d_forward",
    "l2norm_backward",
    "l2norm_forward",
    "maxpool2d_backward",
    "maxpool2d_forward",
    "relu_backward",
    "relu_forward",
    "sgd_step",
    "to_device",
    "to_host",
    "warm_up",
]
