"""Draw data/pictures/cells.png and cell.png: what data/bccd.npz finds on photographs that it was not trained on.

    python -m benchmarks.cells_picture --data data/bccd

Boxes are shown from the score on that the file of weights names for each class, as ``detect`` shows them. A box is
right if it has the class of an object and an IoU of 0.5 or more with it, as in the evaluation. The photographs are
those of BCCD's test split (MIT license) with the highest F1 of all that have every class and ten objects; the counts of
the whole split are printed beside them. Each file is kept below 250 KB.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from numpyssd.cli import command
from numpyssd.datasets.voc import VOCDataset
from numpyssd.drawing import draw_boxes, draw_image, new_figure, save_figure
from numpyssd.inference.detect import detect
from numpyssd.inference.detection_matching import TRUE_POSITIVE, match_detections
from numpyssd.weights import load_model

SHOWN, LEAST = 4, 10  # photographs in the figure, and objects that one of them has at least
COLORS = 100  # of the file: a quarter of the bytes
WIDTH = 4.3  # inches of a photograph


def found_in(model, sample):
    """Return boxes (D, 4) in pixels, names, scores, whether each is right (D,), and how many objects there are."""
    thresholds = np.array(model.score_thresholds if model.score_thresholds is not None else [0.5])
    boxes, labels, scores = next(detect(model, [sample.image], score_threshold=float(thresholds.min())))
    limits = np.broadcast_to(thresholds, len(model.class_names))[labels - 1]
    boxes, labels, scores = boxes[scores > limits], labels[scores > limits], scores[scores > limits]
    truth = sample.boxes, sample.labels, sample.difficult
    right = match_detections(boxes, labels, scores, *truth, [0.5])[0] == TRUE_POSITIVE
    return boxes, [model.class_names[label - 1] for label in labels], scores, right, len(sample.boxes)


def counts(right, objects):
    """Return how many boxes are right and how many are not, and how many objects are missed."""
    return int(right.sum()), int((~right).sum()), objects - int(right.sum())


def f1(right, wrong, missed):
    """Return F1 of three counts."""
    return 2 * right / max(1, 2 * right + wrong + missed)


def draw_photograph(ax, sample, found, truth=True):
    """Draw one photograph with what was found in it and, if ``truth``, its objects."""
    boxes, names, scores, _, _ = found
    draw_image(ax, sample.image)
    if truth:
        draw_boxes(ax, sample.boxes, "ground truth", linewidth=1.1)
    draw_boxes(ax, boxes, "prediction", [f"{name} {score:.2f}" for name, score in zip(names, scores)], linewidth=1.5)


def keep_small(path):
    """Write a PNG again in few colors; return its size in bytes."""
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    return path.stat().st_size


def main(argv=None):
    """Draw both files and say what is right in them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="BCCD in VOC layout")
    parser.add_argument("--weights", default="data/bccd.npz")
    parser.add_argument("--out", type=Path, default=Path("data/pictures"), help="a folder")
    options = parser.parse_args(argv)
    model, test = load_model(options.weights), VOCDataset(options.data, "test", bad_data="skip")
    found = [found_in(model, test[i]) for i in range(len(test))]
    all_counts = [counts(*each[3:]) for each in found]
    right, wrong, missed = np.sum(all_counts, axis=0).tolist()
    print(f"all {len(test)} photographs: {right} boxes are right, {wrong} are not, {missed} objects are missed")
    whole = [
        i for i in range(len(test))
        if len(test.annotation(i).boxes) >= LEAST and len(set(test.annotation(i).labels)) == len(model.class_names)
    ]  # fmt: skip
    shown = sorted(whole, key=lambda i: -f1(*all_counts[i]))[:SHOWN]
    figure, axes = new_figure(2, 2, size=(2 * WIDTH, 2 * WIDTH * 0.82))
    for ax, i in zip(axes, shown):
        right, wrong, missed = all_counts[i]
        draw_photograph(ax, test[i], found[i])
        ax.set_title(f"boxes: {right} right, {wrong} not; objects missed: {missed}", fontsize=9)
        print(f"{test.image_name(i)}: {right} boxes are right, {wrong} are not, {missed} objects are missed")
    save_figure(figure, options.out / "cells.png")
    figure, ax = new_figure(size=(5.6, 4.2))
    draw_photograph(ax, test[shown[0]], found[shown[0]], truth=False)
    save_figure(figure, options.out / "cell.png")
    for name in ("cells.png", "cell.png"):
        print(f"{options.out / name}: {keep_small(options.out / name) / 1e3:.0f} kB")


if __name__ == "__main__":
    command.run(main)
