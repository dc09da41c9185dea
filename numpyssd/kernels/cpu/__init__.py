"""The same functions fast, on the CPU: Numba, and threads over strips that fit into a core's cache.

conv2d.py           which algorithm convolves; conv/ is the ladder from loops to Winograd
the other layers    one file each, with the names of reference/
runtime/            threads, vectors, the compiler and its cache on disk, buffers
"""

from numpyssd.kernels.cpu.arrays import add, sgd_step
from numpyssd.kernels.cpu.batchnorm import batchnorm_backward, batchnorm_forward, batchnorm_statistics
from numpyssd.kernels.cpu.batchnorm_maxpool import batchnorm_maxpool_backward, batchnorm_maxpool_forward
from numpyssd.kernels.cpu.conv.weight_cache import clear_weight_cache
from numpyssd.kernels.cpu.conv2d import conv2d_algorithm, conv2d_backward, conv2d_forward
from numpyssd.kernels.cpu.l2norm import l2norm_backward, l2norm_forward
from numpyssd.kernels.cpu.maxpool2d import maxpool2d_backward, maxpool2d_forward
from numpyssd.kernels.cpu.relu import relu_backward, relu_forward
from numpyssd.kernels.cpu.runtime.threads import set_threads, thread_count
from numpyssd.kernels.cpu.warm_up import warm_up
from numpyssd.kernels.reference.arrays import concatenate, moving_average, norm, rows, scale, split
from numpyssd.kernels.reference.batchnorm import batchnorm_fold
from numpyssd.kernels.reference.machine import synchronize, to_device, to_host

NAME = "cpu"
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
