"""The figures of boxes and of the reference kernels. See drawing.run_figure."""

import numpy as np

from numpyssd.boxes import draw_ladder
from numpyssd.datasets.shapes import example
from numpyssd.drawing import figure_command
from numpyssd.kernels.reference.batchnorm import draw_batchnorm
from numpyssd.kernels.reference.conv2d import SOBEL, conv2d_forward, draw_kernel_positions
from numpyssd.kernels.reference.l2norm import draw_l2norm
from numpyssd.kernels.reference.maxpool2d import draw_winners
from numpyssd.kernels.reference.relu import draw_relu


def boxes_figure():
    """Draw the figure of boxes.py."""
    image, boxes, _, _ = example()
    figure_command("boxes", lambda axes: draw_ladder(axes, image, boxes[0]), columns=3, size=(12, 4.6))


def conv2d_figure():
    """Draw the figure of kernels/reference/conv2d.py."""
    figure_command(
        "conv2d", lambda axes: draw_kernel_positions(axes, example(96)[0][::4, ::4]), rows=3, columns=4, size=(9, 7.6)
    )


def relu_figure():
    """Draw the figure of kernels/reference/relu.py."""
    gray = example(96)[0].mean(axis=2)[None, :, :, None]
    edges = conv2d_forward(gray, np.reshape(SOBEL, (3, 3, 1, 1)).astype(float), np.zeros(1))[0, :, :, 0]
    figure_command("relu", lambda axes: draw_relu(axes, edges), columns=3, size=(11, 4))


def maxpool2d_figure():
    """Draw the figure of kernels/reference/maxpool2d.py."""
    grid = np.random.default_rng(2).integers(0, 10, (5, 7))
    figure_command("maxpool2d", lambda axes: draw_winners(axes, grid), columns=2, size=(10, 4.7))


def batchnorm_figure():
    """Draw the figure of kernels/reference/batchnorm.py."""
    images = example(96)[0][None].astype(np.float64) - (123, 117, 104)
    weight = np.random.default_rng(3).uniform(-1 / 3, 1 / 3, (3, 3, 3, 3))  # as "xavier" draws it for 27 inputs
    channels = conv2d_forward(images, weight, np.zeros(3))
    figure_command(
        "batchnorm",
        lambda axes: draw_batchnorm(axes, channels, ("channel 0", "channel 1", "channel 2")),
        columns=2,
        size=(10, 4.2),
    )


def l2norm_figure():
    """Draw the figure of kernels/reference/l2norm.py."""
    # Red and blue of some pixels, less their means, so that the points lie all around.
    pixels = example(96)[0].astype(float)[5::10, 5::10, ::2].reshape(-1, 2)
    figure_command("l2norm", lambda ax: draw_l2norm(ax, pixels - pixels.mean(axis=0)))
