"""Exercise predict_cell of lesson 07: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def predict_cell(x, weight, bias, row, column):
    height, width = x.shape[:2]
    out = bias.astype(float)  # a copy: += must not change the bias
    for i in range(3):
        for j in range(3):
            y, across = row + i - 1, column + j - 1
            if 0 <= y < height and 0 <= across < width:  # outside lies zero padding
                out += x[y, across] @ weight[i, j]
    return out


def predict_wrapped(x, weight, bias, row, column):
    out = bias.astype(float)
    for i in range(3):
        for j in range(3):
            out += x[(row + i - 1) % x.shape[0], (column + j - 1) % x.shape[1]] @ weight[i, j]
    return out


def predict_not_centered(x, weight, bias, row, column):
    return predict_cell(x, weight, bias, row + 1, column + 1)


def predict_without_bias(x, weight, bias, row, column):
    return predict_cell(x, weight, np.zeros_like(bias), row, column)


def predict_flipped(x, weight, bias, row, column):
    return predict_cell(x, weight[::-1, ::-1], bias, row, column)


def predict_one_by_one(x, weight, bias, row, column):
    return x[row, column] @ weight[1, 1] + bias


def predict_wrapped_backwards(x, weight, bias, row, column):
    out = bias.astype(float)
    for i in range(3):
        for j in range(3):
            if row + i - 1 < x.shape[0] and column + j - 1 < x.shape[1]:
                out += x[row + i - 1, column + j - 1] @ weight[i, j]
    return out


def predict_edge_repeated(x, weight, bias, row, column):
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)), mode="edge")
    return predict_cell(padded, weight, bias, row + 1, column + 1)


def predict_transposed(x, weight, bias, row, column):
    return predict_cell(x, weight.transpose(1, 0, 2, 3), bias, row, column)


def predict_bias_nine_times(x, weight, bias, row, column):
    return predict_cell(x, weight, 9 * bias, row, column)


def predict_above_and_left(x, weight, bias, row, column):
    return predict_cell(x, weight, bias, row - 1, column - 1)


def predict_mean(x, weight, bias, row, column):
    return predict_cell(x, weight / 9, bias, row, column)


def predict_bias_at_each_place(x, weight, bias, row, column):
    places = [(row + i - 1, column + j - 1) for i in range(3) for j in range(3)]
    inside = sum(0 <= r < x.shape[0] and 0 <= c < x.shape[1] for r, c in places)
    return predict_cell(x, weight, inside * bias, row, column)


def cells_to_predict():
    rng = np.random.default_rng(6)
    one = np.arange(1.0, 5.0).reshape(2, 2, 1)
    cases = [(one, np.ones((3, 3, 1, 1)), np.zeros(1), 0, 0)]
    cases.append((one, np.arange(9.0).reshape(3, 3, 1, 1), np.ones(1), 1, 1))
    x, weight = rng.integers(-2, 3, (4, 5, 2)).astype(float), rng.integers(-2, 3, (3, 3, 2, 3)).astype(float)
    return cases + [(x, weight, np.array([1.0, 2.0, 3.0]), *place) for place in ((1, 2), (0, 4), (3, 0))]


EXERCISE = Exercise(
    question="Return the outputs (C_out,) of one cell: weight (3, 3, C_in, C_out) over x (H, W, C_in), padded.",
    answer=predict_cell,
    cases=cells_to_predict,
    hints=(
        "The window is the cell and its eight neighbors. What lies outside of the map counts as zeros.",
        "For i, j in 0..2 add x[row + i - 1, column + j - 1] @ weight[i, j], if that place is on the map; begin "
        "with the bias.",
    ),
    mistakes={
        "wrapped": Mistake(
            predict_wrapped,
            "at the border you read the other side of the map: x[-1] is the last row, not a row of zeros.",
            variants=(predict_wrapped_backwards,),
        ),
        "not centered": Mistake(
            predict_not_centered,
            "your window does not have the cell in its middle: it begins one row above and one column to the left.",
            variants=(predict_above_and_left,),
        ),
        "no bias": Mistake(predict_without_bias, "the bias is missing."),
        "flipped": Mistake(
            predict_flipped, "the kernel is flipped. A network's convolution does not flip it (lesson 03)."
        ),
        "one by one": Mistake(
            predict_one_by_one, "you look at the cell alone. The predictor is 3 x 3: its neighbors count too."
        ),
        "edge repeated": Mistake(
            predict_edge_repeated,
            "outside the map you repeat the numbers of the edge (mode='edge', or an index that is clipped). There are "
            "zeros.",
        ),
        "transposed": Mistake(
            predict_transposed, "rows and columns of the kernel are exchanged: weight[i, j] belongs to row i."
        ),
        "bias nine times": Mistake(
            predict_bias_nine_times,
            "the bias is added once for each place; add it once.",
            variants=(predict_bias_at_each_place,),
        ),
        "mean": Mistake(predict_mean, "you divide by 9. A convolution adds up."),
    },
)
