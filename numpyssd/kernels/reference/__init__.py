"""The specification: every kernel in plain NumPy, as close to its formula as it gets."""

import warnings

from numpyssd.kernels.reference.arrays import (
    add,
    average,
    forget_weights,
    join,
    length,
    multiply,
    sgd_step,
    split,
    synchronize,
    to_device,
    to_host,
    warm_up,
)
from numpyssd.kernels.reference.batchnorm import (
    batchnorm_backward,
    batchnorm_fold,
    batchnorm_forward,
    batchnorm_statistics,
)
from numpyssd.kernels.reference.conv2d import conv2d_backward, conv2d_forward
from numpyssd.kernels.reference.l2norm import l2norm_backward, l2norm_forward
from numpyssd.kernels.reference.maxpool2d import maxpool2d_backward, maxpool2d_forward
from numpyssd.kernels.reference.relu import relu_backward, relu_forward

ON_DEVICE = False  # arrays are NumPy arrays in main memory

__all__ = [
    "add",
    "average",
    "batchnorm_backward",
    "batchnorm_fold",
    "batchnorm_forward",
    "batchnorm_statistics",
    "conv2d_backward",
    "conv2d_forward",
    "forget_weights",
    "join",
    "l2norm_backward",
    "l2norm_forward",
    "length",
    "maxpool2d_backward",
    "maxpool2d_forward",
    "multiply",
    "relu_backward",
    "relu_forward",
    "sgd_step",
    "split",
    "synchronize",
    "to_device",
    "to_host",
    "warm_up",
]

# ``python -m numpyssd.kernels.reference.conv2d`` draws a picture; that the imports above ran it before is meant.
warnings.filterwarnings("ignore", message="'numpyssd.kernels.reference.* found in sys.modules", category=RuntimeWarning)
