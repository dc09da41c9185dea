"""Anchor labels: the rules by loops, their order, the traps of ports, and the sampling."""

import numpy as np
import pytest

from numpyssd.boxes import cxcywh_to_xyxy, iou, xyxy_to_cxcywh
from numpyssd.model.box_coding import encode
from numpyssd.rivals.faster_rcnn.anchor_targets import (
    IGNORED,
    NEGATIVE,
    POSITIVE,
    anchor_targets,
    label_anchors,
    sample_anchors,
)
from numpyssd.rivals.faster_rcnn.anchors import anchors, inside_image
from numpyssd.rivals.faster_rcnn.config import FASTER_RCNN_COMPACT

ANCHORS = anchors(FASTER_RCNN_COMPACT)


def scene(rng, objects):
    corner = rng.uniform(-0.05, 0.9, (objects, 2))
    return np.concatenate([corner, corner + rng.uniform(0.03, 0.4, (objects, 2))], axis=1).clip(0, 1).astype(np.float32)


def by_loops(gt_boxes, anchors, positive_iou, negative_iou, inside_only):
    """The rules one after the other, a later one wins."""
    table = iou(gt_boxes, cxcywh_to_xyxy(anchors))
    labels, best = [], []
    for k in range(len(anchors)):
        x1, y1, x2, y2 = cxcywh_to_xyxy(anchors[k : k + 1])[0]
        if inside_only and (min(x1, y1) < -1e-6 or max(x2, y2) > 1 + 1e-6):
            labels.append(IGNORED)
            best.append(-1)
            continue
        overlaps = table[:, k]
        largest = max(overlaps, default=0)
        label = NEGATIVE if largest < negative_iou else IGNORED
        for m in range(len(gt_boxes)):
            others = table[m, inside_image(anchors)] if inside_only else table[m]
            if overlaps[m] == others.max() and overlaps[m] > 0:
                label = POSITIVE
        if largest >= positive_iou and largest > 0:
            label = POSITIVE
        labels.append(label)
        best.append(list(overlaps).index(largest) if largest > 0 else -1)
    return labels, best


@pytest.mark.parametrize("inside_only", [False, True])
@pytest.mark.parametrize("objects", [0, 1, 7])
def test_is_its_definition(objects, inside_only, rng):
    few = ANCHORS[rng.permutation(len(ANCHORS))[:300]]
    for _ in range(3):
        boxes = scene(rng, objects)
        labels, best = label_anchors(boxes, few, inside_only=inside_only)
        expected, expected_best = by_loops(boxes, few, 0.7, 0.3, inside_only)
        np.testing.assert_array_equal(labels, expected)
        np.testing.assert_array_equal(best, expected_best)


def test_two_hundred_objects(rng):
    labels, best = label_anchors(scene(rng, 200), ANCHORS)
    assert (labels == POSITIVE).sum() >= 20
    assert (best[labels == POSITIVE] >= 0).all()


def test_an_object_that_no_anchor_touches_makes_none_positive():
    # Trap 2: its largest IoU is 0, and every anchor "ties" it.
    corner = ANCHORS[:1] * np.float32([1, 1, 0.2, 0.2])
    far = np.float32([[0.95, 0.95, 0.99, 0.99]])
    labels, _ = label_anchors(far, corner)
    assert labels.tolist() == [NEGATIVE]
    overlaps = iou(far, cxcywh_to_xyxy(corner))
    planted = overlaps == overlaps.max(axis=1, keepdims=True)  # without "and > 0"
    assert planted.all()
    # An object without area is such a one for every anchor.
    labels, best = label_anchors(np.float32([[0.5, 0.5, 0.5, 0.9]]), ANCHORS)
    assert (labels == NEGATIVE).all()
    assert (best == -1).all()


def test_the_target_is_the_best_object_of_the_anchor_and_not_the_one_that_it_was_labeled_for(rng):
    anchor = np.float32([[0.5, 0.5, 0.2, 0.2]])
    near = np.float32([[0.42, 0.4, 0.62, 0.6]])  # IoU 0.67 with the only anchor
    small = np.float32([[0.55, 0.55, 0.6, 0.6]])  # its best anchor too, with an IoU of 0.06
    objects = np.concatenate([small, near])
    labels, best = label_anchors(objects, anchor)
    assert (labels.tolist(), best.tolist()) == ([POSITIVE], [1])
    _, offsets = anchor_targets(objects, anchor, rng)
    np.testing.assert_allclose(offsets, encode(near, anchor, (1, 1)))


