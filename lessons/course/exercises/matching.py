"""Exercises of lesson 09: which default box is matched to which object, and with which offsets."""

import numpy as np

from numpyssd.boxes import xyxy_to_cxcywh
from lessons.course.exercises.exercise import Exercise, Mistake


def orphans(overlaps, threshold):
    return int((overlaps.max(axis=1) < threshold).sum())


def orphan_default_boxes(overlaps, threshold):
    return int((overlaps.max(axis=0) < threshold).sum())


def orphans_at_the_threshold(overlaps, threshold):
    return int((overlaps.max(axis=1) <= threshold).sum())


def orphans_with_a_weak_box(overlaps, threshold):
    return int((overlaps.min(axis=1) < threshold).sum())


def orphans_served(overlaps, threshold):
    return int((overlaps.max(axis=1) >= threshold).sum())


def orphans_mask(overlaps, threshold):
    return overlaps.max(axis=1) < threshold


def orphans_indices(overlaps, threshold):
    return np.flatnonzero(overlaps.max(axis=1) < threshold)


def orphan_pairs(overlaps, threshold):
    return int((overlaps < threshold).sum())


def orphans_by_the_mean(overlaps, threshold):
    return int((overlaps.mean(axis=1) < threshold).sum())


def orphans_fraction(overlaps, threshold):
    return (overlaps.max(axis=1) < threshold).mean()


def tables():
    by_hand = np.array([[20, 20, 60, 48, 48], [10, 24, 45, 36, 36]]) / 60
    tiny = [
        (np.array([[0.6, 0.2]]), 0.5),
        (np.array([[0.5], [0.5 - 1e-3]]), 0.5),
        (np.array([[0.5, 0.9, 0.2]]), 0.5),
        (np.array([[0.3, 0.1], [0.1, 0.7]]), 0.5),
        (np.array([[0.2, 0.1], [0.3, 0.7]]), 0.5),  # the best box of the first object belongs to the second, too
        (np.array([[0.9, 0.3, 0.1], [0.8, 0.2, 0.3]]), 0.5),  # both want the first default box
        (np.array([[0.1, 0.7, 0.8], [0.6, 0.75, 0.9]]), 0.5),
        (np.array([[0.9, 0.55, 0.6], [0.8, 0.65, 0.1]]), 0.5),
        (by_hand, 0.5),
    ]
    rng = np.random.default_rng(8)
    return [*tiny, *((rng.permutation(12).reshape(3, 4) / 12, 0.5) for _ in range(4))]


def encode_box(box, default_box):
    dx, dy, dw, dh = default_box
    gx, gy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    gw, gh = box[2] - box[0], box[3] - box[1]
    center = [(gx - dx) / dw / 0.1, (gy - dy) / dh / 0.1]
    size = [np.log(gw / dw) / 0.2, np.log(gh / dh) / 0.2]
    return np.array(center + size)


def encode_without_variances(box, default_box):
    return encode_box(box, default_box) * (0.1, 0.1, 0.2, 0.2)


def encode_multiplied(box, default_box):
    return encode_box(box, default_box) * np.square((0.1, 0.1, 0.2, 0.2))


def encode_by_the_object(box, default_box):
    _, _, w, h = xyxy_to_cxcywh(np.array([box], dtype=float))[0]
    return encode_box(box, default_box) * (default_box[2] / w, default_box[3] / h, 1, 1)


def encode_no_logarithm(box, default_box):
    return encode_box(box, default_box) * (1, 1, 0, 0) + (0, 0, *_ratio(box, default_box))


def _ratio(box, default_box):
    return (box[2] - box[0]) / default_box[2] / 0.2, (box[3] - box[1]) / default_box[3] / 0.2


def encode_no_division(box, default_box):
    return encode_box(box, default_box) * (default_box[2], default_box[3], 1, 1)


def _encoded(gx, gy, gw, gh, default_box):
    dx, dy, dw, dh = default_box
    with np.errstate(all="ignore"):
        return np.array([(gx - dx) / dw / 0.1, (gy - dy) / dh / 0.1, np.log(gw / dw) / 0.2, np.log(gh / dh) / 0.2])


