"""Exercises of lesson 17: what to expect of the first loss, a shift of labels, dead layers, and the fault of a run."""

import numpy as np

from lessons.course.clinic.records import load_hidden, load_runs
from lessons.course.clinic.symptoms import symptoms
from lessons.course.exercises.exercise import Exercise, Mistake


def first_conf(classes, positives, negatives):
    return (positives + negatives) / positives * np.log(classes)


def first_conf_of_negatives(classes, positives, negatives):
    return negatives / positives * np.log(classes)


def first_conf_not_divided(classes, positives, negatives):
    return (positives + negatives) * np.log(classes)


def first_conf_without_background(classes, positives, negatives):
    return first_conf(classes - 1, positives, negatives)


def first_conf_as_mean(classes, positives, negatives):
    return np.log(classes)


def batches():
    rows = ((2, 1, 3), (6, 20, 60), (6, 80, 11952), (21, 10, 30), (3, 7, 0))
    return [tuple(map(float, row)) for row in rows]


def label_shift(confusion):
    classes = len(confusion)
    shifts = sorted(range(1 - classes, classes), key=abs)
    return max(shifts, key=lambda shift: np.trace(confusion, shift))


def label_shift_most_negative(confusion):
    classes = len(confusion)
    return max(range(1 - classes, classes), key=lambda shift: np.trace(confusion, shift))


def label_shift_most_positive(confusion):
    classes = len(confusion)
    return max(range(classes - 1, -classes, -1), key=lambda shift: np.trace(confusion, shift))


def label_shift_backwards(confusion):
    return -label_shift(confusion)


def label_shift_as_fraction(confusion):
    classes = len(confusion)
    shifts = sorted(range(1 - classes, classes), key=abs)
    return max(shifts, key=lambda shift: np.diagonal(confusion, shift).mean())


def label_shift_of_the_commonest(confusion):
    row, column = np.unravel_index(confusion.argmax(), confusion.shape)
    return int(column - row)


def label_shift_by_rows(confusion):
    return int(np.median(confusion.argmax(axis=1) - np.arange(len(confusion))))


def tables_of_classes():
    rng = np.random.default_rng(17)
    small = ([[2, 0], [1, 3]], [[0, 4], [0, 1]], [[1, 0, 0], [6, 0, 1], [0, 7, 2]], [[0, 0, 9], [5, 2, 0], [0, 6, 3]])
    shifted = rng.integers(0, 3, (5, 5)) + 8 * np.eye(5, k=-1, dtype=int)
    few, pair = [[0, 0, 8], [5, 0, 0], [0, 5, 0]], [[5, 0, 0, 0], [0, 5, 0, 0], [0, 9, 5, 0], [0, 0, 0, 5]]
    equal = [[2, 0], [2, 0]], [[0, 3, 0], [0, 1, 1], [0, 0, 3]]  # 0 and -1, 0 and 1
    return [(np.array(table),) for table in (*small, few, pair, *equal, shifted)]


def dead_layers(gradients):
    return [layer for layer, row in enumerate(gradients) if row.max() == 0]


def dead_at_the_end(gradients):
    return [layer for layer, row in enumerate(gradients) if row[-1] == 0]


def dead_once(gradients):
    return [layer for layer, row in enumerate(gradients) if row.min() == 0]


def dead_if_small(gradients):
    return [layer for layer, row in enumerate(gradients) if row.max() < 1e-3]


def dead_moments(gradients):
    return dead_layers(gradients.T)


def norms_of_layers():
    rows = (
        [[0.5], [0.0]],
        [[0.2, 0.1], [0.0, 0.0], [0.3, 0.0]],
        [[0.0, 0.0, 0.4], [1.0, 0.0, 2.0], [0.0, 0.0, 0.0]],
        [[1e-4, 2e-5], [3.0, 1.0], [0.0, 0.0], [0.0, 0.0]],
    )
    return [(np.array(table),) for table in rows]


def missed_classes(best_iou, labels):
    return [int(c) for c in np.unique(labels) if (best_iou[labels == c] >= 0.5).mean() < 0.5]


