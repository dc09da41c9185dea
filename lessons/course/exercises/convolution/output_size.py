"""Exercise output_size of lesson 03: its answer, its cases, and the mistakes that are often made in it."""

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


EXERCISE = Exercise(
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
            "dilation * (kernel - 1) leads from the first pixel of the kernel to the last: add 1.",
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
)
