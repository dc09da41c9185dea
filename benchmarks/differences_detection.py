"""The part of benchmarks.differences that needs the outputs of a network: mining, detection and evaluation."""

from dataclasses import replace

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.images.preprocess import preprocess, resize
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.postprocess import postprocess
from numpyssd.model.box_coding import encode
from numpyssd.model.default_boxes import default_boxes
from numpyssd.softmax import log_softmax, softmax
from numpyssd.training.hard_negative_mining import hard_negatives
from numpyssd.training.matching import targets

BATCH = 8


def rows(dataset, config, weights=None):
    """Yield (number, figure) of everything that is measured on the outputs of a network."""
    scenes = [dataset[i] for i in range(len(dataset))]
    model = None
    if weights:
        from numpyssd.weights import load_model

        model = load_model(weights)
        config = model.config
    defaults = default_boxes(config)
    outputs = [
        infer(model, scene, config) if model else simulate_detector(scene, defaults, i)
        for i, scene in enumerate(scenes)
    ]
    yield from mining(scenes, outputs, defaults)
    yield from detection(scenes, outputs, defaults, dataset.class_names)
    yield from evaluation(scenes, outputs, defaults, dataset.class_names)
    yield from resizing(scenes, model, config, defaults, dataset.class_names)


def infer(model, scene, config):
    """Return loc (K, 4) and conf (K, C) of an image."""
    loc, conf = model.infer(preprocess(scene[0], config))
    return loc[0], conf[0]


def simulate_detector(scene, defaults, seed):
    """Return loc (K, 4) and conf (K, C) of a network whose scores rise with the IoU of default box and object.

    Each object has an error of its own in place and in sureness, each default box a smaller one, and for every four
    objects there is one that is not there.
    """
    image, boxes, labels, _ = scene
    rng, unit = np.random.default_rng(seed), boxes / np.tile(image.shape[1::-1], 2)
    ghosts = np.clip(unit[::4] + rng.uniform(-0.3, 0.3, (len(unit[::4]), 2))[:, [0, 1, 0, 1]], 0, 1)
    real = len(unit)
    unit, labels = np.concatenate([unit, ghosts]), np.concatenate([labels, labels[::4]])
    conf = rng.normal(0, 1, (len(defaults), labels.max(initial=1) + 1))  # (K, C)
    conf[:, 0] += 6
    sides = unit[:, 2:] - unit[:, :2]
    sized = (sides > 1e-3).all(axis=1)
    unit, labels, sides, ghost = unit[sized], labels[sized], sides[sized], (np.arange(len(unit)) >= real)[sized]
    loc = np.zeros((len(defaults), 4))
    if len(unit):
        overlaps = iou(unit, cxcywh_to_xyxy(defaults))  # (M, K)
        overlaps /= np.maximum(overlaps.max(axis=1, keepdims=True), 0.5)  # small objects are found as well
        nearest = overlaps.argmax(axis=0)  # (K,)
        shaken = unit + np.tile(sides, 2) * rng.normal(0, 0.07, unit.shape)
        sure = rng.normal(-2.5 * ghost, 1.5)
        wanted = shaken[nearest] + np.tile(sides, 2)[nearest] * rng.normal(0, 0.03, (len(defaults), 4))
        wanted[:, 2:] = np.maximum(wanted[:, 2:], wanted[:, :2] + 1e-3)
        loc = encode(wanted, defaults)
        rises = 16 * (overlaps.max(axis=0) - 0.6) + sure[nearest]
        conf[np.arange(len(defaults)), labels[nearest]] += np.maximum(rises, 0) + 2
    return loc.astype(np.float32), conf.astype(np.float32)


def unit_boxes(scene):
    """Return the boxes of a scene in units of the image."""
    return scene[1] / np.tile(scene[0].shape[1::-1], 2).astype(np.float32)


def mining(scenes, outputs, defaults):
    """Yield how the choice of negatives depends on their ranking, and on the scope."""
    other = moved = total = 0
    fractions = []
    for first in range(0, len(scenes) - BATCH + 1, BATCH):
        part = range(first, first + BATCH)
        positive = np.stack([targets(unit_boxes(scenes[i]), scenes[i][2], defaults)[1] > 0 for i in part])  # (N, K)
        conf = [outputs[i][1] for i in part]
        background = np.stack([-log_softmax(c)[:, 0] for c in conf])  # (N, K)
        sureness = np.stack([softmax(c)[:, 1:].max(axis=1) for c in conf])
        chosen, wide = hard_negatives(background, positive), hard_negatives(background, positive, scope="batch")
        other += (chosen & ~hard_negatives(sureness, positive)).sum()
        moved += (chosen & ~wide).sum()
        total += chosen.sum()
        fractions += (wide.sum(axis=1) / np.maximum(1, positive.sum(axis=1))).tolist()
    if total:
        yield 10, f"ranked by the surest class, {other / total:.1%} of the negatives are others than by background"
        low, high = np.percentile(fractions, [0, 100])
        yield (
            30,
            (
                f"mined over batches of {BATCH}, {moved / total:.1%} of the negatives are others: "
                f"{low:.1f} to {high:.1f} for each positive of an image instead of 3"
            ),
        )


