"""Exercise keep_best of lesson 00: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def keep_best(scores, n):
    best = np.argsort(-scores, kind="stable")[:n]
    kept = np.zeros_like(scores)
    kept[best] = scores[best]
    return kept


def keep_all(scores, n):
    return scores


def keep_worst(scores, n):
    return np.where(np.argsort(np.argsort(scores, kind="stable")) < n, scores, 0)


def keep_first(scores, n):
    return np.where(np.arange(len(scores)) < n, scores, 0)


def keep_order_for_rank(scores, n):
    return np.where(np.argsort(-scores, kind="stable") < n, scores, 0)


def keep_cut(scores, n):
    return scores[np.sort(np.argsort(-scores, kind="stable")[:n])]


def keep_ties(scores, n):
    limit = np.sort(scores)[::-1][n - 1] if n else np.inf
    return np.where(scores >= (limit if n < len(scores) else -np.inf), scores, 0)


def keep_above(scores, n):
    limit = np.sort(scores)[::-1][n] if n < len(scores) else -np.inf
    return np.where(scores > limit, scores, 0)


def keep_last_of_equals(scores, n):
    best = np.argsort(scores, kind="stable")[::-1][:n]
    kept = np.zeros_like(scores)
    kept[best] = scores[best]
    return kept


def keep_from_the_end(scores, n):
    best = np.argsort(scores, kind="stable")[-n:]
    kept = np.zeros_like(scores)
    kept[best] = scores[best]
    return kept


def keep_others(scores, n):
    return scores - keep_best(scores, n)


def keep_mask(scores, n):
    return keep_best(scores, n) > 0


def keep_sorted(scores, n):
    return np.sort(keep_best(scores, n))[::-1]


def keep_cut_best_first(scores, n):
    return np.sort(scores)[::-1][:n]


def keep_one_more(scores, n):
    return keep_best(scores, n + 1)


def keep_one_less(scores, n):
    return keep_best(scores, max(n - 1, 0))


def rankings():
    return [
        (np.array([0.5, 0.9]), 1),
        (np.array([0.2, 0.8, 0.6]), 2),
        (np.array([0.3, 0.1, 0.9, 0.7, 0.5]), 2),
        (np.array([0.4, 0.6]), 5),
        (np.array([0.7, 0.2, 0.7, 0.7, 0.3]), 2),  # of equals the first
        (np.array([0.4, 0.6]), 0),
    ]


EXERCISE = Exercise(
    question="Return scores (D,) with all but the best n set to 0, in their old order.",
    answer=keep_best,
    cases=rankings,
    hints=(
        "np.argsort(-scores) names the places of the best, the second best and so on.",
        "Begin with zeros, and assign to the places: kept[best] = scores[best], where best is the first n of them.",
    ),
    mistakes={
        "copy": Mistake(
            keep_all,
            "nothing changed. A mask or a list of indices in brackets, scores[mask], makes a copy: fill that, and "
            "the copy is thrown away. Assign instead: scores[mask] = 0.",
        ),
        "worst": Mistake(keep_worst, "you keep the n lowest; argsort sorts from low to high, so sort -scores."),
        "first n": Mistake(keep_first, "you keep the first n of the list, whatever they score."),
        "order for rank": Mistake(
            keep_order_for_rank,
            "you use argsort as if it gave each score its rank. It gives the place of the best, then of the next; "
            "the rank is the argsort of that.",
        ),
        "cut off": Mistake(
            keep_cut,
            "you return the best n only. The others should stay in the list, as 0.",
            variants=(keep_cut_best_first,),
        ),
        "ties": Mistake(
            keep_ties,
            "a limit by the score keeps all that are equal to it, or none of them. Choose n places instead.",
            variants=(keep_above,),
        ),
        "last of equals": Mistake(
            keep_last_of_equals,
            "of equal scores you keep the last; the first counts as better. Turning an upward order around turns "
            "equals around, too (and [-0:] is everything): sort -scores, and take the first n.",
            variants=(keep_from_the_end,),
        ),
        "others": Mistake(keep_others, "you set the best to 0, and keep the others."),
        "mask": Mistake(keep_mask, "this says which are kept. Return the scores, with 0 for the others."),
        "sorted": Mistake(keep_sorted, "you sorted the scores. They should stay in their places."),
        "one off": Mistake(
            keep_one_more, "you keep one too many, or one too few: [:n] are n of them.", variants=(keep_one_less,)
        ),
    },
)
