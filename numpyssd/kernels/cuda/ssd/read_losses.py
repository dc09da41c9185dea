"""The losses of a training step as numbers of the host, all with one download: each one makes the host wait."""

import math

import numpy as np

from numpyssd.kernels.cuda.arrays import concatenate
from numpyssd.kernels.cuda.runtime.memory import to_host
from numpyssd.kernels.cuda.runtime.sums import squares
from numpyssd.kernels.cuda.ssd.multibox_loss import read_sums


def read_losses(sums):
    """Return for each of the ``sums`` of multibox_loss: loc loss, conf loss, number of positives and of negatives."""
    return [read_sums(numbers) for numbers in _download(sums)]


def read_losses_and_norm(sums, gradients):
    """Return what ``read_losses`` does, and the L2 norm of all gradients together (a float): also one download."""
    *numbers, squared = _download([*sums, squares(gradients)])
    return [read_sums(a) for a in numbers], math.sqrt(squared.sum())


def _download(arrays):
    """Return arrays of the device as flat arrays of the host in float64, with one download."""
    together = to_host(concatenate([a.reshape(1, a.size) for a in arrays], 1)).reshape(-1).astype(np.float64)
    return np.split(together, np.cumsum([a.size for a in arrays])[:-1])
