"""The same functions on an NVIDIA GPU, by Numba-CUDA: every array stays on the GPU until ``to_host`` downloads it.

tile.py              the idea of the fast convolutions in conv2d.py and conv2d_gradients.py
ssd/                 the loss (multibox_loss, losses, mining) and the detections (postprocess, decode, nms)
runtime/             device.py calls the driver; memory.py has the arrays, sums.py the sums, prefetch.py the uploads
table.py             every kernel with its types, for the checks without a GPU
"""

from numpyssd.kernels.cuda.arrays import add, concatenate, moving_average, rows, scale, sgd_step, split
from numpyssd.kernels.cuda.batchnorm import batchnorm_backward, batchnorm_fold, batchnorm_forward, batchnorm_statistics
from numpyssd.kernels.cuda.batchnorm_maxpool import batchnorm_maxpool_backward, batchnorm_maxpool_forward
from numpyssd.kernels.cuda.conv2d import conv2d_algorithm, conv2d_backward, conv2d_forward
from numpyssd.kernels.cuda.l2norm import l2norm_backward, l2norm_forward
from numpyssd.kernels.cuda.maxpool2d import maxpool2d_backward, maxpool2d_forward
from numpyssd.kernels.cuda.relu import relu_backward, relu_forward
from numpyssd.kernels.cuda.runtime.device import describe
from numpyssd.kernels.cuda.runtime.memory import synchronize, to_device, to_host
from numpyssd.kernels.cuda.runtime.prefetch import Prefetcher
from numpyssd.kernels.cuda.runtime.sums import norm
from numpyssd.kernels.cuda.ssd.multibox_loss import multibox_loss
from numpyssd.kernels.cuda.ssd.postprocess import postprocess
from numpyssd.kernels.cuda.ssd.read_losses import read_losses, read_losses_and_norm
from numpyssd.kernels.cuda.warm_up import warm_up
from numpyssd.kernels.reference.machine import clear_weight_cache, set_threads, thread_count

NAME = "cuda"
ON_DEVICE = True  # arrays stay on the GPU, and so do loss and detections

__all__ = [
    "NAME",
    "ON_DEVICE",
    "Prefetcher",
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
    "describe",
    "l2norm_backward",
    "l2norm_forward",
    "maxpool2d_backward",
    "maxpool2d_forward",
    "moving_average",
    "multibox_loss",
    "norm",
    "postprocess",
    "read_losses",
    "read_losses_and_norm",
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
