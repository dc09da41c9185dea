"""Exercises of lesson 18: a box in the network's square, coverage, coverage by class, and the limit of squares."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def warped_box(box, width, height, side):
    x1, y1, x2, y2 = box
    return np.array([x1 * side / width, y1 * side / height, x2 * side / width, y2 * side / height])


def warped_exchanged(box, width, height, side):
    return warped_box(box, height, width, side)


def warped_in_shape(box, width, height, side):
    return np.asarray(box, float) * side / max(width, height)


def warped_to_one(box, width, height, side):
    return warped_box(box, width, height, 1)


def warped_by_the_shorter(box, width, height, side):
    return np.asarray(box, float) * side / min(width, height)


def warped_by_the_width(box, width, height, side):
    return np.asarray(box, float) * side / width


def warped_by_the_height(box, width, height, side):
    return np.asarray(box, float) * side / height


def warped_xxyy(box, width, height, side):
    return np.asarray(box, float) * side / np.array([width, width, height, height])


def warped_backwards(box, width, height, side):
    return np.asarray(box, float) * np.array([width, height, width, height]) / side


def warped_letterboxed(box, width, height, side):
    scale = side / max(width, height)
    border = np.array([side - width * scale, side - height * scale] * 2) / 2
    return np.asarray(box, float) * scale + border


def boxes_to_warp():
    rows = (((0, 0, 2, 2), 2, 2, 4), ((0, 0, 10, 10), 40, 20, 20), ((64, 8, 88, 32), 192, 64, 64))
    return [*((np.array(box, float), *rest) for box, *rest in rows), (np.array([10, 30, 110, 330.0]), 640, 480, 300)]


def coverage(overlaps, threshold):
    return (overlaps.max(axis=1) >= threshold).mean()


def coverage_of_default_boxes(overlaps, threshold):
    return (overlaps.max(axis=0) >= threshold).mean()


def coverage_of_pairs(overlaps, threshold):
    return (overlaps >= threshold).mean()


def coverage_above(overlaps, threshold):
    return (overlaps.max(axis=1) > threshold).mean()


def count_covered(overlaps, threshold):
    return (overlaps.max(axis=1) >= threshold).sum()


def coverage_missed(overlaps, threshold):
    return (overlaps.max(axis=1) < threshold).mean()


def coverage_mean_best(overlaps, threshold):
    return overlaps.max(axis=1).mean()


def coverage_by_default_boxes(overlaps, threshold):
    return (overlaps.max(axis=1) >= threshold).sum() / overlaps.shape[1]


def coverage_mask(overlaps, threshold):
    return overlaps.max(axis=1) >= threshold


def coverage_hits_by_objects(overlaps, threshold):
    return (overlaps >= threshold).sum() / len(overlaps)


def coverage_mean_of_row(overlaps, threshold):
    return (overlaps.mean(axis=1) >= threshold).mean()


def coverage_all_of_row(overlaps, threshold):
    return (overlaps >= threshold).all(axis=1).mean()


def tables():
    rows = ([[0.6, 0.1]], [[0.6, 0.1], [0.2, 0.4]], [[0.5, 0.0, 0.0], [0.1, 0.2, 0.3]], [[0.7, 0.8], [0.9, 0.6]])
    return [(np.array(table), 0.5) for table in rows] + [(np.random.default_rng(15).random((7, 4)), 0.8)]


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


def longest_reached(threshold):
    return ((1 + threshold) / (2 * threshold)) ** 2


def longest_of_equal_width(threshold):
    return 1 / threshold


def longest_not_squared(threshold):
    return (1 + threshold) / (2 * threshold)


def longest_without_the_shared_part(threshold):
    return 1 / threshold**2


def longest_minus(threshold):
    return ((1 - threshold) / (2 * threshold)) ** 2


def longest_halved_late(threshold):
    return (1 + 1 / threshold) ** 2 / 2


def longest_not_halved(threshold):
    return (1 + 1 / threshold) ** 2


def longest_at_half(threshold):
    return 2.25


def longest_iou(threshold):
    with np.errstate(all="ignore"):
        return np.float64(1) / (2 * np.sqrt(threshold) - 1)


def longest_root(threshold):
    return np.sqrt((1 + threshold) / (2 * threshold))


def longest_upside_down(threshold):
    return (2 * threshold / (1 + threshold)) ** 2


EXERCISES = {
    "warped_box": Exercise(
        question="Return a box in pixels of a width x height image, in pixels of the side x side square it becomes.",
        answer=warped_box,
        cases=boxes_to_warp,
        hints=(
            "Two factors: one for x and one for y. The image is not cut and gets no border.",
            "x times side / width, y times side / height.",
        ),
        mistakes={
            "exchanged": Mistake(warped_exchanged, "width and height are exchanged: x belongs to the width."),
            "in shape": Mistake(
                warped_in_shape,
                "you scale both sides alike, as if a border were added (letterboxing). SSD warps: each side by its own "
                "factor.",
                variants=(warped_by_the_shorter, warped_by_the_width, warped_by_the_height, warped_letterboxed),
            ),
            "x, x, y, y": Mistake(
                warped_xxyy, "the order of the four numbers is x, y, x, y: width, height, width, height."
            ),
            "backwards": Mistake(
                warped_backwards,
                "this leads from the square back to the image: multiply by side, divide by width or height.",
            ),
            "to one": Mistake(warped_to_one, "these are fractions of the image's sides, 0 to 1; multiply by side."),
        },
    ),
    "coverage": Exercise(
        question="Return the fraction of objects (rows of overlaps) that some default box (columns) covers.",
        answer=coverage,
        cases=tables,
        hints=(
            "First the best IoU of each object. Then, how many of these reach the threshold?",
            "overlaps.max(axis=1) is the best of each row; compare with >=, and take the mean.",
        ),
        mistakes={
            "of default boxes": Mistake(
                coverage_of_default_boxes, "this is the fraction of default boxes that have an object: the wrong axis."
            ),
            "of pairs": Mistake(
                coverage_of_pairs, "this is the fraction of all pairs; one good default box is enough."
            ),
            "above": Mistake(coverage_above, "an IoU of exactly the threshold counts: >=, not >."),
            "count": Mistake(count_covered, "this is their number; divide by the number of objects."),
            "missed": Mistake(coverage_missed, "this is the fraction of the objects that are *not* covered."),
            "mean IoU": Mistake(
                coverage_mean_best, "this is the mean of the best IoUs. Count those that reach the threshold."
            ),
            "by default boxes": Mistake(
                coverage_by_default_boxes, "you divide by the number of default boxes. Divide by that of the objects."
            ),
            "which ones": Mistake(coverage_mask, "this says which objects are covered. The fraction is their mean."),
            "pairs by objects": Mistake(
                coverage_hits_by_objects,
                "an object counts as often as default boxes cover it. It counts once: take the best of its row first.",
            ),
            "all default boxes": Mistake(
                coverage_all_of_row,
                "you ask that all default boxes of a row cover the object, or their mean. One good one is enough.",
                variants=(coverage_mean_of_row,),
            ),
        },
    ),
    "coverage_of_classes": Exercise(
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
            "mean": Mistake(
                coverage_as_mean, "this is the mean IoU; wanted is the fraction of those with 0.5 or more."
            ),
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
    ),
    "longest_reached": Exercise(
        question="Return how many times as long as wide an object may be for squares to cover it at a threshold.",
        answer=longest_reached,
        cases=lambda: [(1.0,), (0.5,), (0.25,), (0.7,)],
        hints=(
            "The best square has the object's area. Its IoU is 1 / (2 sqrt(r) - 1). Solve for r.",
            "2 sqrt(r) - 1 = 1 / threshold, so sqrt(r) = (1 + threshold) / (2 threshold). Square it.",
        ),
        mistakes={
            "equal width": Mistake(
                longest_of_equal_width,
                "this is right for a square as wide as the object; a larger one, with the object's area, covers more.",
            ),
            "not squared": Mistake(longest_not_squared, "this is the square root of the answer."),
            "shared part": Mistake(
                longest_without_the_shared_part,
                "the union is both areas minus the shared part; you took it for the object's area alone.",
            ),
            "minus": Mistake(
                longest_minus,
                "the 1 has the wrong sign: from 2 sqrt(r) - 1 = 1 / threshold follows 2 sqrt(r) = 1 / threshold *+* 1.",
            ),
            "not halved": Mistake(
                longest_not_halved,
                "2 sqrt(r) = 1 / threshold + 1: divide by 2 first, and square then.",
                variants=(longest_halved_late,),
            ),
            "at 0.5": Mistake(longest_at_half, "this is right for a threshold of 0.5 only. Solve the formula for r."),
            "put in": Mistake(
                longest_iou, "you put the threshold in for r. The formula gives the IoU; solve it for r instead."
            ),
            "root": Mistake(longest_root, "you take a root. From sqrt(r) to r, square."),
            "upside down": Mistake(longest_upside_down, "your fraction is upside down: it is width over length."),
        },
    ),
}