def encode_from_the_corner(box, default_box):
    return _encoded(box[0], box[1], box[2] - box[0], box[3] - box[1], default_box)


def encode_corner_to_corner(box, default_box):
    dx, dy, dw, dh = default_box
    corner = np.array([dx - dw / 2, dy - dh / 2, dw, dh])
    return _encoded(box[0], box[1], box[2] - box[0], box[3] - box[1], corner)


def encode_center_not_halved(box, default_box):
    return _encoded(box[0] + box[2], box[1] + box[3], box[2] - box[0], box[3] - box[1], default_box)


def encode_center_by_difference(box, default_box):
    w, h = box[2] - box[0], box[3] - box[1]
    return _encoded(w / 2, h / 2, w, h, default_box)


def encode_as_cxcywh(box, default_box):
    return _encoded(*box, default_box)


def encode_default_as_corners(box, default_box):
    x1, y1, x2, y2 = default_box
    center_and_size = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
    return _encoded(*xyxy_to_cxcywh(np.array([box], dtype=float))[0], center_and_size)


def encode_variances_exchanged(box, default_box):
    return encode_box(box, default_box) * (0.5, 0.5, 2, 2)


def encode_one_variance(box, default_box):
    return encode_box(box, default_box) * (1, 1, 2, 2)


def encode_center_variance_only(box, default_box):
    return encode_box(box, default_box) * (1, 1, 0.2, 0.2)


def encode_size_variance_only(box, default_box):
    return encode_box(box, default_box) * (0.1, 0.1, 1, 1)


def encode_backwards(box, default_box):
    return -encode_box(box, default_box)


def encode_size_backwards(box, default_box):
    return encode_box(box, default_box) * (1, 1, -1, -1)


def encode_center_backwards(box, default_box):
    return encode_box(box, default_box) * (-1, -1, 1, 1)


def encode_base_2(box, default_box):
    return encode_box(box, default_box) * (1, 1, 1 / np.log(2), 1 / np.log(2))


def encode_base_10(box, default_box):
    return encode_box(box, default_box) * (1, 1, 1 / np.log(10), 1 / np.log(10))


def encode_variance_inside(box, default_box):
    dx, dy, _, _ = encode_box(box, default_box)
    _, _, w, h = xyxy_to_cxcywh(np.array([box], dtype=float))[0]
    return np.array([dx, dy, np.log(w / default_box[2] / 0.2), np.log(h / default_box[3] / 0.2)])


def encode_by_width_only(box, default_box):
    return encode_box(box, default_box) * (1, default_box[3] / default_box[2], 1, 1)


def objects_and_default_boxes():
    tiny = [
        ((6, 4, 14, 8), (10, 6, 8, 4)),
        ((10, 4, 18, 6), (10, 6, 8, 2)),
        ((2, 5, 18, 7), (10, 6, 8, 2)),
        ((0, 0, 2, 4), (3, 3, 4, 2)),
    ]
    rng = np.random.default_rng(3)
    low, sizes = rng.uniform(0, 5, (3, 2)), rng.uniform(1, 9, (3, 2))
    drawn = [((*a, *(a + s)), tuple(rng.uniform(2, 6, 4))) for a, s in zip(low, sizes)]
    return [(np.round(b, 2).astype(float), np.round(d, 2).astype(float)) for b, d in [*tiny, *drawn]]


def match_boxes(overlaps, threshold):
    best = overlaps.argmax(axis=0)  # (K,) the best object of each default box
    owner = np.where(overlaps.max(axis=0) >= threshold, best, -1)
    left = overlaps.copy()  # (M, K)
    for _ in range(min(left.shape)):
        m, k = np.unravel_index(left.argmax(), left.shape)
        owner[k] = m
        left[m, :] = left[:, k] = -1  # object and default box are matched now
    return owner


def match_only_the_best(overlaps, threshold):
    return match_boxes(overlaps, 2.0)


