"""numpyssd.rivals.yolo.responsibility: the definition by loops, the rule without overlap, ties, planted bugs."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.rivals.yolo.decoding import image_boxes
from numpyssd.rivals.yolo.responsibility import paired_iou, responsible_boxes

GRID = 7


def by_loops(boxes, cell_boxes):
    """Darknet's rules, one cell and one box at a time, with the IoU of boxes.py."""
    best, overlaps = [], []
    for candidates, (x, y, width, height) in zip(boxes, cell_boxes):
        truth = np.array([[x / GRID, y / GRID, width, height]])
        found = [np.array([[u / GRID, v / GRID, a * a, b * b]]) for u, v, a, b in candidates]
        ious = [iou(cxcywh_to_xyxy(box), cxcywh_to_xyxy(truth))[0, 0] for box in found]
        apart = [np.sqrt(((box - truth) ** 2).sum()) for box in found]
        best.append(ious.index(max(ious)) if max(ious) > 0 else apart.index(min(apart)))
        overlaps.append(ious)
    return best, overlaps


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.sampled_from([1, 2, 3]), st.sampled_from([0.05, 0.4]))
def test_is_its_definition(seed, cells, per_cell, size):
    rng = np.random.default_rng(seed)
    boxes = rng.normal(0.5, [0.5, 0.5, size, size], (cells, per_cell, 4))  # roots below 0 too
    cell_boxes = np.concatenate([rng.random((cells, 2)), rng.uniform(0.01, size, (cells, 2))], axis=1)
    best, overlaps = responsible_boxes(boxes, cell_boxes, GRID)
    expected = by_loops(boxes, cell_boxes)
    np.testing.assert_array_equal(best, expected[0])
    np.testing.assert_allclose(overlaps, expected[1], atol=1e-12)


def test_without_overlap_the_nearest_box_wins():
    truth = np.array([[0.5, 0.5, 0.1, 0.1]])
    outputs = np.array([[[-9, 0.5, 0.3, 0.3], [3, 0.5, 0.3, 0.3]]])
    best, overlaps = responsible_boxes(outputs, truth, GRID)
    assert not overlaps.any()
    assert best.tolist() == [1] != overlaps.argmax(axis=1).tolist()


def test_at_zero_outputs_the_rule_without_overlap_decides():
    # A root of 0 is a box without area: IoU 0 for all. So it is at the start of a network with biases of 0.
    best, overlaps = responsible_boxes(np.zeros((1, 2, 4)), np.array([[0.5, 0.5, 0.3, 0.3]]), GRID)
    assert (best.tolist(), overlaps.tolist()) == ([0], [[0, 0]])


def test_equal_boxes_the_lower_index_wins():
    boxes = np.tile([0.4, 0.4, 0.5, 0.5], (1, 3, 1))
    assert responsible_boxes(boxes, np.array([[0.5, 0.5, 0.3, 0.3]]), GRID)[0].tolist() == [0]
    assert responsible_boxes(boxes + [9, 0, 0, 0], np.array([[0.5, 0.5, 0.3, 0.3]]), GRID)[0].tolist() == [0]


def test_the_column_and_row_need_not_be_added():
    rng = np.random.default_rng(1)
    boxes = rng.uniform(0.2, 0.8, (GRID * GRID, 2, 4))
    truths = rng.uniform(0.2, 0.8, (GRID * GRID, 4))
    _, overlaps = responsible_boxes(boxes, truths, GRID)
    in_image = image_boxes(boxes, GRID)
    truth_in_image = image_boxes(np.concatenate([truths[:, :2], np.sqrt(truths[:, 2:])], axis=1)[:, None], GRID)
    for cell in (0, 17, 48):
        expected = iou(in_image[cell], truth_in_image[cell])[:, 0]
        np.testing.assert_allclose(overlaps[cell], expected, atol=1e-12)


def test_planted_units_and_corners_give_another_number():
    # Two bugs of ports: x, y left in units of the cell beside sizes in units of the image; and centers read as corners.
    outputs, truth = np.array([[[0.5, 0.5, 0.5, 0.5]]]), np.array([[0.9, 0.5, 0.25, 0.25]])
    right = responsible_boxes(outputs, truth, GRID)[1][0, 0]
    found = np.array([0.5, 0.5, 0.25, 0.25])
    mixed = paired_iou(found, truth[0])
    shift = 0.4 / GRID
    np.testing.assert_allclose(right, (0.25 - shift) / (0.25 + shift))
    assert mixed == 0 < 0.6 < right
    wide = np.array([[0.5, 0.5, 0.9, 0.6]])
    tall = np.array([[0.5, 0.5, 0.6, 0.9]])
    assert iou(wide, tall)[0, 0] != paired_iou(wide[0], tall[0])
    np.testing.assert_allclose(paired_iou(wide[0], tall[0]), iou(cxcywh_to_xyxy(wide), cxcywh_to_xyxy(tall))[0, 0])
