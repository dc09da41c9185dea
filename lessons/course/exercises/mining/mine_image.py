"""Exercise mine_image of lesson 11: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def mine_image(loss, positive, ratio):
    chosen = np.zeros(len(loss), dtype=bool)
    order = np.argsort(-loss, kind="stable")  # hardest first, of equals the lower index
    order = order[~positive[order]]  # only negatives
    chosen[order[: ratio * positive.sum()]] = True
    return chosen


def mine_easiest(loss, positive, ratio):
    return mine_image(-loss, positive, ratio)


def mine_positives_too(loss, positive, ratio):
    chosen = np.zeros(len(loss), dtype=bool)
    chosen[np.argsort(-loss, kind="stable")[: ratio * positive.sum()]] = True
    return chosen


def mine_positives_in_the_way(loss, positive, ratio):
    return mine_positives_too(loss, positive, ratio) & ~positive


def mine_all_equals(loss, positive, ratio):
    chosen = mine_image(loss, positive, ratio)
    return ~positive & (loss >= loss[chosen].min()) if chosen.any() else chosen


def mine_from_the_back(loss, positive, ratio):
    return mine_image(loss[::-1], positive[::-1], ratio)[::-1]


def mine_positives_as_zero(loss, positive, ratio):
    chosen = np.zeros(len(loss), dtype=bool)
    order = np.argsort(-np.where(positive, 0, loss), kind="stable")
    chosen[order[: ratio * positive.sum()]] = True
    return chosen


def mine_positives_as_zero_thrown_out(loss, positive, ratio):
    return mine_positives_as_zero(loss, positive, ratio) & ~positive


def mine_positives_last(loss, positive, ratio):
    chosen = np.zeros(len(loss), dtype=bool)
    order = np.argsort(-np.where(positive, -np.inf, loss), kind="stable")
    chosen[order[: ratio * positive.sum()]] = True
    return chosen


def mine_ratio_only(loss, positive, ratio):
    return _mine(loss, positive, ratio)


def _mine(loss, positive, count):
    chosen = np.zeros(len(loss), dtype=bool)
    order = np.argsort(-loss, kind="stable")
    chosen[order[~positive[order]][:count]] = True
    return chosen


def mine_all_negatives(loss, positive, ratio):
    return ~positive


def mine_and_positives(loss, positive, ratio):
    return mine_image(loss, positive, ratio) | positive


def mine_places_among_negatives(loss, positive, ratio):
    chosen = np.zeros(len(loss), dtype=bool)
    chosen[np.argsort(-loss[~positive], kind="stable")[: ratio * positive.sum()]] = True
    return chosen


def mine_by_rank_once(loss, positive, ratio):
    return (np.argsort(-np.where(positive, -np.inf, loss), kind="stable") < ratio * positive.sum()) & ~positive


def mine_losses(loss, positive, ratio):
    return loss[mine_image(loss, positive, ratio)]


def mine_negatives_counted(loss, positive, ratio):
    return _mine(loss, positive, ratio * int((~positive).sum()))


def mine_one_more(loss, positive, ratio):
    return _mine(loss, positive, (ratio + 1) * int(positive.sum()))


def mine_ratio_if_any(loss, positive, ratio):
    return _mine(loss, positive, ratio * int(positive.any()))


def images():
    by_hand = [3, 9, 1, 5, 5, 0, 2, 7, 5, 1]
    cases = [
        ([1, 2, 3, 4, 5], [1, 0, 0, 0, 0], 1),
        ([5, 4, 3, 2, 1], [1, 0, 0, 0, 0], 2),
        (by_hand, [0, 1, 0, 0, 1, 0, 0, 0, 0, 0], 3),  # ties at 5 and at 1
        ([4, 4, 4, 4], [0, 0, 1, 0], 2),  # all equal
        ([3, 1, 2], [0, 0, 0], 3),  # no object
        ([3, 1, 2], [1, 1, 0], 3),  # too few negatives
        ([9, 0, 0, 2], [1, 0, 0, 0], 3),
    ]
    rng = np.random.default_rng(4)
    cases += [(rng.integers(0, 30, 20), rng.uniform(size=20) < 0.2, 3) for _ in range(3)]
    return [(np.array(loss, float), np.array(positive, bool), ratio) for loss, positive, ratio in cases]


EXERCISE = Exercise(
    question="Return the mask (K,) of the hardest negatives of one image, ``ratio`` for each positive.",
    answer=mine_image,
    cases=images,
    hints=(
        "Sort by falling loss so that of equals the lower index comes first: np.argsort(-loss, kind='stable').",
        "Throw the positives out of that order, order[~positive[order]], and mark the first ratio * positives.",
    ),
    mistakes={
        "easiest": Mistake(mine_easiest, "these are the easiest negatives: sort by *falling* loss."),
        "positives too": Mistake(
            mine_positives_too, "a positive can't be a negative, however large its loss towards background is."
        ),
        "positives in the way": Mistake(
            mine_positives_in_the_way,
            "positives take places in the order and are thrown out afterwards, so that too few negatives are "
            "left. Throw them out first.",
        ),
        "all equals": Mistake(
            mine_all_equals, "a limit by the value lets in all that are equal to it: more than were asked for."
        ),
        "from the back": Mistake(mine_from_the_back, "of equal losses you take the higher index first."),
        "positives as zero": Mistake(
            mine_positives_as_zero,
            "positives get the loss 0, and if there are few negatives (or others with 0) they are chosen all the same. "
            "Give them -np.inf and leave them out of the mask.",
            variants=(mine_positives_as_zero_thrown_out, mine_positives_last),
        ),
        "ratio only": Mistake(
            mine_ratio_only,
            "ratio is the number for *each* positive: ratio * positive.sum().",
            variants=(mine_ratio_if_any,),
        ),
        "all negatives": Mistake(
            mine_all_negatives,
            "these are all negatives. Only the hardest are trained, ratio for each positive.",
            variants=(mine_negatives_counted,),
        ),
        "and the positives": Mistake(mine_and_positives, "the positives are in the mask as well. Leave them out."),
        "places among negatives": Mistake(
            mine_places_among_negatives,
            "you sort the negatives alone, so the places count negatives only. Translate them back: "
            "np.flatnonzero(~positive)[order].",
        ),
        "one sort": Mistake(
            mine_by_rank_once,
            "argsort gives the order, and not the rank of each number. For a rank, sort the order once more.",
        ),
        "losses": Mistake(mine_losses, "these are the losses themselves. A mask (K,) of True and False is wanted."),
        "one ratio more": Mistake(
            mine_one_more, "you count the positives in: ratio negatives for each, not ratio + 1."
        ),
    },
)
