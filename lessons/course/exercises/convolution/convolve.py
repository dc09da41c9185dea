"""Exercise convolve of lesson 03: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.convolution.shared import draw_grids
from lessons.course.exercises.exercise import Exercise, Mistake


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


EXERCISE = Exercise(
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
        "tiles": Mistake(convolve_tiles, "your windows stand side by side. The next window begins one pixel farther."),
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
)
