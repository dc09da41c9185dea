"""Exercises of lesson 11: how many negatives, which ones, and a rank without a loop."""

import numpy as np

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


def rank_of(loss):
    order = np.argsort(-loss, kind="stable")  # order[0] is the position of the largest
    return np.argsort(order)  # where each position stands in that order


def rank_once(loss):
    return np.argsort(-loss, kind="stable")


def rank_upwards(loss):
    return np.argsort(np.argsort(loss, kind="stable"))


def rank_reversed(loss):
    return np.argsort(np.argsort(loss, kind="stable")[::-1])


def rank_from_1(loss):
    return rank_of(loss) + 1


def rank_shared(loss):
    return np.array([(loss > value).sum() for value in loss])


def rank_sorted_values(loss):
    return np.sort(loss)[::-1]


def rank_backwards(loss):
    return np.argsort(loss, kind="stable")[::-1]


def rank_upwards_order(loss):
    return np.argsort(loss, kind="stable")


def rank_shared_without_gaps(loss):
    return np.unique(-loss, return_inverse=True)[1]


def rank_shared_low(loss):
    return np.array([(loss >= value).sum() - 1 for value in loss])


def lists():
    rows = [[5, 9], [9, 5], [10, 30, 20], [1, 4, 2, 3], [7, 7, 8], [3, 9, 1, 5, 5, 0, 2, 7, 5, 1]]
    return [(np.array(row, float),) for row in rows]


def mine_batch(loss, positive, ratio):
    hardness = np.where(positive, -np.inf, loss)  # (N, K) a positive comes last
    order = np.argsort(-hardness, axis=1, kind="stable")  # (N, K)
    rank = np.argsort(order, axis=1)  # (N, K)
    wanted = ratio * positive.sum(axis=1, keepdims=True)  # (N, 1)
    return (rank < wanted) & ~positive


def mine_batch_together(loss, positive, ratio):
    return mine_batch(loss.reshape(1, -1), positive.reshape(1, -1), ratio).reshape(loss.shape)


def mine_batch_total_count(loss, positive, ratio):
    hardness = np.where(positive, -np.inf, loss)
    rank = np.argsort(np.argsort(-hardness, axis=1, kind="stable"), axis=1)
    return (rank < ratio * positive.sum()) & ~positive


def mine_batch_in_the_way(loss, positive, ratio):
    rank = np.argsort(np.argsort(-loss, axis=1, kind="stable"), axis=1)
    return (rank < ratio * positive.sum(axis=1, keepdims=True)) & ~positive


def mine_batch_positives(loss, positive, ratio):
    return mine_batch(loss, positive, ratio) | positive


def mine_batch_positives_as_zero(loss, positive, ratio):
    rank = np.argsort(np.argsort(-np.where(positive, 0, loss), axis=1, kind="stable"), axis=1)
    return rank < ratio * positive.sum(axis=1, keepdims=True)


def mine_batch_positives_last(loss, positive, ratio):
    rank = np.argsort(np.argsort(-np.where(positive, -np.inf, loss), axis=1, kind="stable"), axis=1)
    return rank < ratio * positive.sum(axis=1, keepdims=True)


def mine_batch_one_sort(loss, positive, ratio):
    order = np.argsort(-np.where(positive, -np.inf, loss), axis=1, kind="stable")
    return (order < ratio * positive.sum(axis=1, keepdims=True)) & ~positive


def mine_batch_easiest(loss, positive, ratio):
    return mine_batch(-loss, positive, ratio)


def mine_batch_by_columns(loss, positive, ratio):
    rank = np.argsort(np.argsort(-np.where(positive, -np.inf, loss), axis=0, kind="stable"), axis=0)
    return (rank < ratio * positive.sum(axis=1, keepdims=True)) & ~positive


def mine_batch_ratio_only(loss, positive, ratio):
    rank = np.argsort(np.argsort(-np.where(positive, -np.inf, loss), axis=1, kind="stable"), axis=1)
    return (rank < ratio) & ~positive


def mine_batch_or_equal(loss, positive, ratio):
    rank = np.argsort(np.argsort(-np.where(positive, -np.inf, loss), axis=1, kind="stable"), axis=1)
    return (rank <= ratio * positive.sum(axis=1, keepdims=True)) & ~positive


def mine_batch_all_negatives(loss, positive, ratio):
    return ~positive


