"""The answers and the widgets of lesson 21 are the library's own arithmetic."""

import re

import numpy as np
import pytest
from widget_data import data

from lessons.course import check
from lessons.course.widgets import two_stages
from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.inference.nms import nms
from numpyssd.rivals.faster_rcnn import anchor_targets
from numpyssd.rivals.faster_rcnn.anchors import anchors
from numpyssd.rivals.faster_rcnn.config import FASTER_RCNN_TINY
from numpyssd.rivals.faster_rcnn.faster_rcnn_loss import smooth_l1_sigma
from numpyssd.rivals.faster_rcnn.roi_align import RoIAlign
from numpyssd.rivals.faster_rcnn.roi_pooling import cells_read, roi_bins, roi_cells
from numpyssd.rivals.faster_rcnn.roi_pooling import roi_pooling_backward as backward
from numpyssd.rivals.faster_rcnn.roi_pooling import roi_pooling_forward as forward

ANSWERS = {name: exercise.answer for name, exercise in check.EXERCISES.items()}


def regions(rng, count=40):
    """Return boxes on a grid of half cells, so that many corners lie at halves; some are outside of 9 x 7 cells."""
    low = rng.integers(-4, 14, (count, 2)) / 2
    return np.concatenate([low, low + rng.integers(0, 14, (count, 2)) / 2], axis=1)


def test_cells_and_maxima_and_gradients_are_the_librarys(rng):
    boxes, x = regions(rng), rng.permutation(63).reshape(9, 7).astype(float)
    bins = roi_bins(boxes, 1, 3, 9, 7)  # an image of one cell, so that the boxes are in cells
    images = np.zeros(len(boxes), int)
    out, argmax = forward(x[None, :, :, None], images, *bins)
    for box, cells, maxima in zip(boxes, roi_cells(boxes, 1), out[..., 0]):
        row, column, rows, columns = cells.tolist()
        assert ANSWERS["cells_of_region"](16 * box, 16) == (column, row, columns, rows)
        np.testing.assert_array_equal(ANSWERS["roi_pool"](x, box, 3), maxima)
    assert (argmax < 0).any()  # some bins are empty
    dout = rng.integers(-9, 10, out.shape).astype(float)
    mine = ANSWERS["roi_pool_gradient"](dout[..., 0], argmax[..., 0], (9, 7))
    np.testing.assert_array_equal(mine, backward(dout, argmax, images, (1, 9, 7, 1))[0, :, :, 0])


@pytest.mark.parametrize("sigma", [1, 2, 3])
def test_smooth_l1_with_sigma_is_the_librarys(sigma, rng):
    x = rng.normal(0, 0.5, 50)
    np.testing.assert_allclose(ANSWERS["smooth_l1_of_sigma"](x, sigma), smooth_l1_sigma(x, sigma))


def test_labels_are_the_librarys(rng):
    every = anchors(FASTER_RCNN_TINY)
    for count in (0, 1, 4):
        low = rng.uniform(0, 0.7, (count, 2))
        objects = np.concatenate([low, low + rng.uniform(0.01, 0.3, (count, 2))], axis=1)
        overlaps = iou(objects, cxcywh_to_xyxy(every))
        expected = anchor_targets.label_anchors(objects, every)[0]
        np.testing.assert_array_equal(ANSWERS["label_anchors"](overlaps, 0.7, 0.3), expected)


def test_a_threshold_shows_the_best_of_what_nms_leaves():
    rng = np.random.default_rng(1)
    objects = np.array([[10, 10, 60, 60], [70, 70, 90, 90]], float)
    boxes = np.concatenate([objects[[0] * 30] + rng.normal(0, 2, (30, 4)), objects[1:]])
    scores = np.r_[rng.uniform(0.8, 1, 30), 0.3]
    got = data(two_stages.proposals_and_nms(np.zeros((100, 100, 3), np.uint8), boxes, scores, objects, shown=8))
    without, *others = got["states"]
    assert without["say"].startswith("without NMS: 31 boxes left, the best 8 are shown; 1 of 2 objects have one")
    assert without["counts"] == [["found", 1, "positive"], ["missed", 1, "negative"]]
    for limit, state in zip(two_stages.THRESHOLDS[1:], others):
        kept = nms(boxes, scores, limit)
        assert state["say"].startswith(f"NMS at {limit:g}: {len(kept)} boxes left, the best {min(len(kept), 8)} are")
        drawn = np.array([mark[2:6] for mark in state["marks"] if mark[1] == "prediction"], float)[::-1]
        np.testing.assert_allclose(drawn[:, :2], boxes[kept[:8], :2], atol=0.06)
        best = iou(objects, boxes[kept[:8]]).max(axis=1)
        assert state["point"][1] == pytest.approx(best.mean())
    assert others[-1]["counts"][0] == ["found", 2, "positive"]
    assert got["states"][got["first"]]["say"].startswith("NMS at 0.7")


def test_a_box_over_cells_says_what_is_read():
    cells, quarter = two_stages.CELLS, two_stages.QUARTER
    for variant in data(two_stages.cells_of_a_region())["variants"]:
        length, most = variant["things"][0]["w"], 4 * cells
        assert len(variant["states"]) == (most - length + 1) ** 2
        for key in list(variant["states"])[::5]:
            (x, y), (words, marks) = map(int, key.split(",")), variant["states"][key]
            region = np.array([[x, y, x + length, y + length]]) / most
            read = cells_read(region, cells, cells, cells)[0]
            columns, rows, value, without = (float(n) for n in re.findall(r"(?<!\+)\b\d+(?:\.\d\d)?", words))
            assert (columns, rows) == pytest.approx(tuple((read[2:] - read[:2]) * cells))
            assert value == pytest.approx(iou(region, read[None])[0, 0], abs=0.0051)
            plain = cells_read(region, cells, cells, cells, plus_one=False)
            assert without == pytest.approx(iou(region, plain)[0, 0], abs=0.0051)
            drawn = np.array(marks[0][2:6]) / (most * quarter)
            np.testing.assert_allclose(drawn, [*read[:2], *(read[2:] - read[:2])], atol=1e-3)
            assert sum(int(mark[4]) for mark in marks[2:]) == pytest.approx(100, abs=13)  # rounded, each
        x, y = variant["things"][0]["x"], variant["things"][0]["y"]
        assert f"{x},{y}" in variant["states"]


def test_the_weights_of_cells_are_those_of_roi_align(rng):
    config = type("Config", (), {"cells": 6, "pool_size": 7, "aligned": True})
    region, x = np.array([[0.11, 0.2, 0.62, 0.45]]), rng.normal(size=(1, 6, 6, 1))
    pooled = RoIAlign(config).infer(x, region, np.zeros(1, int))
    weights = two_stages.cell_weights(region, 6)
    assert weights.sum() == pytest.approx(1)
    assert (weights * x[0, :, :, 0]).sum() == pytest.approx(pooled.mean())
