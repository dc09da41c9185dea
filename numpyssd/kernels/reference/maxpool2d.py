"""Max pooling: the largest value of each window; its gradient goes to the pixel that had this value."""

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.kernels.reference.conv2d import kernel_positions
from numpyssd.kernels.shapes import check_pool2d, check_pool2d_gradient


def _pad_to_windows(x, out_shape, size, stride, padding, value):
    """Pad so that the last window, which may hang over the edge with ceil_mode, finds something to read."""
    below = max(0, (out_shape[1] - 1) * stride + size - x.shape[1] - padding)
    right = max(0, (out_shape[2] - 1) * stride + size - x.shape[2] - padding)
    return np.pad(x, ((0, 0), (padding, below), (padding, right), (0, 0)), constant_values=value)


def maxpool2d_forward(x, size, stride, padding=0, ceil_mode=False):
    """Take the maximum over size x size windows.

    x (N, H, W, C) -> out (N, H', W', C), and argmax (N, H', W', C) uint8: the number ``i * size + j`` of the position
    in the window that has the maximum. The first maximum counts; padding never counts; a NaN is larger than everything,
    so that it is not hidden. With ceil_mode H' is rounded up, as in Caffe (pooling_layer.cpp). Raises ValueError for
    shapes that do not fit.
    """
    out_shape = check_pool2d(x, size, stride, padding, ceil_mode)
    out = np.full(out_shape, -np.inf, dtype=x.dtype)
    argmax = np.zeros(out_shape, dtype=np.uint8)
    inside = _pad_to_windows(np.ones((1, *x.shape[1:3], 1), bool), out_shape, size, stride, padding, False)
    inside = np.broadcast_to(inside, (x.shape[0], *inside.shape[1:3], x.shape[3]))
    padded = _pad_to_windows(x, out_shape, size, stride, padding, 0)
    seen = np.zeros(out_shape, dtype=bool)
    views = kernel_positions(padded, (size, size), out_shape, stride, 0, 1)
    for (i, j, view), (_, _, valid) in zip(views, kernel_positions(inside, (size, size), out_shape, stride, 0, 1)):
        wins = valid & (~seen | (view > out) | (np.isnan(view) & ~np.isnan(out)))
        out[wins] = view[wins]
        argmax[wins] = i * size + j
        seen |= valid
    return out, argmax


def maxpool2d_backward(dout, argmax, x_shape, size, stride, padding=0):
    """Return dx (N, H, W, C): each entry of dout (N, H', W', C) goes to the maximum of its window."""
    check_pool2d_gradient(dout, argmax, x_shape)
    dx = _pad_to_windows(np.zeros(x_shape, dout.dtype), dout.shape, size, stride, padding, 0)
    for i, j, dview in kernel_positions(dx, (size, size), dout.shape, stride, 0, 1):
        dview += np.where(argmax == i * size + j, dout, 0)
    return np.ascontiguousarray(dx[:, padding : padding + x_shape[1], padding : padding + x_shape[2]])


# ---------------------------------------------------------------------------------------------------------------------


def draw_winners(axes, grid, size=2, stride=2, ceil_mode=True):
    """Draw a small grid of numbers (H, W) with its windows and their winners, and the maxima, on two axes."""
    from matplotlib.patches import Rectangle

    x = np.asarray(grid, np.float32)
    out, argmax = (a[0, :, :, 0] for a in maxpool2d_forward(x[None, :, :, None], size, stride, 0, ceil_mode))
    winners = {(r * stride + t // size, c * stride + t % size) for (r, c), t in np.ndenumerate(argmax)}
    for ax, numbers, inset in ((axes[0], x, 0.07), (axes[1], out, 0.14)):
        for (row, column), value in np.ndenumerate(numbers):
            won = ax is axes[1] or (row, column) in winners
            if won:
                ax.add_patch(Rectangle((column + 0.1, row + 0.1), 0.8, 0.8, color=COLORS["prediction"], alpha=0.5))
            weight = "bold" if won else "normal"
            ax.text(column + 0.5, row + 0.5, f"{value:g}", ha="center", va="center", fontsize=14, weight=weight)
        step, side = (stride, size) if ax is axes[0] else (1, 1)
        for row, column in np.ndindex(out.shape):
            corner = column * step + inset / 2, row * step + inset / 2
            ax.add_patch(Rectangle(corner, side - inset, side - inset, fill=False, edgecolor=COLORS["positive"], lw=2))
        far = (np.array(out.shape) - 1) * step + side
        far = np.maximum(far, numbers.shape) + 0.1  # rounded down, the windows leave numbers out
        ax.set_xlim(-0.1, far[1])
        ax.set_ylim(far[0], -0.1)
        ax.set_aspect("equal")
        ax.set_axis_off()
    axes[0].add_patch(Rectangle((0, 0), x.shape[1], x.shape[0], fill=False, edgecolor="black", linewidth=1))
    edge = "the last windows hang over the edge" if ceil_mode else "what is in no whole window is lost"
    axes[0].set_title(f"every window has one winner (of equals the first);\n{edge}", fontsize=11)
    rounded = "rounded up" if ceil_mode else "rounded down"
    axes[1].set_title(f"{x.shape[0]} x {x.shape[1]} becomes {out.shape[0]} x {out.shape[1]}: {rounded}", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("kernels.maxpool2d")
