"""Exercise how_many of lesson 11: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def how_many(positives, boxes, ratio):
    return min(ratio * positives, boxes - positives)


def how_many_no_limit(positives, boxes, ratio):
    return ratio * positives


def how_many_of_all(positives, boxes, ratio):
    return min(ratio * positives, boxes)


def how_many_in_total(positives, boxes, ratio):
    return min((ratio + 1) * positives, boxes)


def how_many_at_least_some(positives, boxes, ratio):
    return min(ratio * max(1, positives), boxes - positives)


def how_many_all_without_positives(positives, boxes, ratio):
    return how_many(positives, boxes, ratio) if positives else boxes


def how_many_ratio_only(positives, boxes, ratio):
    return min(ratio, boxes - positives)


def how_many_larger(positives, boxes, ratio):
    return max(ratio * positives, boxes - positives)


def how_many_a_fraction(positives, boxes, ratio):
    return min(positives // ratio, boxes - positives)


def how_many_all_negatives(positives, boxes, ratio):
    return boxes - positives


def numbers():
    return [(2, 100, 3), (0, 100, 3), (47, 8732, 3), (30, 100, 3), (10, 12, 3), (5, 5, 3), (4, 100, 1)]


EXERCISE = Exercise(
    question="Return how many negatives an image gives that has so many positives among its default boxes.",
    answer=how_many,
    cases=numbers,
    hints=(
        "``ratio`` for each positive, but not more than there are.",
        "There are boxes - positives negatives: take the smaller of both numbers.",
    ),
    mistakes={
        "no limit": Mistake(how_many_no_limit, "an image can't give more negatives than it has."),
        "of all": Mistake(
            how_many_of_all, "you let positives be chosen, too: only boxes - positives of them are negative."
        ),
        "in total": Mistake(how_many_in_total, "this counts the positives in; only the negatives are asked for."),
        "at least some": Mistake(
            how_many_at_least_some,
            "an image without objects gives none, as in Caffe (GluonCV and ssd_keras can be told otherwise).",
            variants=(how_many_all_without_positives,),
        ),
        "ratio only": Mistake(how_many_ratio_only, "ratio is the number for *each* positive: multiply."),
        "larger": Mistake(how_many_larger, "you take the larger of both numbers. The smaller one is the limit."),
        "divided": Mistake(
            how_many_a_fraction, "you divide by the ratio. There are ratio negatives for each positive: multiply."
        ),
        "all negatives": Mistake(
            how_many_all_negatives, "these are all negatives. Only ratio for each positive are trained."
        ),
    },
)
