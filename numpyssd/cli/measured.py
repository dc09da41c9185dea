"""A Measurement for a person and for a program: as a table, and as a dictionary for JSON."""

import math

from numpyssd.console import counted, printable
from numpyssd.inference.checks import score_in_words
from numpyssd.inference.evaluation.bootstrap import FEW_IMAGES
from numpyssd.inference.evaluation.measurement import Measurement


def in_json(measured: Measurement, images: int, split: str, metric: str) -> dict:
    """Return the result as a dictionary; the first four keys are an interface.

    "score" is None where each class has its own, which "scores" holds by name.
    """
    result, threshold = measured.result, measured.score_threshold
    answer = {"metric": metric, "mAP": result.mean, "per_class": result.per_class, "images": images}
    answer |= {"left_out": list(result.left_out), "split": split}
    one = not isinstance(threshold, tuple)
    answer |= {"score": threshold if one else None, "errors": measured.split.total}
    answer["scores"] = dict.fromkeys(measured.class_names, threshold) if one else dict(_by_name(measured))
    if measured.intervals:
        answer["interval"] = list(measured.intervals.mean)
        answer["per_class_interval"] = {name: list(pair) for name, pair in measured.intervals.per_class.items()}
        answer["resamples"] = measured.intervals.resamples
    best = measured.best
    answer["best_scores"] = {name: found._asdict() for name, found in best.items()} if best else None
    return answer | ({"coco": measured.coco.numbers} if measured.coco else {})


def _by_name(measured):
    return zip(measured.class_names, measured.score_threshold)


def in_words(measured: Measurement, images: int, metric: str) -> str:
    """Return the result as text: a table of classes, COCO's numbers, the types of errors, the interval and the mean."""
    return "\n".join([
        *table(measured),
        *([measured.coco.summary()] if measured.coco else []),
        errors_in_words(measured),
        *interval_in_words(measured),
        f"mAP {measured.result.mean:.3f} ({metric}) on {counted(images, 'image')}",
    ])  # fmt: skip


def errors_in_words(measured: Measurement) -> str:
    """Return a sentence on what is found, and on how many errors of each type there are, with the name of the type."""
    total, score = measured.split.total, score_in_words(measured.score_threshold)
    return (
        f"with {score} {total['correct']} of {counted(total['objects'], 'object')} are found and {total['missed']} "
        f"missed altogether (missed); wrong boxes: {total['localization']} fitting their object badly (localization), "
        f"{total['classification']} on an object of another class (classification), {total['both']} beside one of "
        f"another class (both), {total['duplicate']} on an object found already (duplicate), {total['background']} "
        "where nothing is (background)"
    )


def table(measured: Measurement) -> list[str]:
    """Return the lines of the table of classes: that of the AP, with the intervals and the best scores beside it."""
    head, *rows = measured.result.summary().splitlines()
    names = list(measured.result.per_class)
    cells = [[], *[[] for _ in rows]]
    if measured.intervals:
        pairs = [measured.intervals.per_class[name] for name in names] + [measured.intervals.mean]
        cells[0].append("95 % interval")
        for row, (low, high) in zip(cells[1:], pairs):
            row.append("–" if math.isnan(low) else f"{low:.3f} to {high:.3f}")
    if measured.best:
        cells[0] += ["best score", "precision", "recall", "F1"]
        for row, name in zip(cells[1:], names):
            found = measured.best[name]
            row += ["–" if math.isnan(n) else f"{n:.2f}" for n in (found.score, *found[1:4])]
    widths = [max(len(row[c]) for row in cells if len(row) > c) for c in range(len(cells[0]))]
    lines = zip([head, *rows], cells)
    return ["  ".join([line, *(cell.rjust(width) for cell, width in zip(row, widths))]).rstrip() for line, row in lines]


def interval_in_words(measured: Measurement) -> list[str]:
    """Return a line on how sure the mean is, if that is known, in a list."""
    found = measured.intervals
    if found is None or math.isnan(found.mean[0]):
        return []
    low, high = found.mean
    few = f"; the interval of so few images (fewer than {FEW_IMAGES}) means little" * (found.images < FEW_IMAGES)
    return [
        f"how sure is the mAP? on other images of the kind {low:.3f} to {high:.3f} (95 % interval, bootstrap of "
        f"{counted(found.images, 'image')}){few}"
    ]


def scores_in_words(measured: Measurement, split: str) -> str:
    """Return a line on the best score of each class, or on why there is none."""
    if not measured.best:
        return f"too few objects in {split} to find the best score of each class; detect shows boxes over 0.5"
    scores = ", ".join(f"{printable(name)} {found.score:.2f}" for name, found in measured.best.items())
    return f"the best score of each class (F1 on {split}): {scores}"


def without_nan(value):
    """Return a value with None for each NaN, because JSON has none: a mean over no class is null."""
    if isinstance(value, dict):
        return {name: without_nan(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
