"""Convolution, one kernel position at a time: each is a matrix product of a shifted view of the image."""

import numpy as np

from numpyssd.kernels.reference.relu import relu_backward, relu_forward
from numpyssd.kernels.shapes import check_conv2d, check_same_shape


def kernel_positions(x, kernel_shape, out_shape, stride, padding, dilation):
    """Yield ``i, j, view`` for each position of the kernel: view (N, H', W', C) holds the pixels that it multiplies.

    x must be padded already.
    """
    rows, columns = stride * (out_shape[1] - 1) + 1, stride * (out_shape[2] - 1) + 1
    for i in range(kernel_shape[0]):
        for j in range(kernel_shape[1]):
            top, left = i * dilation, j * dilation
            yield i, j, x[:, top : top + rows : stride, left : left + columns : stride]


def _pad(x, padding):
    return np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))


def conv2d_algorithm(weight, stride):
    """Return the name of the algorithm: one kernel position after the other, for every shape."""
    return "kernel positions"


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1, relu=False, scale=None):
    """Convolve x with weight and add bias (a cross-correlation, as in all networks: the kernel is not flipped).

    x (N, H, W, C_in), weight (kh, kw, C_in, C_out), bias (C_out,) or None -> out (N, H', W', C_out), where
    H' = (H + 2 padding - dilation (kh - 1) - 1) // stride + 1.

    - scale (C_out,): the sums are multiplied by it before the bias is added.
    - relu: negative results become zero.

    Both cost nothing where the sums are written anyway. Raises ValueError for shapes that do not fit.
    """
    out_shape = check_conv2d(x, weight, bias, stride, padding, dilation)
    out = np.zeros(out_shape, dtype=x.dtype)
    for i, j, view in kernel_positions(_pad(x, padding), weight.shape, out_shape, stride, padding, dilation):
        out += view @ weight[i, j]  # (N, H', W', C_in) @ (C_in, C_out)
    if scale is not None:
        out *= scale
    if bias is not None:
        out += bias
    return relu_forward(out) if relu else out


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1, need_dx=True, out=None):
    """Return dx, dweight, dbias: each kernel position is the matrix product of the forward pass, differentiated.

    dout (N, H', W', C_out) and the arguments of the forward pass -> dx (N, H, W, C_in), dweight
    (kh, kw, C_in, C_out), dbias (C_out,).

    - need_dx: False leaves dx out (None); the first layer needs no gradient of the image.
    - out: the result of a forward pass with relu; dout counts only where out is positive.
    """
    out_shape = check_conv2d(x, weight, None, stride, padding, dilation)
    check_same_shape("dout", dout, out_shape)
    if out is not None:
        dout = relu_backward(dout, out)
    padded = _pad(x, padding)
    dpadded = np.zeros_like(padded)
    dweight = np.empty_like(weight)
    columns, doutput = padded.shape[3], weight.shape[3]
    for i, j, view in kernel_positions(padded, weight.shape, out_shape, stride, padding, dilation):
        dweight[i, j] = view.reshape(-1, columns).T @ dout.reshape(-1, doutput)  # (C_in, C_out)
    if need_dx:
        for i, j, dview in kernel_positions(dpadded, weight.shape, out_shape, stride, padding, dilation):
            dview += dout @ weight[i, j].T  # (N, H', W', C_in), added into the padded gradient
    height, width = x.shape[1:3]
    dx = dpadded[:, padding : padding + height, padding : padding + width] if need_dx else None
    return dx, dweight, dout.sum(axis=(0, 1, 2))


# ---------------------------------------------------------------------------------------------------------------------

SOBEL = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))  # dark on the left, bright on the right: a vertical edge
ARROWS = ("↘↓↙", "→·←", "↗↑↖")  # how a kernel position shifts the image: against its place in the kernel


