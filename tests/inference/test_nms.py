"""numpyssd.inference.nms: greedy, best first, ties to the lower index, and who suppressed whom."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numpyssd.boxes import iou
from numpyssd.drawing import new_figure
from numpyssd.inference.nms import BLOCK, draw_nms, nms, nms_explained


def nms_by_loops(boxes, scores, threshold, top_k=None):
    """Keep, and who removed whom, box by box: a box is kept unless a box kept before overlaps it too much."""
    ranked = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    ranked = ranked if top_k is None else ranked[:top_k]
    keep, suppressor = [], [-1] * len(scores)
    for i in ranked:
        suppressor[i] = next((k for k in keep if iou(boxes[k : k + 1], boxes[i : i + 1])[0, 0] > threshold), i)
        if suppressor[i] == i:
            keep.append(i)
    return keep, suppressor


@st.composite
def candidates(draw, most=14):
    """Boxes on a coarse grid, some empty or inverted, and scores of which many are equal."""
    count = draw(st.integers(0, most))
    boxes = draw(hnp.arrays(np.float32, (count, 4), elements=st.integers(0, 6).map(float)))
    return boxes, draw(hnp.arrays(np.float32, count, elements=st.integers(0, 4).map(lambda i: i / 4)))


@settings(deadline=None, max_examples=150)
@given(candidates(), st.sampled_from([0.0, 0.25, 0.45, 0.5, 1.0]), st.sampled_from([None, 0, 1, 5, 99]))
def test_is_its_definition(candidates, threshold, top_k):
    keep, suppressor = nms_explained(*candidates, threshold, top_k)
    assert (keep.dtype, suppressor.dtype) == (np.int64, np.int64)
    assert (keep.tolist(), suppressor.tolist()) == nms_by_loops(*candidates, threshold, top_k)


@pytest.mark.parametrize("top_k", [None, 200])
def test_is_its_definition_over_several_blocks(top_k):
    rng = np.random.default_rng(0)
    count = 4 * BLOCK + 7
    corners = rng.uniform(0, 1, (count, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(0.05, 0.3, (count, 2))], axis=1)
    scores = rng.integers(0, 30, count) / 30
    keep, suppressor = nms_explained(boxes, scores, 0.3, top_k)
    assert len(keep) > BLOCK / 2
    assert (keep.tolist(), suppressor.tolist()) == nms_by_loops(boxes, scores, 0.3, top_k)


@settings(deadline=None, max_examples=50)
@given(candidates())
def test_a_second_time_removes_nothing(candidates):
    boxes, scores = candidates
    keep = nms(boxes, scores)
    assert nms(boxes[keep], scores[keep]).tolist() == list(range(len(keep)))
    assert (np.diff(scores[keep]) <= 0).all()
    overlaps = iou(boxes[keep], boxes[keep])
    assert (overlaps[~np.eye(len(keep), dtype=bool)] <= 0.45).all()


# Worked by hand: three boxes of 10 x 10 in a row, each moved by 3 from the one before.
# IoU of neighbors 70 / 130 = 0.538, of the first and the last 40 / 160 = 0.25.
ROW = np.array([[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10]], dtype=np.float32)


def test_golden():
    assert nms(ROW, np.array([0.9, 0.8, 0.7])).tolist() == [0, 2]
    assert nms(ROW, np.array([0.8, 0.9, 0.7])).tolist() == [1]
    assert nms(ROW, np.array([0.7, 0.8, 0.9])).tolist() == [2, 0]
    assert nms(ROW, np.array([0.7, 0.8, 0.9]), iou_threshold=0.2).tolist() == [2]
    assert nms(ROW, np.array([0.7, 0.8, 0.9]), iou_threshold=0.6).tolist() == [2, 1, 0]


def test_a_removed_box_removes_nobody():
    keep, suppressor = nms_explained(ROW, np.array([0.9, 0.8, 0.7]))
    assert keep.tolist() == [0, 2]  # the last overlaps only the middle one, which is gone
    assert suppressor.tolist() == [0, 0, 2]


def test_exactly_at_the_threshold_both_stay():
    # 20 x 1 and 9 x 1 of it: IoU 9 / 20 = 0.45.
    boxes = np.array([[0, 0, 20, 1], [0, 0, 9, 1]], dtype=np.float32)
    assert nms(boxes, np.array([0.9, 0.8]), 0.45).tolist() == [0, 1]
    assert nms(boxes, np.array([0.9, 0.8]), 0.4499).tolist() == [0]
    assert nms(boxes.astype(np.float64), np.array([0.9, 0.8]), 0.45).tolist() == [0, 1]


def test_equal_scores_go_to_the_lower_index():
    boxes = np.tile(ROW[:1], (3, 1))
    keep, suppressor = nms_explained(boxes, np.full(3, 0.5))
    assert keep.tolist() == [0]
    assert suppressor.tolist() == [0, 0, 0]
    assert nms(ROW, np.full(3, 0.5), top_k=2).tolist() == [0]


def test_top_k_cuts_before_suppression():
    # The best two are one object; had they been counted after suppression, the third would be the second to stay.
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]], dtype=np.float32)
    keep, suppressor = nms_explained(boxes, np.array([0.9, 0.8, 0.7]), top_k=2)
    assert keep.tolist() == [0]
    assert suppressor.tolist() == [0, 0, -1]
    assert nms(boxes, np.array([0.9, 0.8, 0.7]), top_k=0).tolist() == []


def test_it_ends_when_so_many_are_kept():
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 60, (300, 2))
    boxes, scores = np.concatenate([corner, corner + rng.uniform(5, 40, (300, 2))], axis=1), rng.random(300)
    keep, suppressor = nms_explained(boxes, scores, 0.5)
    assert len(keep) > 80  # several blocks
    for most in (0, 1, 63, 64, 65, len(keep) - 1, len(keep), 1000):
        fewer, removed_by = nms_explained(boxes, scores, 0.5, most=most)
        np.testing.assert_array_equal(fewer, keep[:most])
        expected = np.where(np.isin(suppressor, fewer), suppressor, -1)
        np.testing.assert_array_equal(removed_by, expected)
        np.testing.assert_array_equal(nms(boxes, scores, 0.5, most=most), fewer)


def test_a_box_is_removed_by_the_best_of_those_that_could():
    boxes = np.array([[0, 0, 10, 10], [6, 0, 16, 10], [3, 0, 13, 10]], dtype=np.float32)
    assert nms_explained(boxes, np.array([0.8, 0.9, 0.7]))[1].tolist() == [0, 1, 1]


def test_boxes_without_area_overlap_nothing_and_stay():
    boxes = np.array([[5, 5, 5, 5], [5, 5, 5, 5], [9, 9, 1, 1]], dtype=np.float32)
    assert nms(boxes, np.array([0.1, 0.2, 0.3])).tolist() == [2, 1, 0]


def test_no_boxes():
    keep, suppressor = nms_explained(np.zeros((0, 4)), np.zeros(0))
    assert keep.shape == suppressor.shape == (0,)
    assert keep.dtype == np.int64


@pytest.mark.parametrize(
    ("boxes", "scores", "options", "words"),
    [
        (np.zeros(4), np.zeros(1), {}, r"boxes .*\(4,\)"),
        (np.zeros((2, 5)), np.zeros(2), {}, r"boxes .*\(2, 5\)"),
        (np.zeros((2, 4)), np.zeros(3), {}, r"scores .*\(2,\).*\(3,\)"),
        (np.zeros((2, 4)), np.zeros(1), {}, r"scores .*\(2,\).*\(1,\)"),
        (np.zeros((2, 4)), np.zeros((2, 1)), {}, r"scores .*\(2, 1\)"),
        (np.zeros((2, 4)), np.array([0.5, np.nan]), {}, r"scores \(2,\) .*NaN"),
        (np.zeros((2, 4)), np.zeros(2), {"top_k": -1}, "top_k .*-1"),
        (np.zeros((2, 4)), np.zeros(2), {"iou_threshold": np.nan}, "iou_threshold"),
    ],
)
def test_wrong_arguments_are_named(boxes, scores, options, words):
    with pytest.raises(ValueError, match=words):
        nms(boxes, scores, **options)


def test_image_shows_who_removed_whom():
    _, axes = new_figure(columns=2)
    draw_nms(axes, np.zeros((20, 20, 3), np.uint8), ROW, np.array([0.9, 0.8, 0.7]))
    assert [len(ax.patches) for ax in axes] == [3, 2]
    edges = {patch.get_x(): (patch.get_edgecolor(), patch.get_linestyle()) for patch in axes[0].patches}
    assert edges[0][0] == edges[3][0] != edges[6][0]
    assert (edges[0][1], edges[3][1]) == ("-", "--")
    assert "2 boxes" in axes[1].get_title()
    assert [text.get_text().strip() for text in axes[1].texts] == ["0.90, removed 1", "0.70, removed 0"]
