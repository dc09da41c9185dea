"""Exercise detections_over of lesson 00: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def detections_over(probabilities, threshold):
    rows, columns = np.nonzero(probabilities[:, 1:] > threshold)  # column 0 was background
    labels = columns + 1
    scores = probabilities[rows, labels]
    order = np.argsort(-scores, kind="stable")
    return rows[order], labels[order], scores[order]


def over_with_background(probabilities, threshold):
    rows, labels = np.nonzero(probabilities > threshold)
    scores = probabilities[rows, labels]
    order = np.argsort(-scores, kind="stable")
    return rows[order], labels[order], scores[order]


def over_labels_too_low(probabilities, threshold):
    rows, labels, scores = detections_over(probabilities, threshold)
    return rows, labels - 1, scores


def over_one_a_row(probabilities, threshold):
    labels = probabilities[:, 1:].argmax(axis=1) + 1
    scores = probabilities[np.arange(len(labels)), labels]
    rows = np.flatnonzero(scores > threshold)
    rows = rows[np.argsort(-scores[rows], kind="stable")]
    return rows, labels[rows], scores[rows]


def over_not_sorted(probabilities, threshold):
    rows, columns = np.nonzero(probabilities[:, 1:] > threshold)
    return rows, columns + 1, probabilities[rows, columns + 1]


def over_or_equal(probabilities, threshold):
    return detections_over(probabilities, threshold - 1e-9)


def over_worst_first(probabilities, threshold):
    rows, labels, scores = over_not_sorted(probabilities, threshold)
    order = np.argsort(scores, kind="stable")
    return rows[order], labels[order], scores[order]


def over_best_of_all_classes(probabilities, threshold):
    labels = probabilities.argmax(axis=1)
    scores = probabilities.max(axis=1)
    rows = np.flatnonzero((labels > 0) & (scores > threshold))
    rows = rows[np.argsort(-scores[rows], kind="stable")]
    return rows, labels[rows], scores[rows]


def over_scores_sorted_alone(probabilities, threshold):
    rows, labels, scores = over_not_sorted(probabilities, threshold)
    return rows, labels, np.sort(scores)[::-1]


def over_scores_of_column_before(probabilities, threshold):
    rows, labels, _ = over_not_sorted(probabilities, threshold)
    scores = probabilities[rows, labels - 1]
    order = np.argsort(-scores, kind="stable")
    return rows[order], labels[order], scores[order]


def over_labels_not_sorted(probabilities, threshold):
    rows, labels, scores = over_not_sorted(probabilities, threshold)
    order = np.argsort(-scores, kind="stable")
    return rows[order], labels, scores[order]


def over_rows_not_sorted(probabilities, threshold):
    rows, labels, scores = over_not_sorted(probabilities, threshold)
    order = np.argsort(-scores, kind="stable")
    return rows, labels[order], scores[order]


def tables():
    three = np.array([[0.9, 0.06, 0.04], [0.2, 0.7, 0.1], [0.25, 0.35, 0.4]])
    steps = np.array([[0.25, 0.125, 0.5, 0.125], [0.0, 0.25, 0.0, 0.75], [0.625, 0.0, 0.375, 0.0]])
    return [(three[1:2], 0.5), (three, 0.5), (three, 0.3), (three, 0.75), (steps, 0.25)]


EXERCISE = Exercise(
    question="Return rows, labels and scores, best first, of all probabilities (K, C) of objects over a threshold; equal "
    "scores in any order.",
    answer=detections_over,
    cases=tables,
    hints=(
        "Column 0 is background and never a detection. Every other number over the threshold is one.",
        "np.nonzero(probabilities[:, 1:] > threshold) gives rows and columns; the label is the column + 1. Sort by "
        'np.argsort(-scores, kind="stable").',
    ),
    mistakes={
        "background": Mistake(
            over_with_background,
            "column 0 is background: a high probability of background is no detection. Leave it out.",
        ),
        "labels one too low": Mistake(
            over_labels_too_low,
            "your labels are one too low: once column 0 is cut off, column 0 of the rest has label 1.",
        ),
        "one a row": Mistake(
            over_one_a_row,
            "you keep only the best class of a row. SSD compares each class by itself, and one row may be a cat "
            "at 0.35 and a dog at 0.40.",
            variants=(over_best_of_all_classes,),
        ),
        "not sorted": Mistake(over_not_sorted, "they are all there, but the best should come first."),
        "or equal": Mistake(over_or_equal, "you keep scores that equal the threshold; they have to exceed it."),
        "worst first": Mistake(over_worst_first, "the worst comes first: np.argsort sorts upwards, so sort -scores."),
        "scores sorted alone": Mistake(
            over_scores_sorted_alone,
            "rows, labels and scores are not in step. Use one order for all three.",
            variants=(over_labels_not_sorted, over_rows_not_sorted),
        ),
        "scores of the column before": Mistake(
            over_scores_of_column_before,
            "the scores are those of the column before: the label counts in the whole table, with background.",
        ),
    },
)
