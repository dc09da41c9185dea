"""Exercise last_false of lesson 00: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def last_false(scores, right):
    return max(scores[~right], default=0.0)


def last_false_lowest(scores, right):
    return min(scores[~right], default=0.0)


def last_false_by_right(scores, right):
    return min(scores[right], default=0.0)


def last_false_first(scores, right):
    return scores[~right][0] if (~right).any() else 0.0


def last_false_last(scores, right):
    return scores[~right][-1] if (~right).any() else 0.0


def last_false_highest_right(scores, right):
    return max(scores[right], default=0.0)


def last_false_of_all(scores, right):
    return max(scores)


def last_false_no_default(scores, right):
    return scores[~right].max()


def last_false_no_default_by_max(scores, right):
    return max(scores[~right])


def last_false_place(scores, right):
    return int(np.argmax(np.where(right, -1, scores)))


def last_false_next_right(scores, right):
    highest = last_false(scores, right)
    return min((score for score in scores[right] if score > highest), default=1.0) if highest else 0.0


def marked():
    return [
        (np.array([0.9, 0.4]), np.array([True, False])),
        (np.array([0.2, 0.7, 0.6]), np.array([False, True, False])),
        (np.array([0.8, 0.3]), np.array([True, True])),
        (np.array([0.5, 0.95, 0.1, 0.6]), np.array([True, False, False, True])),
        (np.array([0.3, 0.4, 0.85, 0.7, 0.2]), np.array([True, False, False, False, True])),
    ]


EXERCISE = Exercise(
    question="Return the lowest threshold over which no wrong box is left; 0 if no box is wrong.",
    answer=last_false,
    cases=marked,
    hints=(
        "A box is shown while its score is greater than the threshold. Which wrong box disappears last?",
        "The one with the largest score among scores[~right]; max(..., default=0.0) gives 0 for none.",
    ),
    mistakes={
        "lowest wrong": Mistake(
            last_false_lowest, "this is where the first wrong box goes; those with larger scores are still there."
        ),
        "lowest right": Mistake(
            last_false_by_right,
            "you ask for the last of the right boxes. A wrong box can score higher than a right one.",
        ),
        "first wrong": Mistake(
            last_false_first, "you take the first wrong box of the list, but the list need not be sorted."
        ),
        "last wrong": Mistake(
            last_false_last, "you take the wrong box that comes last in the list, but the list need not be sorted."
        ),
        "highest right": Mistake(last_false_highest_right, "you look at the right boxes; look at the wrong ones."),
        "of all": Mistake(last_false_of_all, "this is the highest score of all boxes. Look at the wrong ones only."),
        "no default": Mistake(
            last_false_no_default,
            "there may be no wrong box, and the maximum of nothing is an error. The answer is 0 then.",
            variants=(last_false_no_default_by_max,),
        ),
        "place": Mistake(last_false_place, "argmax gives the place of the score. The score itself is wanted."),
        "next right": Mistake(
            last_false_next_right,
            "this is the next right box above. The threshold can be lower: a box whose score *equals* it is not shown.",
        ),
    },
)
