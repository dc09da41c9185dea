"""What pre-labeling saves, by simulation on BCCD: label some by hand, train, and only correct what is found elsewhere.

    python -m benchmarks.prelabeling --data BCCD [--by-hand 30] [--iterations 1360] [--seed 0]

The annotations stand for the person. In the images not yet labeled, each object without a box needs one drawn; a box
on no object is deleted; a box whose IoU with its object is below 0.8 is drawn again; one of the wrong class is renamed,
however well it fits;
each box that is right takes a look. A round corrects its images, and the next one is trained on all of them.

Seconds for each: drawing a box 7.0 (Papadopoulos et al., 2017, "Extreme clicking": 7.0 s a box, and 34.5 s in the way
of ImageNet), a look 1.6 (Papadopoulos et al., 2016, "We don't need no bounding-boxes": 1.6 s a box). Renaming and
deleting are taken as 3 s; nobody measured them here. The counts are what was obtained; the hours are this model's.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from benchmarks.machine import describe
from benchmarks.small_sets import MIN_VALIDATION, part_of, shuffled, trained
from numpyssd.boxes import iou
from numpyssd.cli import command
from numpyssd.datasets.voc import VOCDataset

SECONDS = {"drawn": 7.0, "drawn again": 7.0, "renamed": 3.0, "deleted": 3.0, "right": 1.6}
FOUND, GOOD = 0.5, 0.8  # IoU from which a box is of an object, and from which nobody draws it again


def corrections(boxes, labels, true_boxes, true_labels):
    """Return how many boxes of one image need what: {"drawn": 2, ...}. Each object takes its best box left."""
    counts = dict.fromkeys(SECONDS, 0)
    overlaps = iou(true_boxes, boxes)  # (objects, boxes)
    while overlaps.size and overlaps.max() >= FOUND:
        i, j = np.unravel_index(overlaps.argmax(), overlaps.shape)
        same = labels[j] == true_labels[i]
        counts["renamed" if not same else "right" if overlaps[i, j] >= GOOD else "drawn again"] += 1
        overlaps[i], overlaps[:, j] = -1, -1
        counts["drawn"] -= 1
        counts["deleted"] -= 1
    counts["drawn"] += len(true_boxes)
    counts["deleted"] += len(boxes)
    return counts


def trained_on(labeled, seed, iterations, weights=None):
    """Return a detector trained on a data set, of which a fifth of the images, at random, choose the best weights."""
    order, count = shuffled(labeled, seed), max(MIN_VALIDATION, len(labeled) // 5)
    variant = {"weights": weights} if weights else {}
    return trained(variant, part_of(labeled, order[count:]), part_of(labeled, order[:count]), seed, iterations)[0]


def corrected(detector, dataset, score):
    """Return the counts of all images of a data set together."""
    total = dict.fromkeys(SECONDS, 0)
    images = (dataset[i].image for i in range(len(dataset)))
    for i, (boxes, labels, _) in enumerate(detector.detect(images, score_threshold=score)):
        for name, count in corrections(boxes, labels, *dataset.annotation(i)[:2]).items():
            total[name] += count
    return total


def hours(counts):
    """Return the hours that a person needs for these counts."""
    return sum(SECONDS[name] * count for name, count in counts.items()) / 3600


def main(argv=None):
    """Simulate two rounds and print what each needed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="BCCD in VOC layout")
    parser.add_argument("--by-hand", type=int, default=30, help="images labeled before anything is trained")
    parser.add_argument("--iterations", type=int, default=1360, help="of each training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--score", type=float, default=0.5)
    parser.add_argument("--weights", help="each training starts from these")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/prelabeling.json"))
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    command.apply_machine_options(options).warm_up()
    every = VOCDataset(options.data, "train", bad_data="skip")
    order = shuffled(every, options.seed)
    first, second = options.by_hand, options.by_hand + (len(every) - options.by_hand) // 3
    objects = [len(every.annotation(i).boxes) for i in range(len(every))]
    steps = [("by hand", {"drawn": int(sum(objects[i] for i in order[:first]))})]
    for begin, end in ((first, second), (second, len(every))):
        detector = trained_on(part_of(every, order[:begin]), options.seed, options.iterations, options.weights)
        counts = corrected(detector, part_of(every, order[begin:end]), options.score)
        steps.append((f"{end - begin} images after training on {begin}", counts))
        print(steps[-1], flush=True)
    alone = hours({"drawn": sum(objects)})
    together = sum(hours(counts) for _, counts in steps)
    result = {"steps": steps, "hours": together, "hours by hand": alone, "saved": 1 - together / alone}
    result |= {
        "by hand": options.by_hand,
        "iterations": options.iterations,
        "seed": options.seed,
        "score": options.score,
    }
    options.out.write_text(json.dumps(result | {"machine": describe()}, indent=1))
    print(f"{together:.1f} hours instead of {alone:.1f}: {result['saved']:.0%} saved")


if __name__ == "__main__":
    command.run(main)
