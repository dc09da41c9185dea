"""Exercises of lesson 03: how large the output is, the loops, and the same as one matrix multiplication (GEMM)."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def output_size(size, kernel, stride, padding, dilation):
    span = dilation * (kernel - 1) + 1  # what the kernel covers
    return (size + 2 * padding - span) // stride + 1


def size_one_padding(size, kernel, stride, padding, dilation):
    return (size + padding - dilation * (kernel - 1) - 1) // stride + 1


def size_without_dilation(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - kernel) // stride + 1


def size_without_one(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride


def size_rounded_up(size, kernel, stride, padding, dilation):
    return -(-(size + 2 * padding - dilation * (kernel - 1) - 1) // stride) + 1


def size_times_dilation(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - kernel * dilation) // stride + 1


def size_kernel_plus_dilation(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - kernel - dilation + 1) // stride + 1


def size_gaps_only(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - (kernel - 1) * dilation) // stride + 1


def size_no_padding(size, kernel, stride, padding, dilation):
    return output_size(size, kernel, stride, 0, dilation)


def size_not_rounded(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1


def size_one_inside(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - dilation * (kernel - 1)) // stride


def size_divided_early(size, kernel, stride, padding, dilation):
    return (size + 2 * padding) // stride - dilation * (kernel - 1)


def size_cases():
    return [
        (5, 3, 1, 0, 1), (5, 3, 1, 1, 1), (6, 2, 2, 0, 1), (7, 2, 2, 0, 1), (19, 3, 1, 6, 6), (19, 3, 2, 1, 1),
        (38, 1, 1, 0, 1),
    ]  # fmt: skip


def convolve(x, kernel):
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + kh, j : j + kw] * kernel).sum()
    return out


def convolve_flipped(x, kernel):
    return convolve(x, kernel[::-1, ::-1])


def convolve_transposed(x, kernel):
    return convolve(x, kernel.T) if kernel.shape[0] == kernel.shape[1] else convolve(x.T, kernel)


def convolve_padded(x, kernel):
    kh, kw = kernel.shape
    return convolve(np.pad(x, (((kh - 1) // 2, kh // 2), ((kw - 1) // 2, kw // 2))), kernel)


def convolve_mean(x, kernel):
    return convolve(x, kernel) / kernel.size


def convolve_too_small(x, kernel):
    return convolve(x, kernel)[:-1, :-1]


def convolve_matrix_product(x, kernel):
    kh, kw = kernel.shape
    places = np.ndindex(x.shape[0] - kh + 1, x.shape[1] - kw + 1)
    sums = [(x[i : i + kh, j : j + kw] @ kernel).sum() for i, j in places]
    return np.reshape(sums, (x.shape[0] - kh + 1, -1))


def convolve_matrix_product_transposed(x, kernel):
    kh, kw = kernel.shape
    places = np.ndindex(x.shape[0] - kh + 1, x.shape[1] - kw + 1)
    sums = [(x[i : i + kh, j : j + kw] @ kernel.T).sum() for i, j in places]
    return np.reshape(sums, (x.shape[0] - kh + 1, -1))


def convolve_zeros_left(x, kernel):
    out = np.zeros(x.shape)
    inside = convolve(x, kernel)
    out[: inside.shape[0], : inside.shape[1]] = inside
    return out


def convolve_tiles(x, kernel):
    return convolve(x, kernel)[:: kernel.shape[0], :: kernel.shape[1]]


def convolve_added_up(x, kernel):
    return convolve(x, kernel).cumsum().reshape(convolve(x, kernel).shape)


def convolve_turned_down(x, kernel):
    return convolve(x, kernel[::-1])


def convolve_turned_across(x, kernel):
    return convolve(x, kernel[:, ::-1])


def convolve_sides_exchanged(x, kernel):
    kw, kh = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i, j in np.ndindex(out.shape):
        out[i, j] = (x[i : i + kh, j : j + kw] * kernel).sum()
    return out


def convolve_square_only(x, kernel):
    k = kernel.shape[0]
    out = np.zeros((x.shape[0] - k + 1, x.shape[1] - k + 1))
    for i, j in np.ndindex(out.shape):
        out[i, j] = (x[i : i + k, j : j + k] * kernel).sum()
    return out


def convolve_largest(x, kernel):
    kh, kw = kernel.shape
    places = np.ndindex(x.shape[0] - kh + 1, x.shape[1] - kw + 1)
    return np.reshape([(x[i : i + kh, j : j + kw] * kernel).max() for i, j in places], (x.shape[0] - kh + 1, -1))


def convolve_padded_evenly(x, kernel):
    kh, kw = kernel.shape
    return convolve(np.pad(x, ((kh // 2,), (kw // 2,))), kernel)[: x.shape[0], : x.shape[1]]


def convolve_cases():
    x = np.array([[1, 2, 0, 1], [0, 1, 3, 1], [2, 0, 1, 0], [1, 1, 0, 2]], float)
    rng = np.random.default_rng(5)
    return [
        (x, np.array([[2.0]])),
        (x, np.array([[1.0, 0], [0, -1]])),
        (x, np.array([[1.0, 2], [3, 4]])),
        (rng.integers(0, 5, (5, 7)).astype(float), rng.integers(-2, 3, (3, 2)).astype(float)),
    ]


def im2col(x, kh, kw):
    rows = []
    for i in range(x.shape[0] - kh + 1):
        for j in range(x.shape[1] - kw + 1):
            rows.append(x[i : i + kh, j : j + kw].ravel())
    return np.array(rows)  # (windows, kh * kw)


def im2col_transposed(x, kh, kw):
    return im2col(x, kh, kw).T


def im2col_tiles(x, kh, kw):
    rows = [
        x[i : i + kh, j : j + kw].ravel()
        for i in range(0, x.shape[0] - kh + 1, kh)
        for j in range(0, x.shape[1] - kw + 1, kw)
    ]
    return np.array(rows)


def im2col_columns_first(x, kh, kw):
    windows = im2col(x, kh, kw).reshape(x.shape[0] - kh + 1, x.shape[1] - kw + 1, -1)
    return windows.swapaxes(0, 1).reshape(-1, kh * kw)


def im2col_down_the_window(x, kh, kw):
    return im2col(x, kh, kw).reshape(-1, kh, kw).transpose(0, 2, 1).reshape(-1, kh * kw)


def im2col_sides_exchanged(x, kh, kw):
    return im2col(x, kw, kh)


def im2col_too_few(x, kh, kw):
    return im2col(x[:-1, :-1], kh, kw)


def im2col_flat(x, kh, kw):
    return im2col(x, kh, kw).ravel()


def im2col_cases():
    x = np.arange(1, 21, dtype=float).reshape(4, 5)
    return [(x[:2, :2], 1, 1), (x[:3, :3], 2, 2), (x, 3, 2), (x, 2, 4), (x, 2, 2)]


def draw_grids(axes, arguments, yours, expected):
    """Draw two grids of numbers; where they differ, the number is red."""
    expected, yours = np.atleast_2d(np.asarray(expected, float)), np.atleast_2d(np.asarray(yours, float))
    for ax, name, grid in zip(axes, ("yours", "expected"), (yours, expected)):
        ax.imshow(grid, cmap="PuOr_r", alpha=0.4)
        for place, value in np.ndenumerate(grid):
            right = yours.shape == expected.shape and np.isclose(yours[place], expected[place])
            ax.text(place[1], place[0], f"{value:g}", ha="center", va="center", color="black" if right else "#D62728")
        ax.set_title(name, fontsize=11)
        ax.set_axis_off()


EXERCISES = {
    "output_size": Exercise(
        question="Return how many output pixels a convolution has along one axis.",
        answer=output_size,
        cases=size_cases,
        hints=(
            "Padding comes on both sides. A kernel of k with dilation d covers d (k - 1) + 1 pixels.",
            "The first window begins at 0. How often can you move it by the stride before it sticks out? Plus one.",
        ),
        mistakes={
            "one padding": Mistake(size_one_padding, "padding is added on both sides: 2 * padding."),
            "no dilation": Mistake(
                size_without_dilation, "a dilated kernel covers dilation * (kernel - 1) + 1 pixels, not kernel."
            ),
            "fencepost": Mistake(size_without_one, "the + 1 is missing: you count the moves, not the windows."),
            "rounded up": Mistake(
                size_rounded_up,
                "you round up; a convolution leaves out a window that would stick out. (Caffe's pooling "
                "rounds up, see lesson 05.)",
            ),
            "times dilation": Mistake(
                size_times_dilation,
                "a dilated kernel is not kernel * dilation wide. There is a gap between its pixels, but none after the "
                "last: dilation * (kernel - 1) + 1.",
                variants=(size_kernel_plus_dilation,),
            ),
            "gaps only": Mistake(
                size_gaps_only,
                "dilation * (kernel - 1) leads from the first pixel of the kernel to the last: + 1 more.",
            ),
            "no padding": Mistake(size_no_padding, "the padding is missing: it makes the input 2 * padding longer."),
            "not rounded": Mistake(
                size_not_rounded, "/ does not round. A window that would stick out is left out: use //."
            ),
            "one inside": Mistake(
                size_one_inside, "the + 1 stands inside the division. It belongs after it: one window, then the moves."
            ),
            "divided early": Mistake(
                size_divided_early, "you divide by the stride too early: take off what the kernel covers first."
            ),
        },
    ),
    "convolve": Exercise(
        question="Return the convolution (H - kh + 1, W - kw + 1) of x (H, W) and a kernel (kh, kw), as in networks.",
        answer=convolve,
        cases=convolve_cases,
        draw=draw_grids,
        hints=(
            "Two loops over the output. At (i, j) lie the input rows i to i + kh and the columns j to j + kw.",
            "out[i, j] = (x[i : i + kh, j : j + kw] * kernel).sum()",
        ),
        mistakes={
            "flipped": Mistake(
                convolve_flipped,
                "the kernel is flipped, as in the convolution of mathematics. Networks do not flip it.",
            ),
            "transposed": Mistake(convolve_transposed, "rows and columns of the kernel are exchanged."),
            "padded": Mistake(
                convolve_padded,
                "you pad with zeros, so that the output is as large as x; here only whole windows count.",
                variants=(convolve_padded_evenly,),
            ),
            "mean": Mistake(convolve_mean, "you take the mean of the products; it is their sum."),
            "too small": Mistake(
                convolve_too_small, "the last row and column are missing: there are H - kh + 1 windows, not H - kh."
            ),
            "matrix product": Mistake(
                convolve_matrix_product,
                "@ is the product of two matrices. Multiply number by number, by *, and add up.",
                variants=(convolve_matrix_product_transposed,),
            ),
            "zeros left": Mistake(
                convolve_zeros_left,
                "your output is as large as x, and its last rows and columns stay 0. There are only H - kh + 1 windows.",
            ),
            "tiles": Mistake(
                convolve_tiles, "your windows stand side by side. The next window begins one pixel farther."
            ),
            "added up": Mistake(
                convolve_added_up, "each number still holds the sum of those before it: begin each sum at 0."
            ),
            "half flipped": Mistake(
                convolve_turned_down,
                "the kernel is flipped along one axis. Networks do not flip it at all.",
                variants=(convolve_turned_across,),
            ),
            "sides exchanged": Mistake(
                convolve_sides_exchanged, "height and width of the kernel are exchanged: kh, kw = kernel.shape."
            ),
            "square only": Mistake(
                convolve_square_only, "you take one side of the kernel for both. It need not be square."
            ),
            "largest": Mistake(convolve_largest, "this is the largest product. Add all of them up."),
        },
    ),
    "im2col": Exercise(
        question="Return every window (kh, kw) of x (H, W), row by row, as a row of a matrix (windows, kh * kw).",
        answer=im2col,
        cases=im2col_cases,
        draw=draw_grids,
        hints=(
            "The same two loops as in the convolution; but keep the window instead of multiplying it.",
            "x[i : i + kh, j : j + kw].ravel() is a row. (Without loops: np.lib.stride_tricks.sliding_window_view.)",
        ),
        mistakes={
            "transposed": Mistake(im2col_transposed, "windows are rows, not columns: transpose it."),
            "tiles": Mistake(im2col_tiles, "these are tiles that do not overlap; the window moves by one pixel."),
            "columns first": Mistake(im2col_columns_first, "the windows come down the columns; row by row is wanted."),
            "down the window": Mistake(
                im2col_down_the_window, "inside each window you go down the columns. Read it row by row: ravel()."
            ),
            "sides exchanged": Mistake(
                im2col_sides_exchanged, "kh and kw are exchanged: a window has kh rows and kw columns."
            ),
            "too few": Mistake(
                im2col_too_few, "the last windows are missing: there are H - kh + 1 of them down, not H - kh."
            ),
            "flat": Mistake(im2col_flat, "all windows stand in one long row. Each window is a row of its own."),
        },
    ),
}
