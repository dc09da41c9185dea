"""Proposals: decode, clip, drop, sort, suppress, by loops; and what the limits are for."""

import numpy as np
import pytest

from numpyssd.boxes import iou
from numpyssd.model.box_coding import decode
from numpyssd.rivals.faster_rcnn.anchors import anchors
from numpyssd.rivals.faster_rcnn.config import FASTER_RCNN_COMPACT, FASTER_RCNN_TINY
from numpyssd.rivals.faster_rcnn.proposals import proposals

ANCHORS = anchors(FASTER_RCNN_TINY)  # 576


def by_loops(scores, offsets, anchors, candidates, keep, nms_threshold, min_side):
    boxes = decode(offsets, anchors, 62.5, (1, 1)).clip(0, 1)
    order = sorted(range(len(scores)), key=lambda k: (-scores[k], k))
    order = [k for k in order if min(boxes[k, 2] - boxes[k, 0], boxes[k, 3] - boxes[k, 1]) >= min_side][:candidates]
    kept = []
    for k in order:
        if all(iou(boxes[[k]], boxes[[other]])[0, 0] <= nms_threshold for other in kept):
            kept.append(k)
    return boxes[kept[:keep]], kept[:keep]


@pytest.mark.parametrize(("candidates", "keep", "min_side"), [(50, 20, 0.02), (50, 1000, 0.02), (30, 10, 0.3)])
def test_is_its_definition(candidates, keep, min_side, rng):
    scores = rng.integers(0, 40, len(ANCHORS)).astype(np.float32) / 40  # with ties
    offsets = rng.normal(0, 0.2, (len(ANCHORS), 4)).astype(np.float32)
    found, rows = proposals(scores, offsets, ANCHORS, candidates, keep, 0.7, min_side, 62.5)
    expected, expected_rows = by_loops(scores, offsets, ANCHORS, candidates, keep, 0.7, min_side)
    np.testing.assert_array_equal(rows, expected_rows)
    np.testing.assert_array_equal(found, expected)
    assert len(found) <= keep
    assert (found >= 0).all()
    assert (found <= 1).all()


def test_equal_scores_take_the_lower_anchor():
    # Trap 13: argsort()[::-1] takes the higher.
    apart = ANCHORS[[0, 300]]
    _, rows = proposals(np.float32([0.5, 0.5]), np.zeros((2, 4), np.float32), apart, min_side=0)
    assert rows.tolist() == [0, 1]
    assert np.argsort([0.5, 0.5], kind="stable")[::-1].tolist() == [1, 0]


def test_the_released_smallest_side_loses_small_objects():
    # Trap 10: at 300 px an anchor of 12 px is a platelet, and is dropped at 16 px.
    small = np.float32([[0.5, 0.5, 12 / 300, 12 / 300]])
    assert len(proposals(np.ones(1), np.zeros((1, 4), np.float32), small, min_side=16 / 300)[0]) == 0
    assert len(proposals(np.ones(1), np.zeros((1, 4), np.float32), small, min_side=1 / 300)[0]) == 1


def test_fewer_than_asked_for_and_none():
    zero = np.zeros((len(ANCHORS), 4), np.float32)
    found, _ = proposals(np.ones(len(ANCHORS), np.float32), zero, ANCHORS, keep=10**6)
    assert 0 < len(found) < len(ANCHORS)
    found, rows = proposals(np.ones(len(ANCHORS)), zero, ANCHORS, min_side=2)
    assert (found.shape, rows.shape) == ((0, 4), (0,))


def test_numbers_that_are_not_finite_are_dropped_and_huge_ones_are_held():
    offsets = np.zeros((4, 4), np.float32)
    offsets[0, 2], offsets[1, 0] = np.nan, np.inf
    offsets[2, 2:] = 1e30
    some = ANCHORS[[300, 301, 302, 303]]
    found, rows = proposals(np.float32([4, 3, 2, 1]), offsets, some, nms_threshold=1, min_side=0, size_limit=62.5)
    assert rows.tolist() == [2, 3]
    np.testing.assert_array_equal(found[0], [0, 0, 1, 1])
    assert proposals(np.float32([np.nan] * 4), np.zeros_like(offsets), some)[1].size == 0


def test_all_of_compact_at_once(rng):
    boxes = anchors(FASTER_RCNN_COMPACT)
    offsets = rng.normal(0, 0.1, boxes.shape).astype(np.float32)
    found, _ = proposals(rng.random(len(boxes)), offsets, boxes, 600, 300, 0.7, 1 / 300, 62.5)
    overlaps = iou(found, found) - np.eye(len(found))
    assert overlaps.max() <= 0.7
    assert len(found) <= 300
