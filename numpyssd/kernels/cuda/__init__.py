"""The same functions on an NVIDIA card, by Numba-CUDA: every array stays on the card until ``to_host`` fetches it.

tile.py has the idea of the fast convolutions; conv2d.py and conv2d_gradient.py use it. device.py is the only file that
touches the driver, memory.py has the arrays, sums.py the sums that must come out the same each time. table.py lists
every kernel with its types. What only this backend has, because the arrays lie there: the loss with its mining, and
decoding with its suppression.
"""

from numpyssd.kernels.cuda.ahead import Ahead
from numpyssd.kernels.cuda.arrays import add, average, join, multiply, sgd_step, split
from numpyssd.kernels.cuda.batchnorm import batchnorm_backward, batchnorm_fold, batchnorm_forward, batchnorm_statistics
from numpyssd.kernels.cuda.conv2d import conv2d_backward, conv2d_forward
from numpyssd.kernels.cuda.device import card
from numpyssd.kernels.cuda.l2norm import l2norm_backward, l2norm_forward
from numpyssd.kernels.cuda.maxpool2d import maxpool2d_backward, maxpool2d_forward
from numpyssd.kernels.cuda.memory import synchronize, to_device, to_host
from numpyssd.kernels.cuda.multibox_loss import multibox_loss, read_sums
from numpyssd.kernels.cuda.nms import nms
from numpyssd.kernels.cuda.postprocess import postprocess
from numpyssd.kernels.cuda.relu import relu_backward, relu_forward
from numpyssd.kernels.cuda.sums import length, squares
from numpyssd.kernels.cuda.warm_up import warm_up
from numpyssd.kernels.reference.arrays import forget_weights

ONLY_HERE = ("Ahead", "card", "multibox_loss", "nms", "postprocess", "read_sums", "squares")

__all__ = [
    "Ahead",
    "add",
    "average",
    "batchnorm_backward",
    "batchnorm_fold",
    "batchnorm_forward",
    "batchnorm_statistics",
    "card",
    "conv2d_backward",
    "conv2d_forward",
    "forget_weights",
    "join",
    "l2norm_backward",
    "l2norm_forward",
    "length",
    "maxpool2d_backward",
    "maxpool2d_forward",
    "multibox_loss",
    "multiply",
    "nms",
    "postprocess",
    "read_sums",
    "relu_backward",
    "relu_forward",
    "sgd_step",
    "split",
    "squares",
    "synchronize",
    "to_device",
    "to_host",
    "warm_up",
]
