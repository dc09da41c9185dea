"""Exercise mine_batch of lesson 11: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


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


EXERCISE = Exercise(
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
            "positives take places in the ranking, so that too few negatives are left: set their loss to -inf first.",
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
        "one too many": Mistake(mine_batch_or_equal, "ranks begin with 0: rank < wanted are wanted of them, not <=."),
        "all negatives": Mistake(mine_batch_all_negatives, "these are all negatives, not only the hardest."),
    },
)
