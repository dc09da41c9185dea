"""L2 normalization over channels with a learned scale, which SSD puts on the branch of conv4_3 (section 3.1)."""

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.kernels.shapes import check_same_shape


def l2norm_forward(x, scale, epsilon=1e-10):
    """Divide every pixel by the L2 norm of its channels, then multiply each channel by its scale.

    x (N, H, W, C), scale (C,) -> out (N, H, W, C). epsilon stands inside the root, as in Caffe (normalize_layer.cpp),
    so that a pixel whose channels are all zero has a finite gradient.
    """
    check_same_shape("scale", scale, x.shape[3:])
    norm = np.sqrt((x * x).sum(axis=3, keepdims=True) + x.dtype.type(epsilon))  # (N, H, W, 1)
    return x / norm * scale


def l2norm_backward(dout, x, scale, epsilon=1e-10):
    """Return dx (N, H, W, C) and dscale (C,) for dout (N, H, W, C) and the arguments of the forward pass."""
    check_same_shape("dout", dout, x.shape)
    check_same_shape("scale", scale, x.shape[3:])
    norm = np.sqrt((x * x).sum(axis=3, keepdims=True) + x.dtype.type(epsilon))
    unit = x / norm
    dunit = dout * scale
    # Only the part of the gradient across the unit vector changes it; the part along it is projected away.
    dx = (dunit - unit * (dunit * unit).sum(axis=3, keepdims=True)) / norm
    return dx, (dout * unit).sum(axis=(0, 1, 2))


# ---------------------------------------------------------------------------------------------------------------------


def draw_l2norm(ax, pixels, scale=20.0):
    """Draw pixels (P, 2) of two channels as points, and the arrows that bring them to the circle of radius scale."""
    from matplotlib.patches import Circle

    x = np.asarray(pixels, np.float64)[None, None]  # (1, 1, P, 2)
    out = l2norm_forward(x, np.full(2, scale))
    before, after = x[0, 0], out[0, 0]
    ax.add_patch(Circle((0, 0), scale, fill=False, edgecolor=COLORS["default box"], linewidth=1))
    arrow = {"arrowstyle": "-|>", "color": COLORS["positive"], "alpha": 0.35, "shrinkA": 0, "shrinkB": 0}
    for start, end in zip(before, after):
        ax.annotate("", end, start, arrowprops=arrow)
    ax.plot(*before.T, "o", color="black", markersize=4, label="before")
    ax.plot(*after.T, "o", color=COLORS["prediction"], markersize=6, label=f"after, with scale {scale:g}")
    ax.set_aspect("equal")
    ax.set_xlabel("channel 0")
    ax.set_ylabel("channel 1")
    ax.legend()
    ax.set_title(
        "each pixel keeps the direction of its channels\nand loses their length: all are equally loud now", fontsize=11
    )


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("kernels.l2norm")