def test_all_ties_are_positive_and_win_over_the_negative_rule():
    box = np.float32([[0.5, 0.5, 0.04, 0.04]])  # in the middle between two equal anchors, small in both
    pair = np.float32([[0.375, 0.5, 0.5, 0.5], [0.625, 0.5, 0.5, 0.5]])
    labels, _ = label_anchors(cxcywh_to_xyxy(box), pair)
    assert labels.tolist() == [POSITIVE, POSITIVE]


def test_sampling_counts_and_that_no_anchor_is_both(rng):
    labels = np.repeat([POSITIVE, NEGATIVE, IGNORED], [40, 500, 100])
    for count, fraction, expected in [
        (64, 0.5, (32, 32)),
        (256, 0.5, (40, 216)),
        (1000, 0.5, (40, 500)),
        (8, 0, (0, 8)),
    ]:
        sampled = sample_anchors(labels, rng, count, fraction)
        assert ((sampled == POSITIVE).sum(), (sampled == NEGATIVE).sum()) == expected
        kept = sampled != IGNORED
        np.testing.assert_array_equal(sampled[kept], labels[kept])
    assert labels.tolist() == np.repeat([POSITIVE, NEGATIVE, IGNORED], [40, 500, 100]).tolist()
    draws = {tuple(np.flatnonzero(sample_anchors(labels, np.random.default_rng(s)) == NEGATIVE)) for s in range(5)}
    assert len(draws) == 5


def test_a_negative_is_never_an_object_too():
    # Trap 3: a port let the two sets overlap: it took as background whatever is below the upper threshold.
    gt_boxes, count = cxcywh_to_xyxy(ANCHORS[[1500, 1700]]) + np.float32([0.004, 0.004, 0, 0]), 0
    for seed in range(10):
        labels, _ = label_anchors(gt_boxes, ANCHORS, positive_iou=0.3, negative_iou=0.3)
        sampled = sample_anchors(labels, np.random.default_rng(seed), 3000)
        assert not (sampled[labels == POSITIVE] == NEGATIVE).any()
        overlaps = iou(gt_boxes, cxcywh_to_xyxy(ANCHORS)).max(axis=0)
        planted = np.random.default_rng(seed).choice(np.flatnonzero(overlaps < 0.7), 2900, replace=False)
        count += (labels[planted] == POSITIVE).sum()
    assert count > 100


@pytest.mark.parametrize("objects", [0, 1, 200])
def test_targets_have_one_shape_whatever_the_objects(objects, rng):
    labels, offsets = anchor_targets(scene(rng, objects), ANCHORS, rng, count=64)
    assert (labels.shape, offsets.shape, offsets.dtype) == ((3249,), (3249, 4), np.float32)
    assert (labels != IGNORED).sum() == 64
    assert (offsets[labels != POSITIVE] == 0).all()
    assert ((labels == POSITIVE).sum() > 0) == (objects > 0)


def test_no_anchor_inside(rng):
    huge = np.float32([[0.5, 0.5, 3, 3]])
    labels, _ = label_anchors(scene(rng, 2), huge, inside_only=True)
    assert labels.tolist() == [IGNORED]
    assert sample_anchors(labels, rng).tolist() == [IGNORED]


def test_boundary_anchors_are_the_difference_of_inside_only(rng):
    # Trap 4: the paper drops them; of an object at the edge they are the best ones.
    edge = np.float32([[0, 0.3, 0.12, 0.5]])
    kept = label_anchors(edge, ANCHORS)[0]
    dropped = label_anchors(edge, ANCHORS, inside_only=True)[0]
    outside = ~inside_image(ANCHORS)
    assert (kept[outside] == POSITIVE).any()
    assert (dropped[outside] == IGNORED).all()
    assert (xyxy_to_cxcywh(edge)[0, 0] < 0.1).all()
