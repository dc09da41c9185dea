"""What the differences between the paper, Caffe and other projects amount to, on the images of a data set.

    python -m benchmarks.differences
    python -m benchmarks.differences --data VOC_ROOT [--weights best.npz]

Prints one line for each figure of lessons/paper_caffe_others.md, with the number that the difference has there. Nothing
is trained, and no other framework is needed. Default boxes, matching and crops are measured on the training split;
mining, detection and evaluation on the test split, with the outputs of a network: of --weights, of "tiny" for
the built-in set, or else of a simulated one (see differences_detection).
"""

import argparse
import time
from dataclasses import replace

import numpy as np

from benchmarks import differences_detection
from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.cli import command
from numpyssd.config import SSD300, SSD512, TINY
from numpyssd.datasets.analysis.coverage import all_objects, coverage
from numpyssd.model.box_coding import VARIANCES
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.model.summary import summary
from numpyssd.pictures.default_box_differences import difference, rules
from numpyssd.training.augmentation.crop_samplers import MIN_IOUS, crop_candidates
from numpyssd.training.augmentation.photometric import distort
from numpyssd.training.augmentation.pipeline import augment
from numpyssd.training.augmentation.resampling import INTERPOLATIONS, resample
from numpyssd.training.matching import match, targets
from numpyssd.training.matching_variants import RULES

IMAGES = 60  # of those whose pixels are looked at
BATCH = 32


def rules_of_default_boxes(objects, config):
    """Yield how many default boxes each rule moves, and which fraction of the objects they still reach."""
    numbers = {"Caffe": 1, "the paper's scales": 1, "fractions of pixels": 2, "centers by cell": 3}
    for name, other in {"Caffe": config, **rules(config)}.items():
        d = difference(config, other)
        reached = (coverage(objects.boxes, other).feature_map >= 0).mean()
        text = f"{config.name}, {name}: {d.moved.sum()} of {len(d.moved)} boxes move, centers by up to "
        text += f"{d.center.max():.1f} px, sides by {d.side.max():.1f}; IoU {d.iou.mean():.3f}, least {d.iou.min():.3f}"
        yield numbers.get(name, 4), f"{text}; reach {reached:.2%} of {len(objects.boxes)} objects"
    d = difference(SSD512, replace(SSD512, whole_pixels=False))
    yield 2, f"ssd512, fractions of pixels: {d.moved.sum()} of {len(d.moved)} boxes move, least IoU {d.iou.min():.3f}"


def matches(objects, config):
    """Yield what each rule of matching does, what the variances do, and how the positives are spread over images."""
    defaults = default_boxes(config)
    corners = cxcywh_to_xyxy(defaults)
    band, untouched, positives, loc = 0, 0, [], []
    by_image = [(objects.boxes[objects.images == n], objects.labels[objects.images == n]) for n in set(objects.images)]
    for boxes, labels in by_image:
        overlaps = iou(boxes, corners)  # (M, K)
        untouched += (overlaps.max(axis=1) <= 1e-6).sum()
        offsets, conf = targets(boxes, labels, defaults)
        band += ((conf == 0) & (overlaps.max(axis=0) >= 0.3)).sum()
        loc.append(offsets[conf > 0])
        positives.append(int((conf > 0).sum()))
    loc, positives = np.concatenate(loc), np.array(positives)
    plain = loc * np.repeat(VARIANCES, 2)
    yield 5, f"targets spread by {loc.std(axis=0).round(2)}, without the variances by {plain.std(axis=0).round(2)}"
    yield (
        6,
        f"{band / len(by_image):.0f} boxes an image have IoU 0.3 to 0.5 and no object; {positives.mean():.0f} have one",
    )
    yield 7, f"{untouched} of {len(objects.boxes)} objects overlap no default box by more than 1e-6"
    for zoom in (1, 2, 4):
        without = dict.fromkeys(RULES, 0)
        for boxes, _ in by_image:
            for rule in RULES:
                matched = match(boxes / zoom, defaults, rule=rule)
                without[rule] += len(boxes) - len(np.unique(matched[matched >= 0]))
        counts = ", ".join(f"{rule} {count}" for rule, count in without.items())
        yield 29, f"zoomed out {zoom} times, of {len(objects.boxes)} objects have no default box: {counts}"
    ratios = [batch.max() / max(1, batch.min()) for batch in cut(positives, BATCH)]
    gpus = [np.array([part.sum() for part in np.array_split(batch, 4)]) for batch in cut(positives, BATCH)]
    spread = np.mean([parts.max() / max(1, parts.min()) for parts in gpus])
    low, high = positives.min(), positives.max()
    yield (
        8,
        (
            f"{low} to {high} positives an image; divided image by image, a positive of one image weighs up to "
            f"{np.mean(ratios):.1f} times one of another in a batch of {BATCH}; by 4 GPUs {spread:.2f} times"
        ),
    )


