"""numpyssd.rivals.yolo.grid_targets: the definition by loops, one object a cell, edges, and what ports get wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.rivals.yolo.decoding import image_boxes
from numpyssd.rivals.yolo.grid_targets import MIN_SIDE, cells_of_boxes, grid_targets, objects_of_cells


def scene(seed, objects):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 0.9, (objects, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(0.01, 0.5, (objects, 2))], axis=1).clip(0, 1)
    return boxes, rng.integers(1, 4, objects)


def by_loops(boxes, labels, grid, order):
    """One object after the other takes its cell, unless it is taken."""
    cell_boxes, cell_labels = np.zeros((grid, grid, 4)), np.zeros((grid, grid), int)
    for m in order:
        x1, y1, x2, y2 = boxes[m]
        if x2 - x1 < MIN_SIDE or y2 - y1 < MIN_SIDE:
            continue
        x, y = (x1 + x2) / 2 * grid, (y1 + y2) / 2 * grid
        column, row = min(int(x), grid - 1), min(int(y), grid - 1)
        if cell_labels[row, column] == 0:
            cell_labels[row, column] = labels[m]
            cell_boxes[row, column] = x - column, y - row, x2 - x1, y2 - y1
    return cell_boxes.reshape(-1, 4), cell_labels.ravel()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 30), st.sampled_from([1, 4, 5, 7, 10]))
def test_is_its_definition(seed, objects, grid):
    boxes, labels = scene(seed, objects)
    order = np.random.default_rng(seed).permutation(objects)
    found = grid_targets(boxes, labels, grid, np.random.default_rng(seed))
    expected = by_loops(boxes, labels, grid, order)
    np.testing.assert_allclose(found[0], expected[0], atol=1e-12)
    np.testing.assert_array_equal(found[1], expected[1])


def test_golden():
    # By hand, 7 x 7: the center (0.5, 0.25) is 3.5 cells to the right and 1.75 down: row 1, column 3.
    cell_boxes, cell_labels = grid_targets(np.array([[0.4, 0.15, 0.6, 0.35]]), [2], 7)
    assert np.flatnonzero(cell_labels).tolist() == [1 * 7 + 3]
    np.testing.assert_allclose(cell_boxes[10], [0.5, 0.75, 0.2, 0.2])


def test_of_two_objects_in_a_cell_one_stays_and_not_always_the_same():
    # The trap: ports write one object after the other, so that the last of the file wins, in every epoch.
    boxes = np.array([[0.1, 0.1, 0.2, 0.2], [0.12, 0.12, 0.2, 0.2], [0.6, 0.6, 0.9, 0.9]])
    assert sorted(objects_of_cells(boxes, 2)[objects_of_cells(boxes, 2) >= 0]) == [0, 2]
    last_wins = np.full(4, -1)
    last_wins[cells_of_boxes(boxes, 2)] = [0, 1, 2]
    assert last_wins[0] == 1 != objects_of_cells(boxes, 2)[0]
    chosen = {int(objects_of_cells(boxes, 2, np.random.default_rng(seed))[0]) for seed in range(20)}
    assert chosen == {0, 1}


def test_a_center_on_the_last_edge_has_a_cell():
    # The trap: floor(1.0 * grid) is a column that does not exist; in a flat array it is the next row's first.
    boxes = np.array([[1.0, 0.4, 1.0, 0.6]])
    assert int(np.floor(1.0 * 7)) == 7
    assert cells_of_boxes(boxes, 7).tolist() == [3 * 7 + 6]
    boxes = np.array([[0.995, 0.995, 1.005, 1.005]])
    cell_boxes, cell_labels = grid_targets(boxes, [1], 7)
    assert cell_labels[48] == 1
    np.testing.assert_allclose(cell_boxes[48], [1, 1, 0.01, 0.01])


def test_boxes_come_back_from_their_cells():
    boxes, labels = scene(3, 12)
    cell_boxes, cell_labels = grid_targets(boxes, labels, 7)
    outputs = np.concatenate([cell_boxes[:, :2], np.sqrt(cell_boxes[:, 2:])], axis=1)
    decoded = image_boxes(outputs[:, None], 7)[:, 0]
    objects = objects_of_cells(boxes, 7)
    np.testing.assert_allclose(decoded[objects >= 0], boxes[objects[objects >= 0]], atol=1e-12)


@pytest.mark.parametrize("objects", [0, 1, 200])
def test_shapes_do_not_depend_on_the_objects(objects):
    boxes, labels = scene(0, objects)
    cell_boxes, cell_labels = grid_targets(boxes.astype(np.float32), labels, 7, np.random.default_rng(0))
    assert (cell_boxes.shape, cell_labels.shape) == ((49, 4), (49,))
    assert (cell_boxes.dtype, cell_labels.dtype) == (np.float32, np.int64)
    assert bool(cell_labels.any()) == bool(objects)
    assert not cell_boxes[cell_labels == 0].any()


def test_objects_without_area_have_no_cell():
    boxes = np.array([[0.5, 0.2, 0.5, 0.8], [0.5, 0.5, 0.504, 0.9], [0.5, 0.5, 0.6, 0.6]])
    assert set(objects_of_cells(boxes, 4)) == {-1, 2}


def test_refuses_labels_that_are_none():
    for labels in ([0], [1, 2]):
        with pytest.raises(ValueError, match="labels must be 1 numbers of 1 or more"):
            grid_targets(np.array([[0.1, 0.1, 0.2, 0.2]]), labels, 7)
