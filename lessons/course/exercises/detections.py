"""Exercises of lesson 00: which rows of the output are detections, where they lie, and how many may stay."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def last_false(scores, right):
    return max(scores[~right], default=0.0)


def last_false_lowest(scores, right):
    return min(scores[~right], default=0.0)


def last_false_by_right(scores, right):
    return min(scores[right], default=0.0)


def last_false_first(scores, right):
    return scores[~right][0] if (~right).any() else 0.0


def last_false_last(scores, right):
    return scores[~right][-1] if (~right).any() else 0.0


def last_false_highest_right(scores, right):
    return max(scores[right], default=0.0)


def last_false_of_all(scores, right):
    return max(scores)


def last_false_no_default(scores, right):
    return scores[~right].max()


def last_false_no_default_by_max(scores, right):
    return max(scores[~right])


def last_false_place(scores, right):
    return int(np.argmax(np.where(right, -1, scores)))


def last_false_next_right(scores, right):
    highest = last_false(scores, right)
    return min((score for score in scores[right] if score > highest), default=1.0) if highest else 0.0


def marked():
    return [
        (np.array([0.9, 0.4]), np.array([True, False])),
        (np.array([0.2, 0.7, 0.6]), np.array([False, True, False])),
        (np.array([0.8, 0.3]), np.array([True, True])),
        (np.array([0.5, 0.95, 0.1, 0.6]), np.array([True, False, False, True])),
        (np.array([0.3, 0.4, 0.85, 0.7, 0.2]), np.array([True, False, False, False, True])),
    ]


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


def to_pixels(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * np.array([width, height, width, height])


def pixels_swapped(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * np.array([height, width, height, width])


def pixels_square(boxes, image_shape):
    return boxes * image_shape[1]


def pixels_corner_only(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * np.array([width, height, 1, 1])


def pixels_xxyy(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * np.array([width, width, height, height])


def pixels_yyxx(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * np.array([height, height, width, width])


def pixels_by_height(boxes, image_shape):
    return boxes * image_shape[0]


def pixels_by_longer(boxes, image_shape):
    return boxes * max(image_shape)


def pixels_minus_one(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * (np.array([width, height, width, height]) - 1)


def pixels_divided(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes / np.array([width, height, width, height])


def pixels_center_and_size(boxes, image_shape):
    x1, y1, x2, y2 = to_pixels(boxes, image_shape).T
    return np.stack([x1 - x2 / 2, y1 - y2 / 2, x1 + x2 / 2, y1 + y2 / 2], axis=1)


def pixels_by_channels(boxes, image_shape):
    return to_pixels(boxes, image_shape[-2:])


def pixels_by_channels_exchanged(boxes, image_shape):
    return to_pixels(boxes, image_shape[:0:-1])


def boxes_and_shapes():
    box, rng = np.array([[0.25, 0.5, 0.75, 1.0]]), np.random.default_rng(4)
    return [
        (box, (4, 4, 3)),
        (box, (100, 200, 3)),
        (np.sort(rng.uniform(size=(3, 2, 2)), axis=1).reshape(3, 4).round(2), (480, 640, 3)),
        (np.zeros((0, 4)), (10, 20, 3)),
    ]


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


EXERCISES = {
    "last_false": Exercise(
        question="Return the lowest threshold over which no wrong box is left; 0 if none is wrong.",
        answer=last_false,
        cases=marked,
        hints=(
            "A box is shown while its score is greater than the threshold. Which wrong box disappears last?",
            "The one with the largest score among scores[~right]; max(..., default=0.0) gives 0 for none.",
        ),
        mistakes={
            "lowest wrong": Mistake(
                last_false_lowest, "this is where the first wrong box goes; those with larger scores are still there."
            ),
            "lowest right": Mistake(
                last_false_by_right,
                "you ask for the last of the right boxes. A wrong box can score higher than a right one.",
            ),
            "first wrong": Mistake(
                last_false_first, "you take the first wrong box of the list, but the list need not be sorted."
            ),
            "last wrong": Mistake(
                last_false_last, "you take the wrong box that comes last in the list, but the list need not be sorted."
            ),
            "highest right": Mistake(last_false_highest_right, "you look at the right boxes; look at the wrong ones."),
            "of all": Mistake(
                last_false_of_all, "this is the highest score of all boxes. Look at the wrong ones only."
            ),
            "no default": Mistake(
                last_false_no_default,
                "there may be no wrong box, and the maximum of nothing is an error. The answer is 0 then.",
                variants=(last_false_no_default_by_max,),
            ),
            "place": Mistake(last_false_place, "argmax gives the place of the score. The score itself is wanted."),
            "next right": Mistake(
                last_false_next_right,
                "this is the next right box above. The threshold can be lower: a box whose score *equals* it is not shown.",
            ),
        },
    ),
    "detections_over": Exercise(
        question="Return rows, labels and scores, best first, of all probabilities (K, C) of objects over a threshold.",
        answer=detections_over,
        cases=tables,
        hints=(
            "Column 0 is background and never a detection. Every other number over the threshold is one.",
            "np.nonzero(probabilities[:, 1:] > threshold) gives rows and columns; the label is the column + 1. Sort by "
            "np.argsort(-scores).",
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
            "worst first": Mistake(
                over_worst_first, "the worst comes first: np.argsort sorts upwards, so sort -scores."
            ),
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
    ),
    "to_pixels": Exercise(
        question="Return boxes (N, 4) xyxy in [0, 1] in pixels of an image with the shape (height, width, 3).",
        answer=to_pixels,
        cases=boxes_and_shapes,
        hints=(
            "x belongs to the width and y to the height. What is the order in image.shape?",
            "height, width = image_shape[:2], and the four factors are width, height, width, height.",
        ),
        mistakes={
            "swapped": Mistake(
                pixels_swapped, "you swapped w and h: the shape of an array begins with the height, a box with x."
            ),
            "square": Mistake(
                pixels_square,
                "you multiply all four by the same side, which is right for square images only.",
                variants=(pixels_by_height, pixels_by_longer),
            ),
            "one corner": Mistake(
                pixels_corner_only,
                "only the first corner is in pixels. In xyxy the last two numbers are a corner as well.",
            ),
            "x, x, y, y": Mistake(
                pixels_xxyy,
                "the order of the four numbers is x, y, x, y: width, height, width, height.",
                variants=(pixels_yyxx,),
            ),
            "minus one": Mistake(
                pixels_minus_one,
                "you multiply by width - 1 and height - 1. Corners lie between the pixels: the right edge of the image "
                "is at x = width.",
            ),
            "divided": Mistake(pixels_divided, "you divide. That leads from pixels to units of the sides: multiply."),
            "center and size": Mistake(
                pixels_center_and_size, "you read the boxes as center and size, but they are two corners already."
            ),
            "channels": Mistake(
                pixels_by_channels,
                "the last number of the shape is the channels, 3. Height and width are the first two.",
                variants=(pixels_by_channels_exchanged,),
            ),
        },
    ),
    "keep_best": Exercise(
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
    ),
}
