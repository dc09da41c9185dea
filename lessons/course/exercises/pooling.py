"""Exercises of lesson 05: how many windows there are, their winners, the gradient, and padding."""

import numpy as np

from numpyssd.drawing import COLORS
from lessons.course.exercises.exercise import Exercise, Mistake


def pooled_size(size, window, stride, padding, ceil_mode):
    steps = (size + 2 * padding - window) / stride
    windows = int(np.ceil(steps) if ceil_mode else np.floor(steps)) + 1
    if ceil_mode and (windows - 1) * stride >= size + padding:
        windows -= 1  # it would begin beyond the map
    return windows


def pooled_size_always_down(size, window, stride, padding, ceil_mode):
    return (size + 2 * padding - window) // stride + 1


def pooled_size_always_up(size, window, stride, padding, ceil_mode):
    return pooled_size(size, window, stride, padding, True)


def pooled_size_padding_once(size, window, stride, padding, ceil_mode):
    steps = (size + padding - window) / stride
    return int(np.ceil(steps) if ceil_mode else np.floor(steps)) + 1


def pooled_size_without_one(size, window, stride, padding, ceil_mode):
    return pooled_size(size, window, stride, padding, ceil_mode) - 1


def pooled_size_no_rule(size, window, stride, padding, ceil_mode):
    steps = (size + 2 * padding - window) / stride
    return int(np.ceil(steps) if ceil_mode else np.floor(steps)) + 1


def pooled_size_rule_without_padding(size, window, stride, padding, ceil_mode):
    windows = pooled_size_no_rule(size, window, stride, padding, ceil_mode)
    return windows - 1 if ceil_mode and (windows - 1) * stride >= size else windows


def pooled_size_rule_above(size, window, stride, padding, ceil_mode):
    windows = pooled_size_no_rule(size, window, stride, padding, ceil_mode)
    return windows - 1 if ceil_mode and (windows - 1) * stride > size + padding else windows


def pooled_size_rule_both_sides(size, window, stride, padding, ceil_mode):
    windows = pooled_size_no_rule(size, window, stride, padding, ceil_mode)
    return windows - 1 if ceil_mode and (windows - 1) * stride >= size + 2 * padding else windows


def pooled_size_rule_one_more(size, window, stride, padding, ceil_mode):
    windows = pooled_size_no_rule(size, window, stride, padding, ceil_mode)
    return windows - 1 if ceil_mode and windows * stride >= size + padding else windows


def pooled_size_rounded(size, window, stride, padding, ceil_mode):
    return round((size + 2 * padding - window) / stride) + 1


def pooled_size_down_with_rule(size, window, stride, padding, ceil_mode):
    return pooled_size(size, window, stride, padding, False)


def pooled_size_no_padding(size, window, stride, padding, ceil_mode):
    return pooled_size(size, window, stride, 0, ceil_mode)


def pooled_size_modes_exchanged(size, window, stride, padding, ceil_mode):
    return pooled_size(size, window, stride, padding, not ceil_mode)


def pooled_size_not_rounded(size, window, stride, padding, ceil_mode):
    return (size + 2 * padding - window) / stride + 1


def pooled_size_steps(size, window, stride, padding, ceil_mode):
    return pooled_size_no_rule(size, window, stride, padding, ceil_mode) - 1


def geometries():
    return [
        (4, 2, 2, 0, False),
        (5, 2, 2, 0, False),
        (5, 2, 2, 0, True),
        (75, 2, 2, 0, True),
        (75, 2, 2, 0, False),
        (300, 2, 2, 0, True),
        (19, 3, 1, 1, False),  # pool5
        (8, 3, 2, 1, True),
        (3, 2, 2, 1, True),  # the third window would begin beyond the map
        (4, 2, 2, 1, True),  # the third window begins in the padding behind it, which is allowed
        (2, 2, 4, 1, True),
        (9, 5, 1, 0, True),
    ]


