"""The figures of ``explore --data``: the images of a data set, their objects, and what training makes of them."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.config import Config
from numpyssd.console import counted
from numpyssd.datasets.analysis.summary import draw_summary
from numpyssd.drawing import draw_boxes, draw_image, legend, new_figure
from numpyssd.images.preprocess import normalize, resize
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.reports.explain import plain
from numpyssd.softmax import log_softmax
from numpyssd.training.augmentation.pipeline import draw_augmentation
from numpyssd.training.hard_negative_mining import draw_mining, hard_negatives
from numpyssd.training.matching import draw_matching, targets

MAX_NEGATIVES = 25  # drawn, the hardest ones


def data_figures(dataset, config: Config, model: SSD | None = None) -> Iterator[tuple]:
    """Yield (file name, what it shows, figure) for each figure of a data set and a network of this config.

    model: the network whose hard negatives are drawn; without one, an untrained network.
    """
    yield "images.png", "images and their objects", contact_sheet(dataset)
    figure, axes = new_figure(1, 2, (12, 5.4))
    draw_summary(axes, dataset, config)
    yield "sizes.png", "sizes of the objects, and how well the default boxes cover them", figure
    chosen = typical_image(dataset)
    if chosen is None:  # no object, and so nothing to match
        return
    image, boxes, labels, _ = dataset[chosen]
    side = config.image_size
    height, width = image.shape[:2]
    square = np.rint(resize(image, side, config.resize)).astype(np.uint8)  # as the network sees it
    unit_boxes = boxes / np.array([width, height, width, height], np.float32)
    figure = matching_figure(square, unit_boxes * side, config)
    yield "matches.png", "default boxes matched to some objects of one image", figure
    figure, ax = new_figure(1, 1, (13, 5))
    draw_augmentation(ax, image, boxes, labels)
    yield "augmentation.png", "what training makes of one image", figure
    figure = negatives_figure(square, unit_boxes, labels, config, model)
    whose = "these weights" if model else "an untrained network (give --weights to see those of a trained one)"
    yield "negatives.png", f"hard negatives of one image, chosen by {whose}", figure


def contact_sheet(dataset, rows=3, columns=4):
    """Return a figure of images at equal distances in a data set, with their objects."""
    count = min(len(dataset), rows * columns)
    chosen = np.linspace(0, len(dataset) - 1, count).round().astype(int)
    scenes = [dataset[i] for i in chosen]
    columns, rows = min(count, columns), -(-count // columns)
    tallness = min(2.0, float(np.median([image.shape[0] / image.shape[1] for image, *_ in scenes])))
    figure, axes = new_figure(rows, columns, (3.5 * columns, (3.5 * tallness + 0.3) * rows + 0.4))
    axes = np.atleast_1d(axes)
    for ax in axes:
        ax.set_axis_off()
    for ax, i, (image, boxes, labels, difficult) in zip(axes, chosen, scenes):
        draw_image(ax, image)
        names = [dataset.class_names[label - 1] for label in labels]
        names = [f"{name} (difficult)" if hard else name for name, hard in zip(names, difficult)]
        room_for_names = sum(map(len, names)) <= 70
        draw_boxes(ax, boxes, "ground truth", names if room_for_names else None)
        ax.set_title(f"{plain(dataset.image_name(i))}: {counted(len(boxes), 'object')}", fontsize=9)
    figure.suptitle(f"{count} of {len(dataset)} images with their ground truth")
    return figure


def typical_image(dataset):
    """Return the index of an image with the median number of objects, or None if no image has any."""
    counts = np.array([len(dataset.annotation(i).boxes) for i in range(len(dataset))])
    order = np.argsort(counts, kind="stable")
    order = order[counts[order] > 0]
    return int(order[len(order) // 2]) if len(order) else None


def matching_figure(image, boxes, config: Config, panels=3):
    """Return a figure of the default boxes matched to the smallest, the median and the largest object of an image.

    image: (S, S, 3); boxes: (M, 4) xyxy in its pixels.
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    order = np.argsort(sides[:, 0] * sides[:, 1], kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, panels).round().astype(int))]
    figure, axes = new_figure(1, len(chosen), (5.6 * len(chosen), 5))
    for ax, m in zip(np.atleast_1d(axes), chosen):
        draw_matching(ax, image, boxes, default_boxes(config), m)
    return figure


def negatives_figure(image, unit_boxes, labels, config: Config, model: SSD | None = None):
    """Return a figure of the hard negatives of an image (S, S, 3) with boxes (M, 4) xyxy in [0, 1]."""
    network = model or SSD(replace(config, num_classes=max(2, int(labels.max()) + 1)))
    defaults = default_boxes(config)
    _, conf_targets = targets(unit_boxes, labels, defaults)
    _, conf = network.infer(normalize(image[None], config))
    loss, positive = -log_softmax(conf[0])[:, 0], conf_targets > 0  # (K,) each
    negative = np.flatnonzero(hard_negatives(loss[None], positive[None])[0])
    hardest = negative[np.argsort(-loss[negative], kind="stable")][:MAX_NEGATIVES]

    figure, (left, right) = new_figure(1, 2, (13, 6))
    draw_image(left, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    corners = cxcywh_to_xyxy(defaults) * len(image)
    draw_boxes(left, corners[positive], "positive", linewidth=0.8, alpha=0.6)
    draw_boxes(left, corners[hardest], "negative")
    draw_boxes(left, unit_boxes * len(image), "ground truth")
    legend(left, "ground truth", "positive", "negative", loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=3)
    whose = "of an untrained network" if model is None else "of these weights"
    title = f"{positive.sum()} positives, and the {len(hardest)} hardest of {len(negative)} negatives {whose}"
    left.set_title(title, fontsize=11)
    draw_mining(right, loss, positive)
    return figure
