"""The specification: every kernel in plain NumPy, as close to its formula as it gets."""

import warnings

from numpyssd.kernels.reference.arrays import add, concatenate, moving_average, norm, rows, scale, sgd_step, split
from numpyssd.kernels.reference.batchnorm import (
    batchnorm_backward,
    batchnorm_fold,
    batchnorm_forward,
    batchnorm_statistics,
)
from numpyssd.kernels.reference.batchnorm_maxpool import batchnorm_maxpool_backward, batchnorm_maxpool_forward
from numpyssd.kernels.reference.conv2d import conv2d_algorithm, conv2d_backward, conv2d_forward
from numpyssd.kernels.reference.l2norm import l2norm_backward, l2norm_forward
from numpyssd.kernels.reference.machine import (
    clear_weight_cache,
    set_threads,
    synchronize,
    thread_count,
    to_device,
    to_host,
    warm_up,
)
from numpyssd.kernels.reference.maxpool2d import maxpool2d_backward, maxpool2d_forward
from numpyssd.kernels.reference.relu import relu_backward, relu_forward

NAME = "reference"
ON_DEVICE = False  # arrays are NumPy arrays in main memory

__all__ = [
    "NAME",
    "ON_DEVICE",
    "add",
    "batchnorm_backward",
    "batchnorm_fold",
    "batchnorm_forward",
    "batchnorm_maxpool_backward",
    "batchnorm_maxpool_forward",
    "batchnorm_statistics",
    "clear_weight_cache",
    "concatenate",
    "conv2d_algorithm",
    "conv2d_backward",
    "conv2d_forward",
    "l2norm_backward",
    "l2norm_forward",
    "maxpool2d_backward",
    "maxpool2d_forward",
    "moving_average",
    "norm",
    "relu_backward",
    "relu_forward",
    "rows",
    "scale",
    "set_threads",
    "sgd_step",
    "split",
    "synchronize",
    "thread_count",
    "to_device",
    "to_host",
    "warm_up",
]

# ``python -m numpyssd.kernels.reference.conv2d`` draws a figure; that the imports above ran it before is intended.
warnings.filterwarnings("ignore", message="'numpyssd.kernels.reference.* found in sys.modules", category=RuntimeWarning)
