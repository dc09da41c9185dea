"""Exercise smooth_l1_pair of lesson 10: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def smooth_l1_pair(x):
    near = np.abs(x) < 1
    value = np.where(near, 0.5 * x**2, np.abs(x) - 0.5)
    gradient = np.where(near, x, np.sign(x))
    return value, gradient


def smooth_l1_square(x):
    near = np.abs(x) < 1
    return np.where(near, x**2, np.abs(x) - 0.5), np.where(near, 2 * x, np.sign(x))


def smooth_l1_mean(x):
    value, gradient = smooth_l1_pair(x)
    return value.mean(), gradient / x.size


def smooth_l1_jump(x):
    value, gradient = smooth_l1_pair(x)
    return np.where(np.abs(x) < 1, value, np.abs(x)), gradient


def plain_l1(x):
    return np.abs(x), np.sign(x)


def smooth_l1_no_sign(x):
    value, gradient = smooth_l1_pair(x)
    return value, np.abs(gradient)


def smooth_l1_sign_everywhere(x):
    value, _ = smooth_l1_pair(x)
    return value, np.sign(x)


def smooth_l1_x_everywhere(x):
    value, _ = smooth_l1_pair(x)
    return value, x


def smooth_l1_halved_gradient(x):
    value, gradient = smooth_l1_pair(x)
    return value, np.where(np.abs(x) < 1, gradient / 2, gradient)


def smooth_l1_gradient_of_square(x):
    value, gradient = smooth_l1_pair(x)
    return value, np.where(np.abs(x) < 1, 2 * gradient, gradient)


def smooth_l1_no_half_in_value(x):
    value, gradient = smooth_l1_pair(x)
    return np.where(np.abs(x) < 1, 2 * value, value), gradient


def plain_l2(x):
    return 0.5 * x**2, x


def smooth_l1_pieces_exchanged(x):
    near = np.abs(x) < 1
    return np.where(near, np.abs(x) - 0.5, 0.5 * x**2), np.where(near, np.sign(x), x)


def smooth_l1_without_abs(x):
    return np.where(x < 1, 0.5 * x**2, x - 0.5), np.where(x < 1, x, 1.0)


def smooth_l1_value_without_abs(x):
    near = np.abs(x) < 1
    return np.where(near, 0.5 * x**2, x - 0.5), np.where(near, x, np.sign(x))


def smooth_l1_summed(x):
    value, gradient = smooth_l1_pair(x)
    return value.sum(), gradient


def smooth_l1_gradient_shifted(x):
    near = np.abs(x) < 1
    return smooth_l1_pair(x)[0], np.where(near, x, np.sign(x) - 0.5)


def smooth_l1_by_if(x):
    return (0.5 * x**2, x) if abs(x) < 1 else (abs(x) - 0.5, np.sign(x))


def smooth_l1_no_sign_beyond(x):
    value, gradient = smooth_l1_pair(x)
    return value, np.where(np.abs(x) < 1, x, 1.0)


def errors():
    tiny = [[0.5], [3.0], [-0.5], [-3.0], [0.0, 1.0, -1.0], [[0.2, -0.4], [2.0, -1.5]]]
    drawn = np.random.default_rng(5).normal(0, 2, (3, 4)).round(2)
    return [(np.array(x),) for x in [*tiny, drawn]]


EXERCISE = Exercise(
    question="Return smooth L1 of each number of x, and its gradient, both of the shape of x.",
    answer=smooth_l1_pair,
    cases=errors,
    hints=(
        "np.where(np.abs(x) < 1, near, far) chooses for each number; both pieces have a gradient.",
        "Value 0.5 x**2 and gradient x within 1; value |x| - 0.5 and gradient np.sign(x) beyond.",
    ),
    mistakes={
        "no half": Mistake(
            smooth_l1_square,
            "x**2 lacks its half: at 1 the two pieces would not meet, 1 beside 0.5, and the gradient would be 2.",
            variants=(smooth_l1_no_half_in_value,),
        ),
        "mean": Mistake(
            smooth_l1_mean,
            "a value for each number is wanted, and not one for all of them.",
            variants=(smooth_l1_summed,),
        ),
        "a jump": Mistake(smooth_l1_jump, "beyond 1 it is |x| - 0.5, so that the pieces meet; you left out the - 0.5."),
        "plain L1": Mistake(
            plain_l1,
            "this is plain L1, whose gradient jumps from -1 to 1 at 0 (sgrvinod's tutorial has it, under the "
            "name of smooth L1).",
        ),
        "no sign": Mistake(
            smooth_l1_no_sign,
            "the gradient is negative where x is negative; otherwise the step would lead away.",
            variants=(smooth_l1_no_sign_beyond,),
        ),
        "if": Mistake(
            smooth_l1_by_if,
            "an if asks about the whole array at once. np.where(np.abs(x) < 1, a, b) chooses for each number.",
        ),
        "sign everywhere": Mistake(
            smooth_l1_sign_everywhere,
            "the value is right, but the gradient is that of |x|. Within 1 the loss is 0.5 x**2, whose gradient is x.",
        ),
        "x everywhere": Mistake(
            smooth_l1_x_everywhere,
            "the value is right, but the gradient is x everywhere. Beyond 1 it is 1 or -1, however large x is.",
        ),
        "gradient of another square": Mistake(
            smooth_l1_gradient_of_square,
            "the value is right, but not the gradient within 1: the gradient of 0.5 x**2 is x.",
            variants=(smooth_l1_halved_gradient, smooth_l1_gradient_shifted),
        ),
        "squares": Mistake(plain_l2, "these are squares everywhere. Beyond 1 it is a straight line, |x| - 0.5."),
        "pieces exchanged": Mistake(
            smooth_l1_pieces_exchanged,
            "the pieces are exchanged: the square is for |x| < 1, the line for the rest.",
        ),
        "without abs": Mistake(
            smooth_l1_without_abs,
            "a negative x can be large, too: compare |x| with 1, and take |x| - 0.5 beyond.",
            variants=(smooth_l1_value_without_abs,),
        ),
    },
)
