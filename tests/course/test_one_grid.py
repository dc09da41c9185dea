"""What lesson 20 shows and asks is the library's own arithmetic."""

import re

import numpy as np
import pytest
from widget_data import data

from lessons.course.check import EXERCISES
from lessons.course.widgets import one_grid
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.rivals.yolo.decoding import decode, split_outputs
from numpyssd.rivals.yolo.grid_targets import grid_targets, objects_of_cells
from numpyssd.rivals.yolo.responsibility import responsible_boxes
from numpyssd.rivals.yolo.yolo_loss import yolo_loss

GRID, BOXES, CLASSES = 4, 3, 2


def answer(name):
    return EXERCISES[name].answer


def batch(seed, spread):
    """Outputs of one image, its targets, and of each cell with an object the IoU and the distance of each box."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 0.8, (7, 2))
    boxes = np.concatenate([low, low + rng.uniform(0.05, 0.2, (7, 2))], axis=1)
    cell_boxes, cell_labels = grid_targets(boxes, rng.integers(1, CLASSES + 1, 7), GRID)
    out = rng.normal(0.4, spread, (1, GRID, GRID, 5 * BOXES + CLASSES))
    found = np.flatnonzero(cell_labels)
    outputs = split_outputs(out, BOXES).boxes[0, found]  # (P, B, 4)
    best, overlaps = responsible_boxes(outputs, cell_boxes[found], GRID)
    there = np.concatenate([outputs[..., :2] / GRID, outputs[..., 2:] ** 2], axis=-1)
    truths = np.concatenate([cell_boxes[found, :2] / GRID, cell_boxes[found, 2:]], axis=-1)
    apart = np.linalg.norm(there - truths[:, None], axis=2)
    return out, cell_boxes, cell_labels, found, best, overlaps, apart


@pytest.mark.parametrize(("seed", "spread"), [(0, 0.3), (1, 0.3), (1, 3.0), (3, 3.0)])
def test_who_is_responsible_and_how_often(seed, spread):
    out, cell_boxes, cell_labels, _, best, overlaps, apart = batch(seed, spread)
    assert [answer("responsible")(*row) for row in zip(overlaps, apart)] == best.tolist()
    wins = yolo_loss(out, cell_boxes[None], cell_labels[None], BOXES)[2].wins
    assert answer("count_wins")(overlaps, apart).tolist() == list(wins)


def test_the_rule_of_the_distance_was_needed():
    for seed, spread in ((1, 0.3), (1, 3.0)):
        assert not batch(seed, spread)[5].any(axis=1).all()  # a cell none of whose boxes overlaps its object


@pytest.mark.parametrize("seed", [0, 2])
def test_gradients(seed):
    out, cell_boxes, cell_labels, found, best, overlaps, _ = batch(seed, 0.3)
    dout = yolo_loss(out, cell_boxes[None], cell_labels[None], BOXES, divisor=1)[1]
    gradients, outputs = split_outputs(dout, BOXES), split_outputs(out, BOXES)
    zeros = np.zeros(BOXES)
    for i in range(GRID * GRID):
        own = overlaps[np.flatnonzero(found == i)[0]] if i in found else zeros
        expected = answer("confidence_gradient")(outputs.confidences[0, i], own, i in found)
        np.testing.assert_allclose(gradients.confidences[0, i], expected, atol=1e-14)
    for i, b, row in zip(found, best, overlaps):
        values = [*outputs.boxes[0, i, b], outputs.confidences[0, i, b]]
        expected = answer("box_gradient")(np.array(values), cell_boxes[i], row[b], np.ones(4))
        np.testing.assert_allclose(gradients.boxes[0, i, b], expected[:4], atol=1e-14)
        assert gradients.confidences[0, i, b] == pytest.approx(expected[4])


def test_decoding():
    out = batch(0, 0.3)[0]
    values = split_outputs(out, BOXES).boxes[0]
    expected = [answer("decode_cell")(values[i, b], *divmod(i, GRID), GRID) for i, b in np.ndindex(values.shape[:2])]
    np.testing.assert_allclose(decode(out, BOXES)[0][0], expected, atol=1e-14)


def scenes():
    rng = np.random.default_rng(3)
    low = rng.uniform(0, 0.9, (6, 9, 2))
    return list(np.concatenate([low, low + 0.1], axis=2))


def test_lost_objects_are_those_without_a_cell():
    for grid in one_grid.GRIDS:
        lost, objects = one_grid.lost_of(scenes(), grid)
        kept = sum(len(set(objects_of_cells(boxes, grid).tolist()) - {-1}) for boxes in scenes())
        assert (lost, objects) == (54 - kept, 54)
    assert one_grid.lost_of(scenes(), 5)[0] > one_grid.lost_of(scenes(), 19)[0]


def test_the_columns_of_two_objects_are_the_librarys():
    got = data(one_grid.two_objects(scenes()))
    assert got["first"] == 1
    for size, grid in zip(one_grid.GRIDS, got["grids"]):
        assert grid["size"] == pytest.approx(400 / size)
        assert len(grid["at"]) == 2 * one_grid.STEPS + 1
        for half_steps, (column, place) in enumerate(grid["at"]):
            center = half_steps / (2 * one_grid.STEPS)
            assert 0 <= column < size  # also of a center on the edge of the image
            assert column + float(place) == pytest.approx(center * size, abs=0.0051)
        lost, objects = one_grid.lost_of(scenes(), size)
        assert grid["counts"][1][1].endswith(f"({lost} of {objects})")
        assert len(grid["marks"]) == 2 * (size - 1)


def test_a_crowd_shows_which_objects_are_lost():
    boxes = scenes()[0]
    got = data(one_grid.crowd_under_grids(np.zeros((8, 8, 3), np.uint8), boxes))
    assert got["first"] == 1
    for size, state in zip(one_grid.GRIDS, got["states"]):
        kept = set(objects_of_cells(boxes, size).tolist()) - {-1}
        drawn = [mark[1] for mark in state["marks"] if mark[0] == "box"]
        assert drawn == ["ground-truth" if m in kept else "negative" for m in range(len(boxes))]
        lost = len(boxes) - len(kept)
        assert re.match(rf"{size} x {size} cells: {lost} of 9 objects are lost", state["say"])
        assert state["point"] == pytest.approx([size / 20, lost / 9])
        assert [count[1] for count in state["counts"]] == [len(kept), lost]


def test_the_built_in_set_hardly_collides():
    dataset = ShapesDataset(40, 64, split="test")
    lost, objects = one_grid.lost_of([dataset[i].boxes / 64 for i in range(len(dataset))], 7)
    assert 0 <= lost < 0.03 * objects
