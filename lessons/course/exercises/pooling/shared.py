"""What the exercises of lesson 05 have in common."""

import numpy as np

from numpyssd.drawing import COLORS


def grids():
    tiny = [[[1, 2], [4, 3]], [[1, 2, 0, 1], [5, 3, 7, 2]], [[1, 5, 2], [0, 3, 4], [6, 1, 8]]]
    tiny += [[[-1, -2], [-4, -3]], [[-1, -2, -3]], [[-5, -4, -9], [-3, -6, -2], [-8, -7, -4]]]
    rng = np.random.default_rng(4)
    more = [rng.integers(-9, 10, shape) for shape in ((4, 6), (5, 7), (1, 1), (6, 3))]
    return [(np.array(grid, float),) for grid in (*tiny, *more)]


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