def missed_by_mean(best_iou, labels):
    return [int(c) for c in np.unique(labels) if best_iou[labels == c].mean() < 0.5]


def missed_above(best_iou, labels):
    return [int(c) for c in np.unique(labels) if (best_iou[labels == c] > 0.5).mean() < 0.5]


def missed_or_half(best_iou, labels):
    return [int(c) for c in np.unique(labels) if (best_iou[labels == c] >= 0.5).mean() <= 0.5]


def missed_of_all(best_iou, labels):
    return [int(c) for c in np.unique(labels) if (best_iou[labels == c] >= 0.5).sum() / len(labels) < 0.5]


def objects_and_their_best():
    rows = (
        ([0.7, 0.2], [1, 2]),
        ([0.5, 0.4, 0.6, 0.1], [1, 1, 2, 2]),
        ([0.9, 0.3, 0.3, 0.49, 0.48, 0.1], [1, 1, 1, 2, 2, 3]),
        ([0.51, 0.52, 0.1, 0.99, 0.2, 0.3, 0.2], [1, 1, 1, 3, 3, 3, 2]),
    )
    return [(np.array(best), np.array(labels)) for best, labels in rows]


def diagnosis(seen):
    looks = (
        ("negatives", seen["first"] > 5),
        ("rate", seen["worst"] > 100),
        ("warm_up", seen["step"] > 0.5),
        ("defaults", seen["positives"] < 2),
    )
    for fault, shown in looks:
        if shown:
            return fault
    if seen["train"] < 0.3:
        if seen["loc"] > 1:
            return "boxes"
        return "labels" if seen["found"] > 0.3 and seen["named"] < 0.2 else "mean"
    return "leak" if seen["val"] > seen["test"] + 0.05 else "healthy"


def diagnosis_of_rises(seen):
    if seen["first"] <= 5 and seen["worst"] <= 100 and seen["step"] > 0.5:
        return "rate"
    return diagnosis(seen)


def diagnosis_by_the_loss(seen):
    found = diagnosis(seen)
    return "healthy" if found in ("labels", "mean", "leak") else found


def diagnosis_without_test(seen):
    found = diagnosis(seen)
    return "healthy" if found == "leak" else found


def diagnosis_by_low_map(seen):
    found = diagnosis(seen)
    return "labels" if found in ("mean", "boxes") else found


def diagnosis_of_late_looks(seen):
    if seen["val"] is not None and seen["val"] > 0.3:
        return "leak" if seen["val"] > seen["test"] + 0.05 else "healthy"
    return diagnosis(seen)


def all_runs():
    shown = [symptoms(record) for record in load_runs().values()]
    return [(seen,) for seen in shown + [seen for _, seen in load_hidden()]]