def cut(array, size):
    """Return an array in parts of one size, without what is left over; itself if it is shorter."""
    return [array[i : i + size] for i in range(0, max(1, len(array) - size + 1), size)]


def samples(dataset, config, rng):
    """Yield what crops and colors do to the images."""
    scenes = [dataset[i] for i in range(min(IMAGES, len(dataset)))]
    empty = sum(not len(augment(*scene[:3], config.image_size, rng)[1]) for scene in scenes * 5)
    yield 9, f"{empty} of {5 * len(scenes)} augmented samples have no object; of the images {count_empty(scenes)}"
    for min_iou_rule in ("any", "all"):
        found, left = np.zeros(len(MIN_IOUS)), []
        for image, boxes, *_ in scenes * 3:
            crops, succeeded = crop_candidates(whole(image), boxes, rng, min_iou_rule=min_iou_rule)
            found += succeeded[1:-1]
            left.append(np.mean([inside(crop, boxes) for crop in crops[succeeded]]))
        fractions = ", ".join(f"{m} {f / len(left):.0%}" for m, f in zip(MIN_IOUS, found))
        who = "any one object has" if min_iou_rule == "any" else "all objects have"
        yield 31, f"crops found where {who} the IoU: {fractions}; {np.mean(left):.0%} of the objects stay in one"
    areas, best = [], []
    for image, boxes, *_ in scenes * 3:
        for crop in crop_candidates(whole(image), boxes, rng, min_ious=(0.0,) * 5)[0][1:]:  # no sampler wants anything
            areas.append((crop[2:] - crop[:2]).prod() / (image.shape[0] * image.shape[1]))
            best.append(iou(crop[None], boxes).max(initial=0))
    yield 31, f"crops that want no IoU: {np.mean(np.array(best) < 0.1):.0%} have less than 0.1 with every object"
    yield (
        22,
        f"areas of crops from {min(areas):.3f} to {max(areas):.2f}; {np.mean(np.array(areas) < 0.1):.2%} under 0.1",
    )
    images = [scene[0] for scene in scenes]
    for amount in (18, 36):
        change = levels(images, lambda image, amount=amount: distort(image, hue=amount))
        yield 21, f"hue shifted by {amount} degrees: {change:.1f} levels of 255"
    yield 21, f"red and blue exchanged: {levels(images, lambda x: x[:, :, ::-1]):.1f} levels of 255"
    for method in INTERPOLATIONS[1:]:
        gap = np.mean([np.abs(warp(x, config, method) - warp(x, config, INTERPOLATIONS[0])).mean() for x in images])
        yield 23, f"{method.name.lower()} for bilinear: {gap:.2f} levels of 255"


def warp(image, config, method):
    """Return an image at the network's size, int64."""
    return resample(image, whole(image), config.image_size, method)[0].astype(int)


def whole(image):
    """Return the view (4,) of a whole image."""
    return np.array([0.0, 0, image.shape[1], image.shape[0]])


def levels(images, change):
    """Return how many levels of 255 a change makes on average."""
    return np.mean([np.abs(change(image).astype(int) - image).mean() for image in images])


