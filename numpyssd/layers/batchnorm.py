"""Batch normalization (Ioffe and Szegedy, 2015). The published SSDs have none; training from nothing needs it."""

import math

import numpy as np

from numpyssd import kernels
from numpyssd.kernels.mirrored import MirroredArrays
from numpyssd.layers.layer import Layer, Parameter

MIN_VALUES = 4  # of a channel in a batch, for statistics of its own


class BatchNorm(Layer):
    """Batch normalization: by the batch's own statistics in training, by their running averages otherwise.

    With ``relu``, the ReLU after it too. A ConvBlock folds it into its convolution in ``infer``, and in ``forward`` has
    it do the max pooling after the ReLU as well (``forward_pooled``).

    A map of one cell gives a channel one value for each image. The variance of one value is 0 whatever the image is,
    and two values always become -1 and 1. So a channel with fewer than MIN_VALUES values is normalized by the running
    averages in training too, and these follow the squared distance from the running mean (moving averages in training:
    Yan et al., "Towards Stabilizing Batch Statistics in Backward Propagation of Batch Normalization", 2020).
    """

    momentum = 0.9  # of the running averages
    kept = None  # what the backward pass through the pooling needs
    by_batch = False  # whether the last forward pass normalized by the statistics of its own batch
    measured = None  # mean and variance (C,) of the last batch in training, and whether it had few values

    def __init__(self, name, channels, relu=False):
        self.name, self.relu = name, relu
        self.scale = Parameter(np.ones(channels, np.float32))
        self.shift = Parameter(np.zeros(channels, np.float32))
        self.running = MirroredArrays(mean=np.zeros(channels, np.float32), variance=np.ones(channels, np.float32))

    def forward(self, x):
        """Return an array of x's shape; in training, move the running averages towards the batch's statistics."""
        out = self._normalize(x, self._choose_statistics(x))
        self.out = out if self.relu else None
        return out

    def backward(self, dout):
        """Return dx, and set the gradients of scale and shift."""
        dx, self.scale.grad, self.shift.grad = kernels.active.batchnorm_backward(
            dout, self.x, *self.statistics, self.scale.active_value, batch_statistics=self.by_batch, out=self.out
        )
        self.x = self.out = None
        return dx

    def forward_pooled(self, x, pool):
        """Return what ``pool``, a MaxPool2d with windows side by side, makes of the output, which is never written.

        x (N, H, W, C) -> (N, H', W', C). Only for a normalization with ``relu``.
        """
        statistics, self.size = self._choose_statistics(x), pool.size
        self.out, self.kept = kernels.active.batchnorm_maxpool_forward(
            x, *statistics, self.scale.active_value, self.shift.active_value, pool.size, pool.ceil_mode
        )
        return self.out

    def backward_pooled(self, dout):
        """Return dx (N, H, W, C) for dout (N, H', W', C), and set the gradients of scale and shift."""
        normalization = *self.statistics, self.scale.active_value
        dx, self.scale.grad, self.shift.grad = kernels.active.batchnorm_maxpool_backward(
            dout, self.kept, self.x, *normalization, self.size, batch_statistics=self.by_batch
        )
        self.x = self.out = self.kept = None
        return dx

    def infer(self, x):
        """Return an array of x's shape, normalized by the running averages."""
        return self._normalize(x, self._running_statistics())

    def fold(self, bias):
        """Return the factor and the offset (C,) to which this layer and the bias (C,) before it reduce in inference."""
        learned = self.scale.active_value, self.shift.active_value
        return kernels.active.batchnorm_fold(bias, *self._running_statistics(), *learned)

    def parameters(self):
        """Return ``name.scale`` and ``name.shift``."""
        return {f"{self.name}.scale": self.scale, f"{self.name}.shift": self.shift}

    def _choose_statistics(self, x):
        """Return the mean and variance to normalize x by; in training, move the running averages towards its own."""
        self.x = x
        few = math.prod(x.shape[:3]) < MIN_VALUES
        self.by_batch = self.training and not few
        if self.training:
            self.measured = (*kernels.active.batchnorm_statistics(x), few)
            self.follow(self.measured)
        self.statistics = self.measured[:2] if self.by_batch else self._running_statistics()
        return self.statistics

    def follow(self, measured):
        """Move the running averages towards what was measured in a batch, or in a part of one."""
        mean, variance, few = measured
        statistics = self._about_running_mean(mean, variance) if few else (mean, variance)
        for name, new in zip(("mean", "variance"), statistics):
            self.running[name] = kernels.active.moving_average(self.running.active(name), new, self.momentum)

    def _about_running_mean(self, mean, variance):
        """Return the mean, and the mean squared distance from the running mean, (C,) each, of a batch of few values."""
        mean, variance = map(kernels.active.to_host, (mean, variance))
        return mean, variance + (mean - self.running["mean"]) ** 2

    def _running_statistics(self):
        return self.running.active("mean"), self.running.active("variance")

    def _normalize(self, x, statistics):
        learned = self.scale.active_value, self.shift.active_value
        return kernels.active.batchnorm_forward(x, *statistics, *learned, relu=self.relu)