def match_threshold_only(overlaps, threshold):
    return np.where(overlaps.max(axis=0) >= threshold, overlaps.argmax(axis=0), -1)


def match_last_wins(overlaps, threshold):
    owner = match_threshold_only(overlaps, threshold)
    for m in range(len(overlaps)):
        owner[overlaps[m].argmax()] = m
    return owner


def match_threshold_last(overlaps, threshold):
    by_threshold = match_threshold_only(overlaps, threshold)
    return np.where(by_threshold >= 0, by_threshold, match_boxes(overlaps, threshold))


def match_above(overlaps, threshold):
    return match_boxes(overlaps, threshold + 1e-9)


def match_objects_in_turn(overlaps, threshold):
    owner, taken = match_threshold_only(overlaps, threshold), set()
    for m, row in enumerate(overlaps):
        free = [k for k in np.argsort(-row, kind="stable") if k not in taken]
        if free:
            owner[free[0]] = m
            taken.add(free[0])
    return owner


def match_first_keeps(overlaps, threshold):
    owner, taken = match_threshold_only(overlaps, threshold), set()
    for m, row in enumerate(overlaps):
        if row.argmax() not in taken:
            owner[row.argmax()] = m
            taken.add(row.argmax())
    return owner


def match_best_for_each_default_box(overlaps, threshold):
    return overlaps.argmax(axis=0)


def match_own_if_good(overlaps, threshold):
    return np.where(overlaps.max(axis=0) >= threshold, match_boxes(overlaps, threshold), -1)


def match_of_objects(overlaps, threshold):
    return overlaps.argmax(axis=1)


def match_pairs_with_threshold(overlaps, threshold):
    owner, left = match_threshold_only(overlaps, threshold), overlaps.copy()
    for _ in range(min(left.shape)):
        m, k = np.unravel_index(left.argmax(), left.shape)
        if left[m, k] >= threshold:
            owner[k] = m
        left[m, :] = left[:, k] = -1
    return owner


def match_zero_for_background(overlaps, threshold):
    return match_boxes(overlaps, threshold) + 1


def labels_of(owner, labels):
    owner = np.asarray(owner)
    answer = np.zeros(len(owner), dtype=int)  # 0 is background
    answer[owner >= 0] = labels[owner[owner >= 0]]
    return answer


def labels_of_minus_one(owner, labels):
    return labels[owner] if len(labels) else np.zeros(len(owner), int)


def labels_without_object_0(owner, labels):
    return np.where(owner > 0, labels[owner], 0) if len(labels) else np.zeros(len(owner), int)


def labels_from_0(owner, labels):
    answer = labels_of(owner, labels)
    return np.where(answer > 0, answer - 1, 0)


def labels_no_objects(owner, labels):
    return np.where(owner >= 0, labels[owner], 0)


def labels_background_minus_one(owner, labels):
    answer = labels_of(owner, labels)
    return np.where(owner >= 0, answer, -1)


def labels_plus_one(owner, labels):
    answer = labels_of(owner, labels)
    return np.where(owner >= 0, answer + 1, 0)


def labels_are_owners(owner, labels):
    return owner + 1


def labels_positive_only(owner, labels):
    return labels[owner[owner >= 0]]


def labels_where_one(owner, labels):
    return (owner >= 0).astype(int)


def owners():
    lists = [
        ([0, -1], [3]),
        ([-1, 0, 0, -1], [2]),
        ([1, 1, -1, 0], [4, 5]),
        ([-1, -1, -1], []),  # an image without objects
        ([2, -1, 0, 1, -1, 2], [1, 3, 3]),
    ]
    return [(np.array(owner, int), np.array(labels, int)) for owner, labels in lists]


