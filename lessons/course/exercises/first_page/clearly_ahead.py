"""Exercise clearly_ahead of lesson 22: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def clearly_ahead(first, second):
    if min(first) > max(second):
        return 1
    if max(first) < min(second):
        return -1
    return 0


def ahead_by_the_mean(first, second):
    return int(np.sign(np.mean(first) - np.mean(second)))


def ahead_by_the_best(first, second):
    return int(np.sign(max(first) - max(second)))


def ahead_seed_by_seed(first, second):
    differences = [a - b for a, b in zip(first, second)]
    return int(min(differences) > 0) - int(max(differences) < 0)


def ahead_or_not(first, second):
    return abs(clearly_ahead(first, second))


def ahead_with_equals(first, second):
    return int(min(first) >= max(second)) - int(max(first) <= min(second))


def ahead_by_the_median(first, second):
    return int(np.sign(np.median(first) - np.median(second)))


def ahead_by_the_worst(first, second):
    return int(np.sign(min(first) - min(second)))


def ahead_backwards(first, second):
    return -clearly_ahead(first, second)


def ahead_if_any(first, second):
    if max(first) > min(second):
        return 1
    return -1 if max(first) < min(second) else 0


def ahead_or_behind(first, second):
    return 1 if min(first) > max(second) else -1


def ahead_by_first_run(first, second):
    return int(np.sign(first[0] - second[0]))


def ahead_true(first, second):
    return bool(min(first) > max(second))


def ahead_if_any_of_either(first, second):
    return 1 if max(first) > min(second) else -1


def runs():
    tiny = [
        ([0.8], [0.7]),
        ([0.7], [0.8]),
        ([0.8, 0.9], [0.7, 0.6]),
        ([0.6, 0.9], [0.7, 0.65]),  # the means differ, but one run lies between
        ([0.7, 0.8, 0.9], [0.65, 0.75, 0.85]),  # ahead at each seed
        ([0.6, 0.95], [0.8, 0.85]),  # the best run of the one, the better mean of the other
        ([0.5, 0.75], [0.75, 0.9]),  # an equal pair
        ([0.61, 0.6, 0.62], [0.72, 0.7, 0.75]),
        ([0.7, 0.71, 0.4], [0.6, 0.62, 0.64]),  # the better median, the worse mean
        ([0.6, 0.8], [0.7, 0.9]),
        ([0.7, 0.9], [0.6, 0.8]),
    ]
    return [(np.array(a), np.array(b)) for a, b in tiny]


EXERCISE = Exercise(
    question="Return 1 if every run of the first is above every run of the second, -1 if below, else 0.",
    answer=clearly_ahead,
    cases=runs,
    hints=(
        "Runs differ by their random numbers alone. Which run of the first is the one that is hardest to beat with?",
        "min(first) > max(second) says that all are above; and the other way round.",
    ),
    mistakes={
        "the mean": Mistake(ahead_by_the_mean, "means always differ; with other seeds the order might be another."),
        "the median": Mistake(
            ahead_by_the_median, "you compare the medians. Every run has to be above every run of the other."
        ),
        "the best": Mistake(ahead_by_the_best, "the best of several runs is luck as well as skill."),
        "the worst": Mistake(
            ahead_by_the_worst,
            "you compare the worst runs. The worst of the one has to beat the *best* of the other.",
        ),
        "one run": Mistake(ahead_by_first_run, "you compare one run of each. All count."),
        "any": Mistake(
            ahead_if_any,
            "one run above one other is not enough: every run above *every* run.",
            variants=(ahead_if_any_of_either,),
        ),
        "no draw": Mistake(ahead_or_behind, "there is a third answer: 0, if they mix."),
        "backwards": Mistake(ahead_backwards, "1 and -1 are exchanged: 1 if the *first* is ahead."),
        "true": Mistake(ahead_true, "this says only whether the first is ahead. It can also be behind: -1."),
        "seed by seed": Mistake(
            ahead_seed_by_seed,
            "run 1 of one detector has nothing in common with run 1 of another but a number: compare all with all.",
        ),
        "no side": Mistake(ahead_or_not, "say who: -1 if the second is ahead."),
        "equals": Mistake(ahead_with_equals, "an equal pair is not above."),
    },
)
