"""Exercise four_products of lesson 24: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def four_products(d, g):
    m1 = (d[0] - d[2]) * g[0]
    m2 = (d[1] + d[2]) * (g[0] + g[1] + g[2]) / 2
    m3 = (d[2] - d[1]) * (g[0] - g[1] + g[2]) / 2
    m4 = (d[1] - d[3]) * g[2]
    return np.array([m1, m2, m3, m4])


def products_not_halved(d, g):
    return four_products(d, g) * np.array([1, 2, 2, 1])


def products_third_sign(d, g):
    return four_products(d, g) * np.array([1, 1, -1, 1])


def products_last_sign(d, g):
    return four_products(d, g) * np.array([1, 1, 1, -1])


def products_of_the_outputs(d, g):
    return np.array([d[0] * g[0] + d[1] * g[1] + d[2] * g[2], d[1] * g[0] + d[2] * g[1] + d[3] * g[2]])


def products_whole_numbers(d, g):
    return np.floor(four_products(d, g))


def products_cut_off(d, g):
    return np.trunc(four_products(d, g))


def products_first_sign(d, g):
    return four_products(d, g) * np.array([-1, 1, 1, 1])


def products_all_halved(d, g):
    return four_products(d, g) * np.array([0.5, 1, 1, 0.5])


def products_second_halved_only(d, g):
    return four_products(d, g) * np.array([1, 1, 2, 1])


def products_third_halved_only(d, g):
    return four_products(d, g) * np.array([1, 2, 1, 1])


def products_weights_of_third(d, g):
    m1, m2, _, m4 = four_products(d, g)
    return np.array([m1, m2, (d[2] - d[1]) * (g[0] + g[1] + g[2]) / 2, m4])


def products_pixels_of_third(d, g):
    m1, m2, _, m4 = four_products(d, g)
    return np.array([m1, m2, (d[1] + d[2]) * (g[0] - g[1] + g[2]) / 2, m4])


def products_weights_of_ends(d, g):
    _, m2, m3, _ = four_products(d, g)
    return np.array([(d[0] - d[2]) * g[2], m2, m3, (d[1] - d[3]) * g[0]])


def products_exchanged(d, g):
    return four_products(d, g)[[0, 2, 1, 3]]


def products_without_brackets(d, g):
    m1, _, _, m4 = four_products(d, g)
    return np.array([m1, (d[1] + d[2]) * (g[0] + g[1] + g[2] / 2), (d[2] - d[1]) * (g[0] - g[1] + g[2] / 2), m4])


def products_without_any_brackets(d, g):
    m1, _, _, m4 = four_products(d, g)
    return np.array([m1, (d[1] + d[2]) * g[0] + g[1] + g[2] / 2, (d[2] - d[1]) * g[0] - g[1] + g[2] / 2, m4])


def signals():
    rng = np.random.default_rng(15)
    tiny = [((1, 3, 2, 4), (1, 2, 3)), ((1, 0, 0, 0), (1, 1, 1)), ((0, 1, 0, 0), (1, 1, 1)), ((1, 1, 2, 3), (0, 2, 0))]
    more = [(rng.integers(-9, 9, 4), rng.integers(-9, 9, 3)) for _ in range(4)]
    return [(np.array(d, float), np.array(g, float)) for d, g in [*tiny, *more]]


EXERCISE = Exercise(
    question="Return the four products m1 to m4 of F(2, 3) for the signal d (4,) and the kernel g (3,).",
    answer=four_products,
    cases=signals,
    hints=(
        "m1 and m4 belong to the outer weights: (d0 - d2) g0 and (d1 - d3) g2.",
        "m2 = (d1 + d2) (g0 + g1 + g2) / 2, and m3 = (d2 - d1) (g0 - g1 + g2) / 2.",
    ),
    mistakes={
        "not halved": Mistake(
            products_not_halved,
            "the second and the third have halved sums of weights: (g0 + g1 + g2) / 2, and (g0 - g1 + g2) / 2.",
            variants=(
                products_second_halved_only,
                products_third_halved_only,
                products_without_brackets,
                products_without_any_brackets,
            ),
        ),
        "all halved": Mistake(products_all_halved, "the first and the fourth are not halved."),
        "whole numbers": Mistake(
            products_whole_numbers,
            "the halves are lost: // rounds down. Divide by /.",
            variants=(products_cut_off,),
        ),
        "third sign": Mistake(products_third_sign, "the third has d2 - d1; yours is the other way round."),
        "first sign": Mistake(products_first_sign, "the first has d0 - d2; yours is the other way round."),
        "sums of the third": Mistake(
            products_weights_of_third,
            "the third has differences in both sums: (d2 - d1) and (g0 - g1 + g2).",
            variants=(products_pixels_of_third,),
        ),
        "weights of the ends": Mistake(
            products_weights_of_ends, "the outer weights are exchanged: the first has g0, the fourth g2."
        ),
        "exchanged": Mistake(products_exchanged, "the second and the third are exchanged."),
        "last sign": Mistake(products_last_sign, "the fourth has d1 - d3; yours is the other way round."),
        "the outputs": Mistake(
            products_of_the_outputs,
            "these are the two outputs, by six products. Wanted are the four products that they can be made of.",
        ),
    },
)
