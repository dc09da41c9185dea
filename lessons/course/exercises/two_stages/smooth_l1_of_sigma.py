"""Exercise smooth_l1_of_sigma of lesson 21: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from numpyssd.training.losses import smooth_l1


def smooth_l1_of_sigma(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value / sigma**2, gradient


def sigma_not_divided(x, sigma):
    return smooth_l1(sigma**2 * x)


def sigma_in_the_gradient(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value / sigma**2, gradient / sigma**2


def sigma_chain_rule_only(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value / sigma**2, gradient * sigma**2


def sigma_not_squared(x, sigma):
    value, gradient = smooth_l1(sigma * x)
    return value / sigma, gradient


def sigma_left_out(x, sigma):
    return smooth_l1(x)


def sigma_divided_once(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value / sigma, gradient


def sigma_inside_not_squared(x, sigma):
    value, gradient = smooth_l1(sigma * x)
    return value / sigma**2, gradient


def sigma_divided_inside(x, sigma):
    value, gradient = smooth_l1(x / sigma**2)
    return value * sigma**2, gradient


def sigma_times_value(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value * sigma**2, gradient


def sigma_value_of_one(x, sigma):
    return smooth_l1(x)[0], smooth_l1(sigma**2 * x)[1]


def sigma_gradient_of_one(x, sigma):
    return smooth_l1(sigma**2 * x)[0] / sigma**2, smooth_l1(x)[1]


def sigma_limit_not_squared(x, sigma):
    near = np.abs(x) < 1 / sigma
    value = np.where(near, 0.5 * (sigma * x) ** 2, np.abs(x) - 0.5 / sigma**2)
    return value, np.where(near, sigma**2 * x, np.sign(x))


def sigma_limit_of_one(x, sigma):
    near = np.abs(x) < 1
    value = np.where(near, 0.5 * (sigma * x) ** 2, np.abs(x) - 0.5 / sigma**2)
    return value, np.where(near, sigma**2 * x, np.sign(x))


def errors_and_sigmas():
    some = [[0.0], [0.5], [0.05], [-0.05], [2.0], [-2.0, -0.2, 0.1, 1.0]]
    return [(np.array(x), sigma) for sigma in (1.0, 3.0, 2.0) for x in some]


EXERCISE = Exercise(
    question="Return value and gradient (N,) of smooth L1 with sigma, from ``smooth_l1(x)``, which returns both.",
    answer=smooth_l1_of_sigma,
    cases=errors_and_sigmas,
    hints=(
        "The square ends at 1 where sigma = 1, and at 1 / sigma² here. So what has to go into smooth_l1?",
        "The value is smooth_l1(sigma² x) / sigma². In its derivative, the chain rule's sigma² and the 1 / sigma² "
        "cancel.",
    ),
    mistakes={
        "not divided": Mistake(sigma_not_divided, "far from 0 the value must be |x| - ...: divide it by sigma²."),
        "gradient divided": Mistake(
            sigma_in_the_gradient, "the gradient is divided once too often: the chain rule multiplies by sigma²."
        ),
        "gradient multiplied": Mistake(
            sigma_chain_rule_only, "the chain rule's sigma² is there, but not the 1 / sigma² of the value."
        ),
        "not squared": Mistake(
            sigma_not_squared,
            "sigma stands in the square: it is sigma² everywhere.",
            variants=(sigma_divided_once, sigma_inside_not_squared),
        ),
        "left out": Mistake(sigma_left_out, "this is smooth L1 of SSD, with sigma = 1."),
        "upside down": Mistake(
            sigma_divided_inside,
            "multiply x by sigma², and divide the value by it: the square ends at 1 / sigma².",
            variants=(sigma_times_value,),
        ),
        "one of the two": Mistake(
            sigma_value_of_one,
            "value and gradient belong to different functions: both come from smooth_l1(sigma² x).",
            variants=(sigma_gradient_of_one,),
        ),
        "limit": Mistake(
            sigma_limit_not_squared,
            "the square ends at another place: at |x| = 1 / sigma², where both pieces have the gradient 1.",
            variants=(sigma_limit_of_one,),
        ),
    },
)
