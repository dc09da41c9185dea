"""Exercise subsample of lesson 06: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def subsample(weight, step, keep):
    return weight[::step, ::step, :, ::keep]


def subsample_first_outputs(weight, step, keep):
    return weight[::step, ::step, :, : -(-weight.shape[3] // keep)]


def subsample_inputs(weight, step, keep):
    return weight[::step, ::step, ::keep]


def subsample_rows_only(weight, step, keep):
    return weight[::step, :, :, ::keep]


def subsample_corner(weight, step, keep):
    size = -(-len(weight) // step)
    return weight[:size, :size, :, ::keep]


def subsample_columns_only(weight, step, keep):
    return weight[:, ::step, :, ::keep]


def subsample_both_channels(weight, step, keep):
    return weight[::step, ::step, ::keep, ::keep]


def subsample_from_the_middle(weight, step, keep):
    return weight[step // 2 :: step, step // 2 :: step, :, ::keep]


def subsample_all_kernels(weight, step, keep):
    return weight[::step, ::step]


def subsample_kernels_only(weight, step, keep):
    return weight[..., ::keep]


def subsample_exchanged(weight, step, keep):
    return weight[::keep, ::keep, :, ::step]


def subsample_keep_first(weight, step, keep):
    return weight[::step, ::step, :, :keep]


def weights():
    shapes = ((3, 3, 1, 1, 2, 1), (3, 3, 2, 4, 2, 2), (7, 7, 4, 8, 3, 4), (5, 5, 3, 6, 2, 3))
    return [(np.arange(k * q * a * b).reshape(k, q, a, b), step, keep) for k, q, a, b, step, keep in shapes]


EXERCISE = Exercise(
    question="Return every step-th row and column of a weight (k, k, C_in, C_out), and every keep-th kernel.",
    answer=subsample,
    cases=weights,
    hints=(
        "A slice may have a step: weight[::2] are the rows 0, 2, 4 and so on.",
        "Kernels are the last axis: weight[::step, ::step, :, ::keep].",
    ),
    mistakes={
        "first kernels": Mistake(
            subsample_first_outputs,
            "you keep the first kernels; take every keep-th.",
            variants=(subsample_keep_first,),
        ),
        "inputs": Mistake(
            subsample_inputs,
            "you leave input channels out. The map below still has all of them; subsample the kernels.",
        ),
        "rows only": Mistake(subsample_rows_only, "the columns have to be subsampled like the rows."),
        "columns only": Mistake(subsample_columns_only, "the rows have to be subsampled like the columns."),
        "both channels": Mistake(
            subsample_both_channels,
            "you leave out input channels as well. Only the kernels, the last axis, are fewer.",
        ),
        "from the middle": Mistake(
            subsample_from_the_middle, "you begin in the middle of a step. The first row, 0, stays."
        ),
        "all kernels": Mistake(subsample_all_kernels, "all kernels are left. Take every keep-th, the last axis."),
        "kernels only": Mistake(subsample_kernels_only, "rows and columns are left as they were: take every step-th."),
        "step and keep exchanged": Mistake(
            subsample_exchanged, "step and keep are exchanged: step is for rows and columns, keep for kernels."
        ),
        "corner": Mistake(
            subsample_corner, "you cut a corner out; the weights that stay have to span the whole kernel."
        ),
    },
)