def draw_kernel_positions(axes, image):
    """Draw what each position of a 3x3 kernel adds, and the sum, on 12 axes (3 rows of 4) for an image (H, W, 3)."""
    gray = image.mean(axis=2)[None, :, :, None]  # (1, H, W, 1)
    weight = np.array(SOBEL, gray.dtype).reshape(3, 3, 1, 1)
    out = conv2d_forward(gray, weight, np.zeros(1))  # (1, H - 2, W - 2, 1)
    axes = np.reshape(axes, (3, 4))
    for i, j, view in kernel_positions(gray, weight.shape, out.shape, 1, 0, 1):
        factor = SOBEL[i][j]
        axes[i, j].imshow((view * factor)[0, :, :, 0], cmap="PuOr_r", vmin=-512, vmax=512)
        axes[i, j].set_title(f"position ({i}, {j}), shift {ARROWS[i][j]}\nweight {factor}", fontsize=9)
    axes[0, 3].imshow(gray[0, :, :, 0], cmap="gray", vmin=0, vmax=255)
    axes[0, 3].set_title("the image", fontsize=9)
    axes[1, 3].imshow(out[0, :, :, 0], cmap="PuOr_r", vmin=-512, vmax=512)
    axes[1, 3].set_title("the sum of the nine:\na map of vertical edges", fontsize=9)
    words = "Each kernel position\nmultiplies a copy of the\nimage, shifted by one\npixel, by a number.\n\n"
    words += "orange: positive\nwhite: zero\npurple: negative"
    axes[2, 3].text(0.5, 0.5, words, ha="center", va="center", fontsize=9)
    for ax in axes.flat:
        ax.set_xticks([])
        ax.set_yticks([])
    axes[2, 3].set_axis_off()


def draw_window(axes, x, weight, row, column):
    """Draw on two axes which numbers of x (H, W) the output pixel (row, column) sees, and the whole output."""
    from matplotlib.patches import Rectangle

    out = conv2d_forward(x[None, :, :, None], weight[:, :, None, None], np.zeros(1, x.dtype))[0, :, :, 0]
    for ax, grid in zip(axes, (x, out)):
        _draw_grid(ax, grid)
    for (i, j), factor in np.ndenumerate(weight):
        axes[0].text(column + j, row + i + 0.38, f"× {factor:g}", ha="center", va="center", fontsize=8, color="#0072B2")
    window = Rectangle((column - 0.5, row - 0.5), *weight.shape[::-1], fill=False, linewidth=3, edgecolor="#0072B2")
    axes[0].add_patch(window)
    axes[1].add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, linewidth=3, edgecolor="#0072B2"))
    products = x[row : row + len(weight), column : column + weight.shape[1]] * weight + 0.0  # no -0
    axes[0].set_title("a window of the input, times the kernel", fontsize=11)
    axes[1].set_title(f"{' + '.join(f'{value:g}' for value in products.flat)} = {products.sum():g}", fontsize=9)


def draw_backward(axes, x, weight, dout):
    """Draw on three axes dout (H', W') and what it sends back to x (H, W) and to weight (kh, kw).

    Where dout is not zero, the window that it goes to is framed.
    """
    from matplotlib.patches import Rectangle

    args = dout[None, :, :, None], x[None, :, :, None], weight[:, :, None, None]
    dx, dweight, _ = conv2d_backward(*args)
    titles = "dout: what arrives", "dx: the kernel,\nlaid on the window", "dweight: the window\nof the input"
    for ax, grid, title in zip(axes, (dout, dx[0, :, :, 0], dweight[:, :, 0, 0]), titles):
        _draw_grid(ax, grid)
        ax.set_title(title, fontsize=11)
    frame = {"fill": False, "linewidth": 3, "edgecolor": "#0072B2"}
    for row, column in np.argwhere(dout):
        axes[0].add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, **frame))
        axes[1].add_patch(Rectangle((column - 0.5, row - 0.5), *weight.shape[::-1], **frame))


def _draw_grid(ax, grid):
    """Draw numbers (H, W) on squares: orange positive, white zero, purple negative."""
    limit = max(abs(grid).max(), 1)
    ax.imshow(grid, cmap="PuOr_r", vmin=-limit, vmax=limit, alpha=0.35)
    for (i, j), value in np.ndenumerate(grid):
        ax.text(j, i, f"{value + 0.0:g}", ha="center", va="center", fontsize=13)  # -0 is written as 0
    ax.set_xticks([])
    ax.set_yticks([])


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("kernels.conv2d")