def detect(scenes, outputs, defaults, **options):
    """Return the detections of all images, boxes in their pixels."""
    found = []
    for scene, (loc, conf) in zip(scenes, outputs):
        boxes, labels, scores = postprocess(loc, conf, defaults, **options)
        found.append((boxes * np.tile(scene[0].shape[1::-1], 2), labels, scores))
    return found


def score(found, scenes, names, metric="voc", **options):
    """Return the mAP at an IoU of 0.5, of the area under the curve."""
    return average_precision(found, [scene[1:] for scene in scenes], metric, class_names=names, **options).mean


def detection(scenes, outputs, defaults, names):
    """Yield what the limits and the clipping of detection change."""
    usual = score(detect(scenes, outputs, defaults), scenes, names)
    variants = (
        (20, "keep all classes' boxes (no limit of 200 an image)", {"keep_top_k": None}),
        (20, "200 and not 400 candidates of each class", {"top_k": 200}),
        (27, "100 boxes an image", {"keep_top_k": 100}),
        (27, "scores over 0.02", {"score_threshold": 0.02}),
        (27, "scores over 0.05", {"score_threshold": 0.05}),
        (27, "scores over 0.5", {"score_threshold": 0.5}),
        (28, "sizes limited to 62.5 times the default box", {"size_limit": 62.5}),
        (33, "clipped before NMS", {"clip_before_nms": True}),
    )
    for number, text, options in variants:
        found = detect(scenes, outputs, defaults, **options)
        boxes = sum(len(scores) for *_, scores in found) / len(found)
        yield number, f"{text}: mAP {score(found, scenes, names) - usual:+.4f}, {boxes:.0f} boxes an image"


def evaluation(scenes, outputs, defaults, names):
    """Yield what the conventions of evaluation change."""
    found = detect(scenes, outputs, defaults)
    result = average_precision(found, [scene[1:] for scene in scenes], "voc07", class_names=names)
    eleven, usual = result.mean, score(found, scenes, names)
    strict = score(found, scenes, names, "coco")
    yield 18, f"mAP of eleven points {eleven:.4f}, of the area {usual:.4f}, over COCO's ten IoUs {strict:.4f}"
    tenths = np.arange(0, 1.1, 0.1)
    wrong = [np.mean([c.precision[c.recall >= t].max(initial=0) for t in tenths]) for c in result.curves.values()]
    yield 18, f"recalls from arange: mAP {np.mean(wrong) - eleven:+.4f}; of 10 objects with 3 found {-1 / 11:+.4f}"
    inclusive = [(boxes - [0, 0, 1, 1], *rest) for boxes, *rest in found]
    shrunk = [(boxes - [0, 0, 1, 1], *rest) for _, boxes, *rest in scenes]
    truth = [(None, *scene) for scene in shrunk]
    change = [score(inclusive, truth, names, m) - base for m, base in (("voc", usual), ("coco", strict))]
    yield 15, f"inclusive corners without the +1: mAP {change[0]:+.4f}, over COCO's ten IoUs {change[1]:+.4f}"
    shifted = [(boxes + 1, *rest) for boxes, *rest in found]
    change = [score(shifted, scenes, names, m) - base for m, base in (("voc", usual), ("coco", strict))]
    yield 16, f"detections one pixel off: mAP {change[0]:+.4f}, over COCO's ten IoUs {change[1]:+.4f}"
    for text, shift in (("corners as VOC's files have them", [1, 1, 0, 0]), ("1 less at all four", [0, 0, -1, -1])):
        overlaps = np.concatenate([np.diag(iou(boxes, boxes + shift)) for _, boxes, *_ in scenes])
        yield 17, f"{text}: IoU with the whole box {overlaps.mean():.3f}, least {overlaps.min():.3f}"
    hard = sum(int(difficult.sum()) for *_, difficult in scenes)
    counted = [(*scene[:3], np.zeros_like(scene[3])) for scene in scenes]
    yield 19, f"{hard} difficult objects; counted like the others: mAP {score(found, counted, names) - usual:+.4f}"


def resizing(scenes, model, config, defaults, names):
    """Yield how far the ways of resizing differ, and what it does to the network."""
    images = [scene[0] for scene in scenes[:60]]
    usual = [resize(image, config.image_size).astype(float) for image in images]
    for rule in ("opencv", "float"):
        others = [resize(image, config.image_size, rule) for image in images]
        gap = np.mean([np.abs(a - b).mean() for a, b in zip(usual, others)])
        text = f'resize "{rule}" for "average": {gap:.2f} levels of 255'
        if model:
            aps = [
                score(detect(scenes, [infer(model, s, c) for s in scenes], defaults), scenes, names)
                for c in (replace(config, resize="average"), replace(config, resize=rule))
            ]
            text += f", mAP {aps[1] - aps[0]:+.4f}"
        yield 26, text