def max_pool(x):
    out = np.zeros(((x.shape[0] + 1) // 2, (x.shape[1] + 1) // 2))
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            window = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]  # a slice stops at the edge by itself
            out[row, column] = window.max()
    return out


def max_pool_rounded_down(x):
    return max_pool(x[: len(x) // 2 * 2, : x.shape[1] // 2 * 2])


def max_pool_average(x):
    out = max_pool(x)
    for row, column in np.ndindex(out.shape):
        out[row, column] = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].mean()
    return out


def max_pool_zero_padded(x):
    return max_pool(np.pad(x, ((0, x.shape[0] % 2), (0, x.shape[1] % 2))))


def max_pool_stride_one(x):
    out = np.zeros(((x.shape[0] + 1) // 2, (x.shape[1] + 1) // 2))
    for row, column in np.ndindex(out.shape):
        out[row, column] = x[row : row + 2, column : column + 2].max()
    return out


def max_pool_from_zero(x):
    return np.maximum(max_pool(x), 0)


def max_pool_one_number(x):
    return x[::2, ::2]


def max_pool_smallest(x):
    return -max_pool(-x)


def max_pool_one_more(x):
    padded = np.pad(x.astype(float), ((0, 2 - x.shape[0] % 2), (0, 2 - x.shape[1] % 2)), constant_values=-np.inf)
    return max_pool(padded)


def max_pool_zeros_left(x):
    out, found = np.zeros_like(max_pool(x)), max_pool_rounded_down(x)
    out[: found.shape[0], : found.shape[1]] = found
    return out


def max_pool_one_more_zeros(x):
    padded = np.pad(x.astype(float), ((0, 2 - x.shape[0] % 2), (0, 2 - x.shape[1] % 2)), constant_values=-np.inf)
    return np.where(np.isinf(max_pool(padded)), 0, max_pool(padded))


def grids():
    tiny = [[[1, 2], [4, 3]], [[1, 2, 0, 1], [5, 3, 7, 2]], [[1, 5, 2], [0, 3, 4], [6, 1, 8]]]
    tiny += [[[-1, -2], [-4, -3]], [[-1, -2, -3]], [[-5, -4, -9], [-3, -6, -2], [-8, -7, -4]]]
    rng = np.random.default_rng(4)
    more = [rng.integers(-9, 10, shape) for shape in ((4, 6), (5, 7), (1, 1), (6, 3))]
    return [(np.array(grid, float),) for grid in (*tiny, *more)]


def pool_gradient(x, dout):
    dx = np.zeros(x.shape)
    for row in range(dout.shape[0]):
        for column in range(dout.shape[1]):
            window = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            i, j = np.unravel_index(window.argmax(), window.shape)  # of equals the first
            dx[2 * row + i, 2 * column + j] += dout[row, column]
    return dx


def _spread(x, dout, weights):
    dx = np.zeros(x.shape)
    for row, column in np.ndindex(dout.shape):
        place = slice(2 * row, 2 * row + 2), slice(2 * column, 2 * column + 2)
        dx[place] += weights(x[place]) * dout[row, column]
    return dx


def pool_gradient_to_all_equals(x, dout):
    return _spread(x, dout, lambda window: window == window.max())


def pool_gradient_shared_by_equals(x, dout):
    return _spread(x, dout, lambda window: (window == window.max()) / (window == window.max()).sum())


def pool_gradient_average(x, dout):
    return _spread(x, dout, lambda window: np.full(window.shape, 1 / window.size))


def pool_gradient_times_x(x, dout):
    return pool_gradient(x, dout) * x


def pool_gradient_last(x, dout):
    return pool_gradient(x[::-1, ::-1], dout[::-1, ::-1])[::-1, ::-1]


def pool_gradient_to_everyone(x, dout):
    return _spread(x, dout, np.ones_like)


def pool_gradient_without_offset(x, dout):
    dx = np.zeros(x.shape)
    for row, column in np.ndindex(dout.shape):
        window = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        dx[np.unravel_index(window.argmax(), window.shape)] += dout[row, column]
    return dx


def pool_gradient_to_the_corner(x, dout):
    dx = np.zeros(x.shape)
    dx[::2, ::2] = dout
    return dx


def pool_gradient_by_columns(x, dout):
    return pool_gradient(x.T, dout.T).T


def pool_gradient_mask(x, dout):
    return pool_gradient(x, np.ones_like(dout))


def pool_gradient_place_exchanged(x, dout):
    dx = np.zeros(x.shape)
    for row, column in np.ndindex(dout.shape):
        i, j = divmod(int(x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].argmax()), 2)
        dx[2 * row + j, 2 * column + i] += dout[row, column]
    return dx


def grids_with_gradients():
    tiny = [
        ([[1, 2], [4, 3]], [[10]]),
        ([[7, 7], [7, 7]], [[10]]),  # all equal: the first
        ([[1, 5, 2, 2], [0, 3, 4, 2]], [[1, 2]]),
        ([[1, 5, 5, 9], [5, 3, 9, 9], [0, 0, 2, 1], [0, 0, 2, 2]], [[1, 2], [3, 4]]),
    ]
    rng = np.random.default_rng(5)
    more = [(rng.integers(-3, 4, (2 * h, 2 * w)), rng.integers(-9, 10, (h, w))) for h, w in ((1, 3), (2, 2), (3, 2))]
    return [(np.array(x, float), np.array(dout, float)) for x, dout in (*tiny, *more)]


def pool5(x):
    height, width = x.shape
    padded = np.pad(x.astype(float), 1, constant_values=-np.inf)  # nothing loses against minus infinity
    out = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            out[row, column] = padded[row : row + 3, column : column + 3].max()
    return out


def pool5_zero_padded(x):
    padded = np.pad(x.astype(float), 1)
    return np.array([[padded[r : r + 3, c : c + 3].max() for c in range(x.shape[1])] for r in range(len(x))])


def pool5_not_centered(x):
    return np.array([[x[r : r + 3, c : c + 3].max() for c in range(x.shape[1])] for r in range(len(x))])


def pool5_not_padded(x):
    height, width = x.shape
    return np.array([[x[r : r + 3, c : c + 3].max() for c in range(max(width - 2, 0))] for r in range(height - 2)])


def pool5_above_and_left(x):
    return np.array([[_clipped(x, r - 1, r + 1, c - 1, c + 1) for c in range(x.shape[1])] for r in range(len(x))])


def pool5_below_and_right(x):
    return np.array([[_clipped(x, r, r + 2, c, c + 2) for c in range(x.shape[1])] for r in range(len(x))])


def _clipped(x, top, bottom, left, right):
    return x[max(top, 0) : bottom, max(left, 0) : right].max()


def pool5_negative_index(x):
    return np.array([[x[r - 1 : r + 2, c - 1 : c + 2].max() for c in range(x.shape[1])] for r in range(len(x))])


def pool5_edges_kept(x):
    out = x.astype(float).copy()
    out[1:-1, 1:-1] = pool5(x)[1:-1, 1:-1]
    return out


def pool5_edges_zero(x):
    out = np.zeros(x.shape)
    out[1:-1, 1:-1] = pool5(x)[1:-1, 1:-1]
    return out


def pool5_from_zero(x):
    return np.maximum(pool5(x), 0)


def pool5_stride_two(x):
    return pool5(x)[::2, ::2]


def pool5_windows_only(x):
    return np.lib.stride_tricks.sliding_window_view(x, (3, 3)).max(axis=(2, 3))


def pool5_negative_index_guarded(x):
    windows = [[x[r - 1 : r + 2, c - 1 : c + 2] for c in range(x.shape[1])] for r in range(len(x))]
    return np.array([[window.max() if window.size else 0 for window in row] for row in windows])


def draw_pair(axes, arguments, yours, expected):
    """Draw two grids of numbers side by side, and mark where they differ."""
    yours, expected = (np.atleast_2d(np.asarray(value, float)) for value in (yours, expected))
    for ax, name, grid in zip(axes, ("yours", "expected"), (yours, expected)):
        same_shape = yours.shape == expected.shape
        for (row, column), value in np.ndenumerate(grid):
            wrong = same_shape and yours[row, column] != expected[row, column]
            color = COLORS["negative"] if wrong else "black"
            weight = "bold" if wrong else "normal"
            ax.text(column + 0.5, row + 0.5, f"{value:g}", ha="center", va="center", color=color, weight=weight)
        ax.set_xlim(0, max(grid.shape[1], 1))
        ax.set_ylim(max(grid.shape[0], 1), 0)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_aspect("equal")
        ax.set_title(name, fontsize=11)


EXERCISES = {
    "pooled_size": Exercise(
        question="Return how many windows fit along one side of a map.",
        answer=pooled_size,
        cases=geometries,
        hints=(
            "The first window stands at the edge; each further one is stride farther. How many steps does the last one "
            "take in size + 2 * padding - window?",
            "windows = steps + 1, where steps = (size + 2 * padding - window) / stride, rounded by np.floor or, with "
            "ceil_mode, by np.ceil.",
        ),
        mistakes={
            "always down": Mistake(
                pooled_size_always_down,
                "you round down always; ceil_mode asks you to round up.",
                variants=(pooled_size_down_with_rule,),
            ),
            "always up": Mistake(pooled_size_always_up, "you round up always; only ceil_mode asks for that."),
            "padding once": Mistake(
                pooled_size_padding_once,
                "padding stands on both sides, so that the map is 2 * padding longer.",
                variants=(pooled_size_no_padding,),
            ),
            "without one": Mistake(
                pooled_size_without_one,
                "these are the steps between the windows; the first window needs none: + 1.",
                variants=(pooled_size_steps,),
            ),
            "no rule": Mistake(
                pooled_size_no_rule,
                "with ceil_mode, a window that would begin beyond the map and its padding in front is left out again.",
            ),
            "rule without padding": Mistake(
                pooled_size_rule_without_padding,
                "a window may begin as far as size + padding: the padding in front counts, too.",
            ),
            "rule too weak": Mistake(
                pooled_size_rule_above,
                "a window that begins exactly at size + padding is beyond the map: >= there, not >, and one padding.",
                variants=(pooled_size_rule_both_sides,),
            ),
            "rule one window off": Mistake(
                pooled_size_rule_one_more, "the last of n windows begins at (n - 1) * stride, not at n * stride."
            ),
            "rounded": Mistake(
                pooled_size_rounded, "round goes to the nearest whole number. Round down, or up with ceil_mode."
            ),
            "modes exchanged": Mistake(
                pooled_size_modes_exchanged, "you round up without ceil_mode, and down with it."
            ),
            "not rounded": Mistake(pooled_size_not_rounded, "there are only whole windows: round down or up."),
        },
    ),
    "max_pool": Exercise(
        question="Return the maxima of 2 x 2 windows with stride 2 of a grid (H, W), rounded up.",
        answer=max_pool,
        cases=grids,
        draw=draw_pair,
        hints=(
            "The window of output (row, column) is x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].",
            "The output has (H + 1) // 2 rows. A slice that reaches beyond the edge simply holds fewer numbers, which "
            "is just what the hanging windows need.",
        ),
        mistakes={
            "rounded down": Mistake(
                max_pool_rounded_down, "the last row or column of an odd grid is lost: you rounded down (75 to 37)."
            ),
            "average": Mistake(max_pool_average, "this is average pooling; take the largest number."),
            "zero padded": Mistake(
                max_pool_zero_padded,
                "you filled the hanging windows with 0, and where all numbers are negative the 0 wins. Nothing that "
                "is not in the map may win.",
            ),
            "stride 1": Mistake(max_pool_stride_one, "your windows move by 1; they move by 2."),
            "from zero": Mistake(
                max_pool_from_zero,
                "your maximum starts at 0, and 0 wins where all numbers of a window are negative. Start at -np.inf.",
            ),
            "one number": Mistake(
                max_pool_one_number, "this is the first number of each window. A slice of two is 2 * row : 2 * row + 2."
            ),
            "smallest": Mistake(max_pool_smallest, "these are the smallest numbers; take the largest."),
            "zeros left": Mistake(
                max_pool_zeros_left, "the hanging windows at the edges are left out, and their outputs stay 0."
            ),
            "one window more": Mistake(
                max_pool_one_more,
                "an even side gets a window more than it has: (H + 1) // 2, not H // 2 + 1.",
                variants=(max_pool_one_more_zeros,),
            ),
        },
    ),
    "pool_gradient": Exercise(
        question="Return dx (H, W) of 2 x 2 pooling with stride 2 for x (H, W) and dout (H / 2, W / 2).",
        answer=pool_gradient,
        cases=grids_with_gradients,
        draw=draw_pair,
        hints=(
            "Start from zeros of the shape of x. Each number of dout goes, whole, to one place.",
            "np.unravel_index(window.argmax(), window.shape) is row and column of the winner in its window; argmax "
            "takes the first of equals.",
        ),
        mistakes={
            "to all equals": Mistake(
                pool_gradient_to_all_equals,
                "every number that equals the maximum got the whole gradient. This is x == max: with ties, "
                "more comes out than went in.",
            ),
            "shared by equals": Mistake(
                pool_gradient_shared_by_equals,
                "you divide the gradient among equals. That rule is possible, but here the first takes all.",
            ),
            "average": Mistake(pool_gradient_average, "this is the gradient of average pooling."),
            "times x": Mistake(
                pool_gradient_times_x,
                "you multiply by x. The winner is passed on as it is, times 1, and so is its gradient.",
            ),
            "last of equals": Mistake(pool_gradient_last, "of equals you take the last; the first one wins."),
            "to everyone": Mistake(
                pool_gradient_to_everyone, "every number of a window gets the gradient. Only the largest one does."
            ),
            "without offset": Mistake(
                pool_gradient_without_offset,
                "argmax gives the place in the window. In x the window begins at (2 * row, 2 * column): add that.",
            ),
            "to the corner": Mistake(
                pool_gradient_to_the_corner, "the first number of each window gets the gradient. The largest one does."
            ),
            "by columns": Mistake(
                pool_gradient_by_columns,
                "of equals the first in the order of reading wins, row by row, not by columns.",
            ),
            "mask": Mistake(pool_gradient_mask, "this says who has won. Put the number of dout there, not 1."),
            "place exchanged": Mistake(
                pool_gradient_place_exchanged, "row and column of the winner inside its window are exchanged."
            ),
        },
    ),
    "pool5": Exercise(
        question="Return the maxima of 3 x 3 windows with stride 1 and padding 1 of a grid (H, W), of the same size.",
        answer=pool5,
        cases=grids,
        draw=draw_pair,
        hints=(
            "The window of output (row, column) has (row, column) in its middle. At the edges it holds fewer numbers.",
            "np.pad(x, 1, constant_values=-np.inf) puts a frame around x that can't win, and then the window of "
            "(row, column) is padded[row : row + 3, column : column + 3].",
        ),
        mistakes={
            "zero padded": Mistake(
                pool5_zero_padded, "the frame of zeros wins where all numbers are negative. Pad by -np.inf."
            ),
            "not centered": Mistake(
                pool5_not_centered, "your windows begin at (row, column); that place is to be in their middle."
            ),
            "not padded": Mistake(
                pool5_not_padded,
                "without padding the map shrinks by 2. pool5 keeps the size, 19 stays 19.",
                variants=(pool5_windows_only,),
            ),
            "window too short": Mistake(
                pool5_above_and_left,
                "your windows are 2 x 2: a slice ends *before* its second number. From row - 1 to row + 1 is "
                "row - 1 : row + 2.",
                variants=(pool5_below_and_right,),
            ),
            "negative index": Mistake(
                pool5_negative_index,
                "at the edge your slice begins at -1, and that is the *last* row or column: max(row - 1, 0).",
                variants=(pool5_negative_index_guarded,),
            ),
            "edges left out": Mistake(
                pool5_edges_zero,
                "the numbers at the edges have windows as well, which hold fewer numbers.",
                variants=(pool5_edges_kept,),
            ),
            "from zero": Mistake(
                pool5_from_zero,
                "your maximum starts at 0, and 0 wins where all numbers of a window are negative. Start at -np.inf.",
            ),
            "stride 2": Mistake(pool5_stride_two, "your windows move by 2; those of pool5 move by 1."),
        },
    ),
}
