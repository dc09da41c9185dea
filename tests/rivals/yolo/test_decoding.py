"""numpyssd.rivals.yolo.decoding: the definition by loops, scores, the layout of Darknet, and numbers that overflow."""

import numpy as np

from numpyssd.boxes import MAX_COORDINATE
from numpyssd.rivals.yolo.decoding import decode, from_darknet, image_boxes, split_outputs

GRID, BOXES, CLASSES = 3, 2, 4


def outputs(seed=0, images=2):
    return np.random.default_rng(seed).normal(size=(images, GRID, GRID, 5 * BOXES + CLASSES))


def test_is_its_definition():
    out = outputs()
    boxes, scores = decode(out, BOXES)
    assert (boxes.shape, scores.shape) == ((2, 18, 4), (2, 18, 1 + CLASSES))
    for n in range(2):
        for row in range(GRID):
            for column in range(GRID):
                for b in range(BOXES):
                    x, y, root_width, root_height, confidence = out[n, row, column, 5 * b : 5 * b + 5]
                    k = (row * GRID + column) * BOXES + b
                    x, y, width, height = (column + x) / GRID, (row + y) / GRID, root_width**2, root_height**2
                    expected = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
                    np.testing.assert_allclose(boxes[n, k], expected, atol=1e-12)
                    np.testing.assert_allclose(scores[n, k, 1:], confidence * out[n, row, column, 10:], atol=1e-12)
                    assert scores[n, k, 0] == 0


def test_the_column_is_added():
    # The trap: Darknet's loss divides x by S and adds no column, which is right there and wrong here.
    boxes = np.full((GRID * GRID, 1, 4), 0.5)
    centers = image_boxes(boxes, GRID).reshape(-1, 2, 2).mean(axis=1)
    np.testing.assert_allclose(centers[:3], [[1 / 6, 1 / 6], [0.5, 1 / 6], [5 / 6, 1 / 6]])
    without = boxes[:, 0, :2] / GRID
    assert np.abs(centers - without).max() > 0.6


def test_a_root_below_zero_is_a_size_all_the_same():
    out = outputs()
    mirrored = out.copy()
    split_outputs(mirrored, BOXES).boxes[..., 2:] *= -1
    assert not np.array_equal(out, mirrored)
    np.testing.assert_array_equal(decode(out, BOXES)[0], decode(mirrored, BOXES)[0])


def test_scores_are_not_probabilities():
    out = np.zeros((1, 1, 1, 7))
    out[0, 0, 0] = 0.5, 0.5, 0.5, 0.5, 1.2, 1.1, -0.1
    np.testing.assert_allclose(decode(out, 1)[1], [[[0, 1.32, -0.12]]])


def test_views_write_through():
    out = np.zeros((1, GRID, GRID, 5 * BOXES + CLASSES))
    for view in split_outputs(out, BOXES):
        view += 1
    assert (out == 1).all()


def test_darknets_layout_is_another():
    ours = outputs()
    boxes, confidences, classes = split_outputs(ours, BOXES)
    flat = np.concatenate([part.reshape(2, -1) for part in (classes, confidences, boxes)], axis=1)
    np.testing.assert_array_equal(from_darknet(flat, GRID, BOXES), ours)
    assert not np.allclose(flat.reshape(ours.shape), ours)  # the trap: the same shape, other numbers


def test_what_overflows_stays_a_number_or_detects_nothing():
    out = outputs(images=1).astype(np.float32)
    out[0, 0, 0, 2] = 1e30
    out[0, 0, 1, 0] = np.nan
    boxes, scores = decode(out, BOXES)
    assert boxes[0, 0, 2] == MAX_COORDINATE
    assert not np.isfinite(boxes[0, 2]).all()
    assert boxes.dtype == scores.dtype == np.float32
