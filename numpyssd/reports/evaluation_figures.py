"""What ``evaluate --out`` writes: the result as JSON, and three pictures that say what to do about it."""

import json
import os

import numpy as np

from numpyssd.drawing import COLORS, new_figure, save_figure
from numpyssd.errors import InputError
from numpyssd.inference.error_costs import draw_gains
from numpyssd.inference.error_split import draw_error_split
from numpyssd.inference.precision_recall import envelope
from numpyssd.reports.failure_cases import draw_worst, worst


def write_evaluation(out, answer, result, split, gain, detections, ground_truth, dataset):
    """Write evaluation.json, pr_curves.png, errors.png and worst.png into the folder ``out``; return their paths.

    answer: the dictionary for JSON. result: an AveragePrecision, split: an ErrorSplit, gain: what ``mending.gains``
    says of the same detections and ground truth. Raises InputError if something can't be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        temporary = out / "evaluation.json.tmp"
        temporary.write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")
        os.replace(temporary, out / "evaluation.json")
        save_figure(precision_recall_figure(result, split.score_threshold), out / "pr_curves.png")
        save_figure(errors_figure(split, gain), out / "errors.png")
        mistakes = worst(split, detections, ground_truth, dataset.class_names)
        save_figure(worst_figure(mistakes, dataset, split.score_threshold), out / "worst.png")
    except OSError as reason:
        text = f"{reason.filename or out} cannot be written ({reason.strerror}); choose another --out"
        raise InputError(text) from None
    return [out / name for name in ("evaluation.json", "pr_curves.png", "errors.png", "worst.png")]


def precision_recall_figure(result, score_threshold=0.5):
    """Return a figure of the curves of all classes, a panel each."""
    names = list(result.curves)
    most, wide = next(row[1:] for row in ((4, 4, 3.6), (20, 5, 2.4), (np.inf, 10, 1.8)) if len(names) <= row[0])
    columns = min(max(1, len(names)), most)
    rows = max(1, -(-len(names) // columns))
    figure, axes = new_figure(rows, columns, (max(6, wide * columns), wide * rows + 0.8))
    axes = np.atleast_1d(axes)
    for i, (ax, name) in enumerate(zip(axes, names)):
        draw_precision_recall(ax, result, name, score_threshold)
        ax.tick_params(labelleft=i % columns == 0, labelbottom=i + columns >= len(names))
    for ax in axes[len(names) :]:
        ax.set_axis_off()
    if names:
        figure.supxlabel("recall: share of the objects found", fontsize=10)
        figure.supylabel("precision: share of the boxes that are right", fontsize=10)
    text = f"mAP {result.mean:.3f} ({result.metric}); the dot is the score {score_threshold:g}"
    text += "; the curves are those at an IoU of 0.50" if result.metric == "coco" else ""
    figure.suptitle(text if names else "no class has an object that counts", fontsize=11)
    return figure


def draw_precision_recall(ax, result, name, score_threshold=0.5):
    """Draw the curve of one class, its envelope filled, with a dot where the score passes a threshold."""
    (recall, precision, scores), count = result.curves[name], result.objects[name]
    edges, heights = np.r_[0, recall], np.r_[precision.max(initial=0.0), envelope(precision)]
    ax.fill_between(edges, heights, step="pre", color=COLORS["prediction"], alpha=0.3, lw=0)
    ax.plot(recall, precision, color="black", linewidth=1)
    shown = int((scores >= score_threshold).sum())
    if shown:
        ax.plot(recall[shown - 1], precision[shown - 1], "o", color=COLORS["positive"], markersize=7)
    ax.set(xlim=(0, 1.02), ylim=(0, 1.04))
    ax.grid(alpha=0.3)
    objects = "1 object" if count == 1 else f"{count} objects"
    ax.set_title(f"{name}: {result.per_class[name]:.3f}\n{objects}", fontsize=9, parse_math=False)


def errors_figure(split, gain):
    """Return a figure of the mistakes of each class and of what each kind costs."""
    figure, axes = new_figure(1, 2, (13, max(3.6, 1.6 + 0.45 * len(split.per_class))))
    draw_error_split(axes[0], split)
    draw_gains(axes[1], gain)
    axes[1].set_ylim(max(len(gain), len(split.per_class)) - 0.4, -0.6)  # bars as thick as those beside them
    return figure


def worst_figure(mistakes, dataset, score_threshold, columns=5):
    """Return a figure of mistakes, five in a row."""
    rows = max(1, -(-len(mistakes) // columns))
    figure, axes = new_figure(rows, columns, (12, 2.9 * rows + 0.6))
    draw_worst(axes, mistakes, dataset)
    text = f"The worst: wrong boxes with a score of {score_threshold:g} or more, and objects not found"
    legend = "orange: what was detected (dashed: another box of that object), green: the annotation"
    figure.suptitle(f"{text}\n{legend}" if mistakes else f"No mistake at a score of {score_threshold:g} or more")
    return figure
