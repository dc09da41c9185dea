"""Compile every kernel of a network beforehand, so that nothing that is timed or watched waits for the compiler."""

import numpy as np

from numpyssd.kernels.cuda import arrays, batchnorm, conv2d, l2norm, maxpool2d, relu
from numpyssd.kernels.cuda.runtime import sums
from numpyssd.kernels.cuda.runtime.memory import to_device
from numpyssd.kernels.cuda.ssd.multibox_loss import multibox_loss
from numpyssd.kernels.cuda.ssd.postprocess import postprocess


def warm_up():
    """Compile the kernels: seconds, at the start of each process, since Numba-CUDA keeps nothing on disk here."""
    x, one = to_device(np.ones((1, 2, 2, 4), np.float32)), to_device(np.ones(4, np.float32))
    out = conv2d.conv2d_forward(x, to_device(np.ones((1, 1, 4, 4), np.float32)), one, relu=True)
    conv2d.conv2d_backward(out, x, to_device(np.ones((1, 1, 4, 4), np.float32)), out=out)
    pooled, argmax = maxpool2d.maxpool2d_forward(x, 2, 2)
    maxpool2d.maxpool2d_backward(pooled, argmax, x.shape, 2, 2)
    relu.relu_forward(x)
    l2norm.l2norm_backward(x, l2norm.l2norm_forward(x, one), one)
    statistics = batchnorm.batchnorm_statistics(x)
    out = batchnorm.batchnorm_forward(x, *statistics, one, one, relu=True)
    batchnorm.batchnorm_backward(x, x, *statistics, one, out=out)
    batchnorm.batchnorm_fold(one, *statistics, one, one)
    arrays.add(x, x)
    arrays.moving_average(one, one, 0.9)
    arrays.scale(x, 2.0)
    arrays.split(arrays.concatenate([x, x], 4), [x.shape, x.shape])
    arrays.sgd_step(to_device(np.ones(4, np.float32)), one, to_device(np.ones(4, np.float32)), 0.1, 0.9, 0.0)
    sums.add_parts(to_device(np.ones((2, 4), np.float32)))
    sums.norm([x])
    loc, labels = x.reshape(1, 4, 4), to_device(np.array([[1, 0, 0, 0]], np.int32))
    multibox_loss(loc, loc, loc, labels)
    postprocess(loc, loc, x.reshape(4, 4))
