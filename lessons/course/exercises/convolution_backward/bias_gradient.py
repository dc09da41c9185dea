"""Exercise bias_gradient of lesson 04: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def bias_gradient(dout):
    return dout.sum(axis=(0, 1, 2))  # (C_out,)


def bias_mean(dout):
    return dout.mean(axis=(0, 1, 2))


def bias_all(dout):
    return dout.sum()


def bias_of_each_image(dout):
    return dout.sum(axis=(1, 2))


def bias_of_the_first_image(dout):
    return dout[0].sum(axis=(0, 1))


def bias_over_images(dout):
    return dout.sum(axis=0)


def bias_over_images_and_rows(dout):
    return dout.sum(axis=(0, 1))


def bias_mean_of_images(dout):
    return dout.sum(axis=(1, 2)).mean(axis=0)


def bias_mean_of_places(dout):
    return dout.mean(axis=(1, 2)).sum(axis=0)


def bias_of_the_first_axis(dout):
    return dout.sum(axis=(1, 2, 3))


def bias_of_the_second_axis(dout):
    return dout.sum(axis=(0, 2, 3))


def gradients():
    rng = np.random.default_rng(5)
    shapes = ((1, 2, 2, 1), (1, 2, 3, 2), (3, 2, 2, 4))
    return [(rng.integers(-3, 4, shape).astype(float),) for shape in shapes]


EXERCISE = Exercise(
    question="Return dbias (C_out,) for dout (N, H', W', C_out).",
    answer=bias_gradient,
    cases=gradients,
    hints=(
        "A channel's bias is added to every output of that channel: a change of it moves all of them.",
        "Add up dout over all axes but the last.",
    ),
    mistakes={
        "mean": Mistake(
            bias_mean,
            "this is the mean; each output passes on its whole gradient, so it is the sum.",
            variants=(bias_mean_of_images, bias_mean_of_places),
        ),
        "one number": Mistake(bias_all, "everything is added into one number; each channel has a bias of its own."),
        "each image": Mistake(
            bias_of_each_image, "there is one row for each image; all images share the bias, so add them up too."
        ),
        "first image": Mistake(bias_of_the_first_image, "this is the first image alone. Add up all images."),
        "places left": Mistake(
            bias_over_images,
            "the places are not added up: a channel has one bias for all of them. Sum over the axes 0, 1 and 2.",
            variants=(bias_over_images_and_rows,),
        ),
        "another axis": Mistake(
            bias_of_the_second_axis,
            "the channels are the *last* axis here (N, H', W', C_out): sum over the axes 0, 1 and 2.",
            variants=(bias_of_the_first_axis,),
        ),
    },
)