EXERCISES = {
    "orphans": Exercise(
        question="Return how many objects (rows of overlaps) have no default box (column) at the threshold or above.",
        answer=orphans,
        cases=tables,
        hints=(
            "The best IoU of an object is the largest number in its row.",
            "overlaps.max(axis=1) has one number for each object; count those below the threshold.",
        ),
        mistakes={
            "default boxes": Mistake(
                orphan_default_boxes,
                "you count the default boxes that fit no object: axis 0 runs over the objects. Most default boxes fit "
                "none, and that is normal.",
            ),
            "at the threshold": Mistake(
                orphans_at_the_threshold, "an IoU of exactly the threshold is enough: only what is below it counts."
            ),
            "weakest": Mistake(
                orphans_with_a_weak_box,
                "one good default box is enough for an object: look at the largest of its row, not at the smallest.",
            ),
            "served": Mistake(orphans_served, "you count the objects that do have one. Count the others."),
            "which ones": Mistake(
                orphans_mask, "this says which objects they are. Return how many.", variants=(orphans_indices,)
            ),
            "pairs": Mistake(
                orphan_pairs, "you count pairs of object and default box. One good default box is enough for an object."
            ),
            "mean": Mistake(orphans_by_the_mean, "you look at the mean of a row. Look at its largest number."),
            "fraction": Mistake(orphans_fraction, "this is a fraction. Return how many there are."),
        },
    ),
    "encode_box": Exercise(
        question="Return the four offsets from a default box (cxcywh) to an object's box (xyxy), with the variances.",
        answer=encode_box,
        cases=objects_and_default_boxes,
        hints=(
            "Turn the object's box into center and size first. The step between the centers is measured in sizes of "
            "the default box, the size by the logarithm of the quotient.",
            "(gx - dx) / dw / 0.1 and log(gw / dw) / 0.2, the same for y and h.",
        ),
        mistakes={
            "no variances": Mistake(
                encode_without_variances,
                "these are the offsets of the paper's equation 2. Divide them by the variances, 0.1 for the center "
                "and 0.2 for the size.",
            ),
            "multiplied": Mistake(
                encode_multiplied,
                "you multiply by the variances. Encoding divides by them, and decoding multiplies.",
            ),
            "by the object": Mistake(
                encode_by_the_object,
                "you measure the step in sizes of the object. When it is decoded, that size is not known yet: use the "
                "default box's.",
            ),
            "no logarithm": Mistake(
                encode_no_logarithm,
                "the quotient of the sizes lacks its logarithm: an offset of 0 has to mean the same size.",
            ),
            "no division": Mistake(
                encode_no_division,
                "the step of the center isn't divided by the default box's size: a large object would then have "
                "large offsets.",
            ),
            "corner as center": Mistake(
                encode_from_the_corner,
                "you take x_min and y_min for the center of the object. The center is (x_min + x_max) / 2.",
            ),
            "corner to corner": Mistake(
                encode_corner_to_corner,
                "your step leads from corner to corner. It leads from the default box's center to the object's.",
            ),
            "center not halved": Mistake(
                encode_center_not_halved, "x_min + x_max is twice the center: divide it by 2."
            ),
            "half the size": Mistake(
                encode_center_by_difference,
                "(x_max - x_min) / 2 is half the width, not the center. The center is (x_min + x_max) / 2.",
            ),
            "object as cxcywh": Mistake(
                encode_as_cxcywh, "you read the object's box as center and size; it is two corners."
            ),
            "default box as xyxy": Mistake(
                encode_default_as_corners, "you read the default box as two corners; it is center and size."
            ),
            "variances exchanged": Mistake(
                encode_variances_exchanged,
                "the variances are exchanged: 0.1 belongs to the center, 0.2 to the size.",
                variants=(encode_one_variance,),
            ),
            "half the variances": Mistake(
                encode_center_variance_only,
                "only half of the offsets are divided by their variance: 0.1 for the center, and 0.2 for the size.",
                variants=(encode_size_variance_only,),
            ),
            "backwards": Mistake(
                encode_backwards,
                "the direction is wrong. The offsets lead from the default box to the object: object minus default box, "
                "and object over default box.",
                variants=(encode_size_backwards, encode_center_backwards),
            ),
            "another base": Mistake(
                encode_base_2, "wanted is the natural logarithm, np.log.", variants=(encode_base_10,)
            ),
            "variance inside": Mistake(
                encode_variance_inside, "you divide by 0.2 inside the logarithm. Divide the logarithm by it."
            ),
            "by the width": Mistake(
                encode_by_width_only, "both steps are divided by the width. The step along y is divided by the height."
            ),
        },
    ),
    "match_boxes": Exercise(
        question="Return for each default box (column of overlaps) the index of its object, or -1.",
        answer=match_boxes,
        cases=tables,
        hints=(
            "Begin with the threshold: the best object of each default box, or -1. Then take the largest number of "
            "the whole table, give that default box to that object, and forget the row and the column.",
            "np.unravel_index(left.argmax(), left.shape) finds the row and the column of the largest number; set both "
            "to -1 in a copy of the table, and repeat until each object or each default box is matched.",
        ),
        mistakes={
            "only the best": Mistake(
                match_only_the_best,
                "only each object's own default box is positive. All others at the threshold or above are, too.",
            ),
            "threshold only": Mistake(
                match_threshold_only,
                "an object that no default box fits well gets none: every object is to get a default box of its own.",
            ),
            "last wins": Mistake(
                match_last_wins,
                "where two objects want the same default box, the last takes it and the other is left without "
                "(amdegroot/ssd.pytorch, issue 354). Take the largest pair of the whole table first.",
            ),
            "threshold last": Mistake(
                match_threshold_last,
                "the threshold takes an object's own default box away again. Write down the own ones last.",
            ),
            "above": Mistake(match_above, "an IoU of exactly the threshold is a match: >= and not >."),
            "in turn": Mistake(
                match_objects_in_turn,
                "the objects choose in their order, and the first of them takes what another fits better. The best pair "
                "of the whole table comes first.",
                variants=(match_first_keeps,),
            ),
            "no threshold": Mistake(
                match_best_for_each_default_box, "you match every default box. Those below the threshold get -1."
            ),
            "own only if good": Mistake(
                match_own_if_good,
                "an object's own default box is matched even below the threshold.",
                variants=(match_pairs_with_threshold,),
            ),
            "of objects": Mistake(
                match_of_objects,
                "this is the best default box of each object. Wanted is an object for each default box.",
            ),
            "plus one": Mistake(
                match_zero_for_background, "every number is one too large: objects begin with 0, and -1 is background."
            ),
        },
    ),
    "labels_of": Exercise(
        question="Return the class that each default box should predict: its object's label, or 0 for background.",
        answer=labels_of,
        cases=owners,
        hints=(
            "labels[owner] is right wherever owner is not -1. What is labels[-1]?",
            "Begin with np.zeros(len(owner), dtype=int), and fill in only where owner >= 0.",
        ),
        mistakes={
            "minus one": Mistake(
                labels_of_minus_one,
                "labels[-1] is the *last* object's label: all background has become that class.",
            ),
            "object 0": Mistake(
                labels_without_object_0, "object 0 is an object, too: ask for owner >= 0, not for owner > 0."
            ),
            "from 0": Mistake(
                labels_from_0,
                "you subtract 1: labels of objects begin at 1, because 0 is background, and stay as they are.",
            ),
            "no objects": Mistake(
                labels_no_objects,
                "without objects, labels is empty, and labels[-1] is an error. np.where computes both sides everywhere: "
                "fill in only where owner >= 0.",
            ),
            "background -1": Mistake(labels_background_minus_one, "background is class 0, not -1."),
            "plus one": Mistake(
                labels_plus_one, "you add 1: labels of objects begin at 1 already, and stay as they are."
            ),
            "the object's number": Mistake(
                labels_are_owners, "this is the number of the object. What is wanted is its label: labels[owner]."
            ),
            "positives only": Mistake(
                labels_positive_only, "these are the positives alone. Background boxes get 0, and stay in the list."
            ),
            "one class": Mistake(labels_where_one, "this says that there is an object. Wanted is its class."),
        },
    ),
}