def inside(crop, boxes):
    """Return which fraction of the boxes has its center in the crop."""
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    return ((centers >= crop[:2]) & (centers <= crop[2:])).all(axis=1).mean() if len(boxes) else 1.0


def count_empty(scenes):
    """Return how many scenes have no object."""
    return sum(not len(boxes) for _, boxes, *_ in scenes)


def network():
    """Yield what the first weights and the dilation of SSD300 are under the other rules."""
    shapes = {name: p.value.shape for name, p in SSD(SSD300).parameters().items() if p.value.ndim == 4}
    new = {n: s for n, s in shapes.items() if n.startswith(("loc", "conf", "conv8", "conv9", "conv10", "conv11"))}
    ratios = {name: (2 * s[2] / (s[2] + s[3])) ** 0.5 for name, s in new.items()}  # the kernel's size cancels
    low, high = min(ratios, key=ratios.get), max(ratios, key=ratios.get)
    yield 11, f"first weights by fan-in and fan-out are {ratios[low]:.2f} ({low}) to {ratios[high]:.2f} ({high}) times"
    yield 12, f"decay alone would leave {(1 - 5e-4 * 1e-3 / (1 - 0.9)) ** 80_000:.2f} of the scale after 80,000 steps"
    fields = [
        next(row.receptive_field for row in summary(c) if row.layer == "conv7")
        for c in (
            replace(SSD300, width=1 / 16, conv6_dilation=dilation) for dilation in (6, 1)
        )  # thin: the same fields
    ]
    yield 13, f"conv7 sees {fields[0]} px of the image; with a dilation of 1 it would be {fields[1]}"


def main(argv=None):
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.differences", description=__doc__.splitlines()[0],
        epilog="example: python -m benchmarks.differences --data data/VOC2007 --split trainval",
    )  # fmt: skip
    parser.add_argument("--data", metavar="VOC_ROOT", help="a data set in VOC's layout (default: the built-in set)")
    parser.add_argument("--split", default="train", help="for default boxes, matching and crops (default: %(default)s)")
    parser.add_argument("--test-split", default="test", help="for mining and detection (default: %(default)s)")
    parser.add_argument("--weights", metavar="FILE", help="a network to detect with (default: see above)")
    parser.add_argument("--images", type=int, default=200, help="at most so many of each split (default: %(default)s)")
    options = parser.parse_args(argv)
    started, rng = time.monotonic(), np.random.default_rng(0)
    if options.data:
        from numpyssd.datasets.voc import VOCDataset

        train = VOCDataset(options.data, options.split, bad_data="skip")
        test, config = VOCDataset(options.data, options.test_split, train.class_names, "skip"), SSD300
    else:
        from numpyssd.datasets.shapes import ShapesDataset

        train, test = ShapesDataset(options.images), ShapesDataset(options.images, split="test")
        config = TINY
        options.weights = options.weights or "tiny"
    train, test = First(train, options.images), First(test, options.images)
    objects = all_objects(train)
    rows = [
        *rules_of_default_boxes(objects, config), *matches(objects, config), *network(), *samples(train, config, rng),
        *differences_detection.rows(test, config, options.weights),
    ]  # fmt: skip
    where = f"{len(train)} training and {len(test)} test images of {options.data or 'the built-in set'}"
    print(f"{where}, default boxes of {config.name}, network: {options.weights or 'simulated'}")
    for number, text in sorted(rows, key=lambda row: row[0]):
        print(f"{number:>3}  {text}")
    print(f"in {time.monotonic() - started:.0f} s")


class First:
    """The first images of a data set."""

    def __init__(self, dataset, count):
        self.dataset, self.count, self.class_names = dataset, min(count, len(dataset)), dataset.class_names

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        return self.dataset[range(self.count)[i]]

    def annotation(self, i):
        """Return what the data set has of image i without its pixels."""
        return self.dataset.annotation(i)

    def image_size(self, i):
        """Return (width, height)."""
        return self.dataset.image_size(i)


if __name__ == "__main__":
    command.run(main)
