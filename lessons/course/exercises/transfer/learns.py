"""Exercise learns of lesson 19: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def learns(names, frozen):
    return np.array([name.partition(".")[0].removesuffix("_bn") not in frozen for name in names])


def learns_by_beginning(names, frozen):
    return np.array([not name.startswith(tuple(frozen)) for name in names])


def learns_with_its_normalization(names, frozen):
    return np.array([name.partition(".")[0] not in frozen for name in names])


def learns_turned_around(names, frozen):
    return ~learns(names, frozen)


def learns_with_its_biases(names, frozen):
    return np.array([kept or name.endswith(".bias") for kept, name in zip(learns(names, frozen), names)])


def lists_of_names():
    small = ["conv1.weight", "conv1.bias", "loc.0.weight"]
    normal = ["conv1_1.weight", "conv1_1.bias", "conv1_1_bn.scale", "conv1_1_bn.shift", "conv2_1.weight"]
    large = ["conv1.weight", "conv10.weight", "conv10.bias", "conv11.weight", "conf.0.weight"]
    return [
        (small, ["conv1"]),
        (normal, ["conv1_1"]),
        (large, ["conv1"]),
        (small, []),
        (normal, ["conv1_1", "conv2_1"]),
    ]


EXERCISE = Exercise(
    question="Return which parameters learn (P,), True or False, if some layers are frozen.",
    answer=learns,
    cases=lists_of_names,
    hints=(
        "The layer is what stands before the point. Its batch normalization has a name of its own: conv1_1_bn.",
        'name.partition(".")[0].removesuffix("_bn") is the layer; it learns if it is not in frozen.',
    ),
    mistakes={
        "beginning": Mistake(
            learns_by_beginning, '"conv10.weight" begins with "conv1" too: compare the whole name of the layer.'
        ),
        "normalization": Mistake(
            learns_with_its_normalization,
            "the batch normalization of a frozen layer still learns: conv1_1_bn belongs to conv1_1.",
        ),
        "turned around": Mistake(learns_turned_around, "these are the frozen ones; wanted are those that learn."),
        "biases": Mistake(learns_with_its_biases, "the biases of a frozen layer are frozen too."),
    },
)
