"""Exercise coverage_of_classes of lesson 18: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def coverage_of_classes(best_iou, labels, classes):
    return np.array([(best_iou[labels == label] >= 0.5).mean() for label in range(1, classes + 1)])


def coverage_over_all(best_iou, labels, classes):
    return np.array([(best_iou[labels == label] >= 0.5).sum() / len(labels) for label in range(1, classes + 1)])


def coverage_from_background(best_iou, labels, classes):
    groups = [best_iou[labels == label] for label in range(classes)]
    return np.array([(group >= 0.5).mean() if len(group) else 0.0 for group in groups])


def coverage_as_mean(best_iou, labels, classes):
    return np.array([best_iou[labels == label].mean() for label in range(1, classes + 1)])


def coverage_above_half(best_iou, labels, classes):
    return np.array([(best_iou[labels == label] > 0.5).mean() for label in range(1, classes + 1)])


def coverage_count_of_classes(best_iou, labels, classes):
    return np.array([(best_iou[labels == label] >= 0.5).sum() for label in range(1, classes + 1)])


def coverage_over_covered(best_iou, labels, classes):
    covered = labels[best_iou >= 0.5]
    return np.array([(covered == label).mean() if len(covered) else 0.0 for label in range(1, classes + 1)])


def coverage_with_background(best_iou, labels, classes):
    groups = [best_iou[labels == label] for label in range(classes + 1)]
    return np.array([(group >= 0.5).mean() if len(group) else 0.0 for group in groups])


def coverage_one_class_less(best_iou, labels, classes):
    return coverage_of_classes(best_iou, labels, classes - 1)


def coverage_of_all_classes(best_iou, labels, classes):
    return (best_iou >= 0.5).mean()


def coverage_by_classes(best_iou, labels, classes):
    return np.array([(best_iou[labels == label] >= 0.5).sum() / classes for label in range(1, classes + 1)])


def objects_of_classes():
    rows = (([0.6], [1], 1), ([0.6, 0.4, 0.5], [1, 2, 2], 2), ([0.9, 0.3, 0.8, 0.2, 0.5], [3, 1, 2, 1, 1], 3))
    rows += (([0.9, 0.8, 0.7, 0.6, 0.2], [1, 1, 1, 2, 2], 2),)
    return [(np.array(best), np.array(labels), classes) for best, labels, classes in rows]


EXERCISE = Exercise(
    question="Return the coverage, at an IoU of 0.5, of the objects of each class 1, 2, ... (classes,).",
    answer=coverage_of_classes,
    cases=objects_of_classes,
    hints=(
        "For one class: take the best IoU of its objects only, best_iou[labels == label].",
        "A loop over range(1, classes + 1); in it (best_iou[labels == label] >= 0.5).mean().",
    ),
    mistakes={
        "over all": Mistake(
            coverage_over_all,
            "you divide by all objects; a rare class then looks bad. Divide by those of the class.",
        ),
        "from background": Mistake(coverage_from_background, "classes begin with 1: 0 is the background."),
        "mean": Mistake(coverage_as_mean, "this is the mean IoU; wanted is the fraction of those with 0.5 or more."),
        "above": Mistake(coverage_above_half, "an IoU of exactly 0.5 covers: >=, not >."),
        "count": Mistake(
            coverage_count_of_classes, "these are numbers of objects. Divide by the objects of the class."
        ),
        "over the covered": Mistake(
            coverage_over_covered,
            "you divide by the covered objects of all classes. Divide by the objects of this class.",
        ),
        "one too many": Mistake(
            coverage_with_background, "there is no entry for the background: the first is class 1."
        ),
        "last class missing": Mistake(
            coverage_one_class_less, "the last class is missing: range(1, classes + 1) ends with it."
        ),
        "all together": Mistake(
            coverage_of_all_classes, "this is the coverage of all objects. Each class has its own."
        ),
        "by classes": Mistake(
            coverage_by_classes, "you divide by the number of classes. Divide by the objects of the class."
        ),
    },
)
