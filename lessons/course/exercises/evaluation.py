"""Exercises of lesson 15: which detections are true positives, precision and recall, and two ways to average them."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def precision_recall(right, objects):
    hits = np.cumsum(right)  # (D,) right ones among the best 1, 2, ... detections
    return hits / np.arange(1, len(hits) + 1), hits / objects


def precision_of_all(right, objects):
    hits = np.cumsum(right)
    return hits / len(hits), hits / objects


def recall_of_right(right, objects):
    hits = np.cumsum(right)
    return hits / np.arange(1, len(hits) + 1), hits / hits[-1]


def recall_precision(right, objects):
    return precision_recall(right, objects)[::-1]


def precision_from_zero(right, objects):
    hits = np.cumsum(right)
    with np.errstate(all="ignore"):
        return hits / np.arange(len(hits)), hits / objects


def precision_not_summed(right, objects):
    right = np.asarray(right, float)
    return right / np.arange(1, len(right) + 1), right / objects


def recall_not_summed(right, objects):
    return precision_recall(right, objects)[0], np.asarray(right, float) / objects


def recall_of_detections(right, objects):
    hits = np.cumsum(right)
    return hits / np.arange(1, len(hits) + 1), hits / len(hits)


def precision_by_objects(right, objects):
    hits = np.cumsum(right)
    return hits / objects, hits / objects


def precision_of_misses(right, objects):
    misses = np.cumsum(~np.asarray(right, bool))
    hits = np.cumsum(right)
    with np.errstate(all="ignore"):
        return hits / np.maximum(misses, 1), hits / objects


def precision_from_the_end(right, objects):
    hits = np.cumsum(np.asarray(right)[::-1])[::-1]
    return hits / np.arange(len(hits), 0, -1), hits / objects


def only_precision_not_summed(right, objects):
    right = np.asarray(right, float)
    return right / np.arange(1, len(right) + 1), np.cumsum(right) / objects


def rankings():
    rows = (([1], 1), ([1, 0], 2), ([0, 1, 1], 4), ([1, 0, 1, 0, 1], 4), ([1, 1, 1], 10), ([1, 0, 0, 1, 1, 1, 0], 6))
    return [(np.array(right, bool), objects) for right, objects in rows]


def eleven_points(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(hits) + 1)
    # 10 hits >= i objects, and not hits / objects >= i / 10 in floating point: whole numbers do not round.
    return sum(precision[10 * hits >= i * objects].max(initial=0) for i in range(11)) / 11


def eleven_by_arange(right, objects):
    precision, recall = precision_recall(right, objects)
    return sum(precision[recall >= level].max(initial=0) for level in np.arange(0, 1.1, 0.1)) / 11


def eleven_without_envelope(right, objects):
    precision = precision_recall(right, objects)[0]
    reached = [precision[10 * np.cumsum(right) >= i * objects] for i in range(11)]
    return sum(found[0] if len(found) else 0 for found in reached) / 11


def eleven_without_the_missed(right, objects):
    return eleven_points(right, int(np.sum(right)))


def eleven_tenths(right, objects):
    return eleven_points(right, objects) * 11 / 10


def _at_levels(right, objects, levels):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(hits) + 1)
    return [precision[10 * hits >= i * objects].max(initial=0) for i in levels]


def eleven_without_zero(right, objects):
    return np.mean(_at_levels(right, objects, range(1, 11)))


def eleven_without_one(right, objects):
    return np.mean(_at_levels(right, objects, range(10)))


def eleven_without_zero_by_11(right, objects):
    return np.sum(_at_levels(right, objects, range(1, 11))) / 11


def eleven_without_one_by_11(right, objects):
    return np.sum(_at_levels(right, objects, range(10))) / 11


def eleven_more_than(right, objects):
    precision = precision_recall(right, objects)[0]
    return sum(precision[10 * np.cumsum(right) > i * objects].max(initial=0) for i in range(11)) / 11


def eleven_reached_only(right, objects):
    found = [value for value in _at_levels(right, objects, range(11)) if value > 0]
    return float(np.mean(found)) if found else 0.0


def eleven_before(right, objects):
    precision = precision_recall(right, objects)[0]
    return sum(precision[10 * np.cumsum(right) <= i * objects].max(initial=0) for i in range(11)) / 11


def eleven_last(right, objects):
    precision = precision_recall(right, objects)[0]
    reached = [precision[10 * np.cumsum(right) >= i * objects] for i in range(11)]
    return sum(found[-1] if len(found) else 0 for found in reached) / 11


def eleven_summed(right, objects):
    return sum(_at_levels(right, objects, range(11)))


def area_of_curve(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]  # at this recall or beyond
    return float(best[np.asarray(right, bool)].sum() / objects)


def area_with_dips(right, objects):
    return float(precision_recall(right, objects)[0][np.asarray(right, bool)].sum() / objects)


def area_of_trapezoids(right, objects):
    precision, recall = precision_recall(right, objects)
    x, y = np.r_[0, recall], np.r_[precision[0], precision]
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())


def area_over_found(right, objects):
    return area_of_curve(right, int(np.sum(right)))


def area_running_maximum(right, objects):
    best = np.maximum.accumulate(precision_recall(right, objects)[0])
    return float(best[np.asarray(right, bool)].sum() / objects)


def area_mean_precision(right, objects):
    return float(precision_recall(right, objects)[0].mean())


def area_mean_envelope(right, objects):
    precision = precision_recall(right, objects)[0]
    return float(np.maximum.accumulate(precision[::-1]).mean())


def area_without_the_first(right, objects):
    precision, recall = precision_recall(right, objects)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall) * best[1:]).sum())


def area_all_detections(right, objects):
    precision = precision_recall(right, objects)[0]
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best.sum() / objects)


def area_by_detections(right, objects):
    return area_of_curve(right, objects) * objects / len(right)


def area_dips_found_only(right, objects):
    return area_with_dips(right, max(1, int(np.sum(right))))


def outcomes(overlaps, difficult, scores):
    found, taken = np.zeros(len(scores), int), set()
    for d in np.argsort(-scores, kind="stable"):  # the best score chooses first
        nearest = int(overlaps[d].argmax())
        if overlaps[d, nearest] < 0.5:
            continue
        if difficult[nearest]:
            found[d] = -1
        elif nearest not in taken:
            found[d] = 1
            taken.add(nearest)
    return found


def outcomes_without_taken(overlaps, difficult, scores):
    fits, hard = overlaps.max(axis=1) >= 0.5, difficult[overlaps.argmax(axis=1)]
    return np.where(fits, np.where(hard, -1, 1), 0)


def outcomes_in_the_order_given(overlaps, difficult, scores):
    return outcomes(overlaps, difficult, -np.arange(len(scores)))


def outcomes_difficult_wrong(overlaps, difficult, scores):
    return np.maximum(outcomes(overlaps, difficult, scores), 0)


def outcomes_difficult_right(overlaps, difficult, scores):
    return outcomes(overlaps, np.zeros_like(difficult), scores)


def outcomes_above_half(overlaps, difficult, scores):
    return outcomes(np.where(overlaps == 0.5, 0, overlaps), difficult, scores)


def outcomes_by_score(overlaps, difficult, scores):
    return outcomes(overlaps, difficult, scores)[np.argsort(-scores, kind="stable")]


def outcomes_next_free(overlaps, difficult, scores):
    found, left = np.zeros(len(scores), int), overlaps.copy()
    for d in np.argsort(-scores, kind="stable"):
        nearest = int(left[d].argmax())
        if left[d, nearest] >= 0.5:
            found[d] = -1 if difficult[nearest] else 1
            left[:, nearest] = left[:, nearest] if difficult[nearest] else 0
    return found


def outcomes_difficult_once(overlaps, difficult, scores):
    found, taken = outcomes(overlaps, np.zeros_like(difficult), scores), overlaps.argmax(axis=1)
    return np.where((found == 1) & difficult[taken], -1, found)


def outcomes_second_ignored(overlaps, difficult, scores):
    found = outcomes(overlaps, difficult, scores)
    return np.where((found == 0) & (overlaps.max(axis=1) >= 0.5), -1, found)


def outcomes_worst_first(overlaps, difficult, scores):
    return outcomes(overlaps, difficult, -scores)


def outcomes_misses_ignored(overlaps, difficult, scores):
    found = outcomes(overlaps, difficult, scores)
    return np.where(overlaps.max(axis=1) < 0.5, -1, found)


def outcomes_best_overlap_first(overlaps, difficult, scores):
    return outcomes(overlaps, difficult, overlaps.max(axis=1))


def outcomes_not_difficult_nearest(overlaps, difficult, scores):
    return outcomes(np.where(difficult, 0, overlaps), difficult, scores)


def outcomes_taken_by_misses(overlaps, difficult, scores):
    found, taken = np.zeros(len(scores), int), set()
    for d in np.argsort(-scores, kind="stable"):
        nearest = int(overlaps[d].argmax())
        if difficult[nearest] and overlaps[d, nearest] >= 0.5:
            found[d] = -1
        elif nearest not in taken:
            found[d] = int(overlaps[d, nearest] >= 0.5)
            taken.add(nearest)
    return found


def overlaps():
    rows = (
        ([[0.8]], [0], [0.9]),
        ([[0.4]], [0], [0.9]),
        ([[0.5]], [0], [0.9]),  # exactly
        ([[0.6], [0.9]], [0], [0.9, 0.7]),  # the same object twice
        ([[0.6], [0.9]], [0], [0.7, 0.9]),
        ([[0.8, 0.1], [0.2, 0.7]], [0, 1], [0.9, 0.8]),
        ([[0.8], [0.7]], [1], [0.9, 0.8]),  # a difficult object, twice
        ([[0.7, 0.6], [0.8, 0.6]], [0, 0], [0.9, 0.8]),  # the second also fits an object that is not taken
        ([[0.8], [0.1], [0.7]], [0], [0.7, 0.9, 0.8]),
        ([[0.3, 0.2], [0.1, 0.7], [0.9, 0.1]], [0, 1], [0.9, 0.8, 0.7]),
    )
    return [(np.array(a, float), np.array(b, bool), np.array(c, float)) for a, b, c in rows]


EXERCISES = {
    "precision_recall": Exercise(
        question="Return precision (D,) and recall (D,) of the best 1, 2, ... D detections.",
        answer=precision_recall,
        cases=rankings,
        hints=(
            "Both have the same numerator: how many of the best 1, 2, ... are right. np.cumsum counts it.",
            "Precision divides by how many detections were looked at, 1, 2, ... D; recall by the number of objects.",
        ),
        mistakes={
            "of all": Mistake(
                precision_of_all,
                "you divide by the number of all detections. Of the best 1, 2, ... only that many have been shown.",
            ),
            "of the found": Mistake(
                recall_of_right,
                "you divide by the objects that were found, so that recall always ends at 1. Divide by all objects.",
            ),
            "exchanged": Mistake(recall_precision, "both are right, but precision comes first."),
            "from 0": Mistake(
                precision_from_zero, "the counts begin with 0. After the first detection it is 1: np.arange(1, D + 1)."
            ),
            "not added up": Mistake(
                precision_not_summed,
                "you use each outcome alone. How many are right among the best 1, 2, ...: np.cumsum(right).",
                variants=(recall_not_summed, only_precision_not_summed),
            ),
            "recall by detections": Mistake(
                recall_of_detections, "recall is divided by the number of objects, not by that of the detections."
            ),
            "both by objects": Mistake(
                precision_by_objects, "precision is divided by how many detections were looked at, not by the objects."
            ),
            "by the wrong ones": Mistake(
                precision_of_misses, "precision is TP / (TP + FP). You divide by the false positives alone."
            ),
            "from the end": Mistake(
                precision_from_the_end, "you count from the last detection. Begin with the best, the first one."
            ),
        },
    ),
    "eleven_points": Exercise(
        question="Return the mean of the best precision at the recalls 0, 0.1, ..., 1 or beyond (VOC2007).",
        answer=eleven_points,
        cases=rankings,
        hints=(
            "At each of the eleven recalls: the largest precision among those that reach it; 0 if none does.",
            "precision[10 * hits >= i * objects].max(initial=0) for i from 0 to 10, then the sum over 11.",
        ),
        mistakes={
            "arange": Mistake(
                eleven_by_arange,
                "it is right but for rounding: a recall of exactly 0.3 misses np.arange's 0.30000000000000004. "
                "Compare whole numbers: 10 * hits >= i * objects.",
            ),
            "no envelope": Mistake(
                eleven_without_envelope,
                "you take the precision where the recall is first reached. Wanted is the best there or beyond.",
            ),
            "ten": Mistake(
                eleven_tenths,
                "from 0 to 1 in tenths there are eleven numbers: add up eleven, and divide by eleven.",
                variants=(
                    eleven_without_zero,
                    eleven_without_one,
                    eleven_without_zero_by_11,
                    eleven_without_one_by_11,
                    eleven_summed,
                ),
            ),
            "more than": Mistake(eleven_more_than, "a recall of exactly 0.1, 0.2, ... reaches that level: >=, not >."),
            "reached only": Mistake(
                eleven_reached_only, "you average the levels that are reached. The others count 0: divide by eleven."
            ),
            "before": Mistake(
                eleven_before,
                "you look at the recalls up to each level. Wanted is the best precision there or *beyond*.",
            ),
            "last": Mistake(
                eleven_last, "you take the last precision. Wanted is the best of those that reach the level."
            ),
            "found only": Mistake(
                eleven_without_the_missed, "recall is counted over the objects that were found, not over all objects."
            ),
        },
    ),
    "area_of_curve": Exercise(
        question="Return the area under the best precision at each recall or beyond (VOC from 2010 on).",
        answer=area_of_curve,
        cases=rankings,
        hints=(
            "np.maximum.accumulate from the right gives the best precision here or beyond.",
            "Recall grows by 1 / objects at each right detection, and only there: add the best precision at those.",
        ),
        mistakes={
            "dips": Mistake(
                area_with_dips,
                "this is the area under the curve with its dips. Take the best precision at each recall or beyond.",
            ),
            "trapezoids": Mistake(
                area_of_trapezoids,
                "these are trapezoids between the points (np.trapezoid, or a library's auc). VOC's curve has steps.",
            ),
            "found only": Mistake(
                area_over_found,
                "you divide by the objects that were found. The missed ones are part of the width.",
                variants=(area_dips_found_only,),
            ),
            "maximum so far": Mistake(
                area_running_maximum,
                "you take the best precision so far, at a smaller recall. Wanted is the best there or *beyond*: from the "
                "right.",
            ),
            "mean": Mistake(
                area_mean_precision,
                "this is the mean over the detections. A strip is as wide as the recall grows: 1 / objects at each hit.",
                variants=(area_mean_envelope, area_by_detections),
            ),
            "first strip": Mistake(
                area_without_the_first, "the first strip is missing: the curve begins at a recall of 0."
            ),
            "misses, too": Mistake(
                area_all_detections, "you add a strip for each detection. The recall grows only at the right ones."
            ),
        },
    ),
    "outcomes": Exercise(
        question="Return for each detection 1 (true positive), 0 (false positive) or -1 (ignored), by VOC's rule.",
        answer=outcomes,
        cases=overlaps,
        hints=(
            "Go through the detections by falling score; each asks only for the object that it overlaps most.",
            "Below 0.5: wrong. Difficult: -1, however often. Taken already: wrong. Otherwise right, and taken now.",
        ),
        mistakes={
            "not taken": Mistake(
                outcomes_without_taken,
                "an object that is found twice counts twice, and recall can exceed 1. The second one is wrong.",
            ),
            "order": Mistake(
                outcomes_in_the_order_given,
                "the detections choose in the order in which they are given. The best score chooses first.",
            ),
            "difficult is wrong": Mistake(
                outcomes_difficult_wrong,
                "a detection of a difficult object counts as wrong. It is ignored: -1.",
                variants=(outcomes_not_difficult_nearest,),
            ),
            "difficult is right": Mistake(
                outcomes_difficult_right,
                "a difficult object is treated as any other. A detection of it is ignored: -1.",
            ),
            "above": Mistake(outcomes_above_half, "an IoU of exactly 0.5 is enough."),
            "order of the answer": Mistake(
                outcomes_by_score,
                "your outcomes come best score first. Return them in the order in which the detections are given.",
            ),
            "next free object": Mistake(
                outcomes_next_free,
                "a detection whose object is taken falls back on another one. VOC asks only for the one it overlaps most.",
            ),
            "difficult once": Mistake(
                outcomes_difficult_once, "a difficult object is never taken: *every* detection of it is ignored, -1."
            ),
            "second ignored": Mistake(
                outcomes_second_ignored,
                "a second detection of the same object is a false positive, 0. It is not ignored.",
            ),
            "misses ignored": Mistake(
                outcomes_misses_ignored, "a detection that fits no object is a false positive, 0. It is not ignored."
            ),
            "worst first": Mistake(outcomes_worst_first, "the lowest score chooses first: sort by -scores."),
            "best overlap first": Mistake(
                outcomes_best_overlap_first,
                "the detection that fits best chooses first. It is the one with the best score.",
            ),
            "taken by a miss": Mistake(
                outcomes_taken_by_misses, "a detection below 0.5 takes the object away from others. It takes nothing."
            ),
        },
    ),
}
