"""ReLU, the rectified linear unit: negative values become zero, and so do their gradients."""

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.kernels.shapes import check_same_shape


def relu_forward(x):
    """Return max(x, 0) for x of any shape; NaN stays NaN."""
    return np.maximum(x, 0)


def relu_backward(dout, out):
    """Return dx: dout where the output was positive, zero elsewhere (the gradient at zero is taken as zero)."""
    check_same_shape("dout", dout, out.shape)
    return np.where(out > 0, dout, 0)


# ---------------------------------------------------------------------------------------------------------------------


def draw_relu(axes, x):
    """Draw a map of values (H, W) before and after ReLU, and the curve of the function, on three axes."""
    limit = np.abs(x).max()
    for ax, values, title in (
        (axes[0], x, "before: edges of both signs"),
        (axes[1], relu_forward(x), "after: only one sign"),
    ):
        ax.imshow(values, cmap="PuOr_r", vmin=-limit, vmax=limit)
        ax.set_title(f"{title}\n{np.mean(values == 0):.0%} of the values are zero", fontsize=11)
        ax.set_xticks([])
        ax.set_yticks([])
    line = np.linspace(-2, 2, 401)
    axes[2].plot(line, relu_forward(line), color=COLORS["positive"], linewidth=3, label="output")
    gradient = relu_backward(np.ones_like(line), relu_forward(line))
    axes[2].plot(line, gradient, color=COLORS["negative"], linestyle="--", linewidth=2, label="gradient")
    axes[2].axhline(0, color="black", linewidth=0.6, zorder=0)
    axes[2].axvline(0, color="black", linewidth=0.6, zorder=0)
    axes[2].set_title("what is zero in the output\nstops the gradient too", fontsize=11)
    axes[2].set_xlabel("input")
    axes[2].set_aspect("equal")
    axes[2].legend(loc="upper left")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("kernels.relu")