def batches():
    cases = [
        ([[1, 2, 3, 4], [8, 7, 6, 5]], [[1, 0, 0, 0], [0, 0, 0, 1]], 1),
        ([[9, 1, 2, 3], [9, 8, 7, 6]], [[1, 0, 0, 0], [0, 0, 0, 0]], 2),  # the second has no object
        ([[2, 2, 2, 2, 2], [9, 3, 9, 1, 5]], [[0, 0, 1, 0, 0], [1, 0, 1, 0, 0]], 3),
    ]
    rng = np.random.default_rng(6)
    cases.append((rng.permutation(36).reshape(3, 12), rng.uniform(size=(3, 12)) < 0.2, 3))
    return [(np.array(loss, float), np.array(positive, bool), ratio) for loss, positive, ratio in cases]


EXERCISES = {
    "how_many": Exercise(
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
    ),
    "mine_image": Exercise(
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
    ),
    "rank_of": Exercise(
        question="Return the rank of each number, 0 for the largest, of equals the lower index first.",
        answer=rank_of,
        cases=lists,
        hints=(
            "np.argsort(-loss, kind='stable') says which is first, second, third. You need the inverse: at which place "
            "is number 0, number 1, number 2?",
            "The inverse of an order is the argsort of that order.",
        ),
        mistakes={
            "once": Mistake(
                rank_once,
                "this is the order (which one is first), not the rank (where each one is). For short lists they are "
                "often the same. Sort once more.",
            ),
            "upwards": Mistake(rank_upwards, "here 0 is the smallest."),
            "reversed": Mistake(
                rank_reversed, "a reversed ascending order reverses equal numbers, too: sort -loss instead."
            ),
            "from 1": Mistake(rank_from_1, "the first rank is 0, so that rank < 3 means three of them."),
            "shared": Mistake(
                rank_shared,
                "equal numbers share a rank. Each has its own: of equals the lower index comes first.",
                variants=(rank_shared_without_gaps, rank_shared_low),
            ),
            "sorted": Mistake(
                rank_sorted_values, "these are the sorted numbers. Wanted is the rank of each, in its place."
            ),
            "one sort, reversed": Mistake(
                rank_backwards,
                "this is an order (which one comes at each place), not the rank of each number. Sort -loss, and sort the "
                "order once more.",
                variants=(rank_upwards_order,),
            ),
        },
    ),
    "mine_batch": Exercise(
        question="Return the mask (N, K) of the hardest negatives of each image, without a loop.",
        answer=mine_batch,
        cases=batches,
        hints=(
            "Make the positives come last (a loss of -inf), and rank each row as in the exercise before, axis=1.",
            "rank < ratio * positive.sum(axis=1, keepdims=True), (N, K) against (N, 1); and never a positive.",
        ),
        mistakes={
            "together": Mistake(
                mine_batch_together,
                "the images are ranked together, so that one image gives most of the negatives (as ssd_keras and "
                "balancap do).",
            ),
            "all positives": Mistake(
                mine_batch_total_count, "each image counts its *own* positives: sum(axis=1, keepdims=True)."
            ),
            "in the way": Mistake(
                mine_batch_in_the_way,
                "positives take places in the ranking, so that too few negatives are left: set their loss to -inf "
                "first.",
            ),
            "with positives": Mistake(mine_batch_positives, "the mask holds the positives, too."),
            "positives as zero": Mistake(
                mine_batch_positives_as_zero,
                "positives get a low loss, but if there are few negatives they are chosen all the same. Leave them out of "
                "the mask: & ~positive.",
                variants=(mine_batch_positives_last,),
            ),
            "one sort": Mistake(
                mine_batch_one_sort,
                "argsort gives the order, and not the rank of each number. For a rank, sort the order once more.",
            ),
            "easiest": Mistake(mine_batch_easiest, "these are the easiest negatives: sort by *falling* loss."),
            "by columns": Mistake(
                mine_batch_by_columns,
                "you rank the images of each column. Rank the default boxes of each image, axis=1.",
            ),
            "ratio only": Mistake(
                mine_batch_ratio_only,
                "ratio is the number for *each* positive: multiply it by the positives of the image.",
            ),
            "one too many": Mistake(
                mine_batch_or_equal, "ranks begin with 0: rank < wanted are wanted of them, not <=."
            ),
            "all negatives": Mistake(mine_batch_all_negatives, "these are all negatives, not only the hardest."),
        },
    ),
}