EXERCISES = {
    "first_conf": Exercise(
        question="Return the first conf of a network that gives every class the same score.",
        answer=first_conf,
        cases=batches,
        hints=(
            "Each default box that is trained costs the logarithm of the number of classes. How many are summed?",
            "(positives + negatives) boxes are summed, and the sum is divided by the positives.",
        ),
        mistakes={
            "negatives only": Mistake(
                first_conf_of_negatives, "the positives count in conf as well: positives + negatives boxes are summed."
            ),
            "not divided": Mistake(first_conf_not_divided, "this is the sum; the loss divides it by the positives."),
            "no background": Mistake(
                first_conf_without_background,
                "you took one class off. Background is a class like the others: classes counts it already.",
            ),
            "mean": Mistake(
                first_conf_as_mean,
                "this is the loss of one default box, or the mean; SSD divides by the positives alone.",
            ),
        },
    ),
    "label_shift": Exercise(
        question="Return the shift from the true class to the shown one that most objects have.",
        answer=label_shift,
        cases=tables_of_classes,
        hints=(
            "Objects with the same shift are on one diagonal of the matrix. Which diagonal has the largest sum?",
            "np.trace(confusion, s) is the sum for the shift s; try the shifts 0, -1, 1, -2, 2, ... and keep the best.",
        ),
        mistakes={
            "backwards": Mistake(
                label_shift_backwards,
                "the sign is wrong: s is what is added to the true class (row) to get the shown one (column).",
            ),
            "equal sums": Mistake(
                label_shift_most_negative,
                "two sums are equal, and you return the shift that is farther from 0.",
                variants=(label_shift_most_positive,),
            ),
            "mean of a diagonal": Mistake(
                label_shift_as_fraction,
                "you compare the means of the diagonals. A short diagonal has few objects: compare sums.",
            ),
            "largest count": Mistake(
                label_shift_of_the_commonest,
                "you look at the largest count alone. One confused pair of classes is no shift: add up the diagonals.",
            ),
            "middle of the rows": Mistake(
                label_shift_by_rows,
                "you take the commonest column of each row, however few objects the row has. Add up the diagonals.",
            ),
        },
    ),
    "dead_layers": Exercise(
        question="Return the indices of the layers whose gradient is 0 at every moment.",
        answer=dead_layers,
        cases=norms_of_layers,
        hints=(
            "A row is a layer. Norms are never negative: what does the largest of a row tell?",
            "[layer for layer, row in enumerate(gradients) if row.max() == 0]",
        ),
        mistakes={
            "at the end": Mistake(
                dead_at_the_end, "you look at the last moment only; before it the layer has learned."
            ),
            "once": Mistake(
                dead_once,
                "a gradient of 0 at one moment is no fault: there was no object for the layer. At every moment.",
            ),
            "small": Mistake(dead_if_small, "a small gradient is not 0: this layer learns, slowly."),
            "moments": Mistake(dead_moments, "these are moments, not layers: the layers are the rows."),
        },
    ),
    "missed_classes": Exercise(
        question="Return the classes of which less than half of the objects have a best IoU of 0.5 or more.",
        answer=missed_classes,
        cases=objects_and_their_best,
        hints=(
            "For one class: best_iou[labels == c]. Which fraction of these is 0.5 or more?",
            "[int(c) for c in np.unique(labels) if (best_iou[labels == c] >= 0.5).mean() < 0.5]",
        ),
        mistakes={
            "mean IoU": Mistake(
                missed_by_mean, "you compare the mean IoU. One object that fits well hides others: count the objects."
            ),
            "above": Mistake(missed_above, "an IoU of exactly 0.5 is enough for a match: >=, not >."),
            "half": Mistake(missed_or_half, "half of the objects is not less than half: <, not <=."),
            "of all objects": Mistake(
                missed_of_all, "you divide by the objects of all classes. Divide by those of the class."
            ),
        },
    ),
    "diagnosis": Exercise(
        question="Return the name of the fault that the numbers of a run show, or healthy.",
        answer=diagnosis,
        cases=all_runs,
        hints=(
            "Go through the table of looks in its order: first loss, largest loss, first step, positives, then mAP.",
            "If the mAP on training images is low: a loc that stays high is x and y. Else, objects found with wrong names "
            "are the labels, and objects not found the mean. If it is high: compare val with test.",
        ),
        mistakes={
            "rate for warm-up": Mistake(
                diagnosis_of_rises,
                "a large first step alone is not too high a rate: this loss rises and comes back. Look at the worst "
                "loss of the whole run.",
            ),
            "by the loss": Mistake(
                diagnosis_by_the_loss,
                "the loss of this run is fine, and you call it healthy. Look at train, val and test as well.",
            ),
            "without test": Mistake(
                diagnosis_without_test,
                "a high mAP on the validation images is not enough: compare it with that of test.",
            ),
            "low mAP": Mistake(
                diagnosis_by_low_map,
                "a low mAP on training images has several causes. Are the objects found? Are their names right?",
            ),
            "mAP first": Mistake(
                diagnosis_of_late_looks,
                "you look at mAP before the first loss and the first step. Faults that cost little mAP stay hidden then.",
            ),
        },
    ),
}
