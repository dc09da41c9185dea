"""Exercise learning_rate of lesson 13: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def learning_rate(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return lr * (iteration + 1) / (warm_up + 1)
    drops = round(iterations * 2 / 3), round(iterations * 5 / 6)
    return lr * 0.1 ** sum(iteration >= drop for drop in drops)


def rate_one_late(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return learning_rate(iteration, iterations, lr, warm_up)
    return learning_rate(max(iteration - 1, warm_up), iterations, lr, warm_up)


def rate_without_warm_up(iteration, iterations, lr, warm_up):
    return learning_rate(iteration, iterations, lr, 0)


def rate_from_zero(iteration, iterations, lr, warm_up):
    return lr * iteration / warm_up if iteration < warm_up else learning_rate(iteration, iterations, lr, warm_up)


def rate_with_one_drop(iteration, iterations, lr, warm_up):
    return max(learning_rate(iteration, iterations, lr, warm_up), lr * 0.1 if iteration >= warm_up else 0.0)


def rate_warm_up_without_one(iteration, iterations, lr, warm_up):
    return lr * (iteration + 1) / warm_up if iteration < warm_up else learning_rate(iteration, iterations, lr, warm_up)


def rate_from_zero_to_one_more(iteration, iterations, lr, warm_up):
    rate = learning_rate(iteration, iterations, lr, warm_up)
    return lr * iteration / (warm_up + 1) if iteration < warm_up else rate


def rate_minus_a_tenth(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return learning_rate(iteration, iterations, lr, warm_up)
    return lr * (1 - 0.1 * sum(iteration >= drop for drop in (iterations * 2 / 3, iterations * 5 / 6)))


def rate_without_drops(iteration, iterations, lr, warm_up):
    return learning_rate(min(iteration, warm_up), iterations, lr, warm_up)


def rate_drops_counted_from_warm_up(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return learning_rate(iteration, iterations, lr, warm_up)
    return learning_rate(iteration - warm_up, iterations - warm_up, lr, 0)


def rate_nine_tenths(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return learning_rate(iteration, iterations, lr, warm_up)
    return lr * 0.9 ** sum(iteration >= drop for drop in (iterations * 2 / 3, iterations * 5 / 6))


def rate_cases():
    ends = ((0, 120, 1.0, 3), (2, 120, 1.0, 3), (3, 120, 1.0, 3), (79, 120, 1.0, 3), (80, 120, 1.0, 3))
    return [*ends, (99, 120, 1.0, 3), (100, 120, 1.0, 3), (0, 12, 0.5, 0), (11, 12, 0.5, 0), (80_000, 120_000, 1e-3, 0)]


EXERCISE = Exercise(
    question="Return the rate: a linear warm-up, then a tenth from 2/3 and again from 5/6 of the run on.",
    answer=learning_rate,
    cases=rate_cases,
    hints=(
        "Before warm_up: lr * (iteration + 1) / (warm_up + 1). After: lr times 0.1 for each drop passed.",
        "0.1 ** sum(iteration >= drop for drop in (round(iterations * 2 / 3), round(iterations * 5 / 6))).",
    ),
    mistakes={
        "one late": Mistake(rate_one_late, "it drops one iteration late: from 2/3 on means >=, not >."),
        "no warm-up": Mistake(rate_without_warm_up, "the first iterations have the full rate already."),
        "from zero": Mistake(
            rate_from_zero,
            "your warm-up starts at 0, so that the first step goes nowhere: (iteration + 1) / (warm_up + 1).",
            variants=(rate_from_zero_to_one_more,),
        ),
        "one drop": Mistake(rate_with_one_drop, "the second drop, at 5/6 of the run, is missing."),
        "warm-up without one": Mistake(
            rate_warm_up_without_one,
            "your warm-up divides by warm_up. It divides by warm_up + 1, so that the full rate comes just after it.",
        ),
        "minus a tenth": Mistake(
            rate_minus_a_tenth,
            "the rate falls *to* a tenth, times 0.1, and not by a tenth.",
            variants=(rate_nine_tenths,),
        ),
        "no drops": Mistake(rate_without_drops, "the two drops are missing."),
        "drops too late": Mistake(
            rate_drops_counted_from_warm_up,
            "you count the run from the end of the warm-up. 2/3 and 5/6 are those of the whole run.",
        ),
    },
)
