"""numpyssd.boxes: conversions and IoU."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numpyssd import boxes as module
from numpyssd.boxes import area, as_boxes, cxcywh_to_xyxy, draw_iou, draw_ladder, iou, xyxy_to_cxcywh
from numpyssd.drawing import new_figure

INF, NAN = np.inf, np.nan


def one_iou(a, b):
    """IoU of two boxes by its definition, in plain Python."""
    if a[2] <= a[0] or a[3] <= a[1] or b[2] <= b[0] or b[3] <= b[1]:
        return 0.0
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    area_a, area_b = (a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (area_a + area_b - width * height)


def whole_number_boxes(dtype=np.float64, low=-8, high=8):
    """Boxes (0..6, 4) with whole corners: many touch, many are empty or inverted, and all arithmetic is exact."""
    shape = st.tuples(st.integers(0, 6), st.just(4))
    return hnp.arrays(dtype, shape, elements=st.integers(low, high).map(float))


@settings(deadline=None, max_examples=50)
@given(whole_number_boxes(), whole_number_boxes())
def test_iou_is_its_definition(a, b):
    expected = np.array([[one_iou(x, y) for y in b] for x in a]).reshape(len(a), len(b))
    np.testing.assert_allclose(iou(a, b), expected, rtol=1e-15)


@pytest.mark.parametrize(("n", "m"), [(1, 40000), (3, 20000), (300, 200), (20000, 3)])
def test_iou_does_not_depend_on_the_blocks_it_works_in(n, m):
    rng = np.random.default_rng(1)
    a, b = cxcywh_to_xyxy(rng.uniform(0, 1, (n, 4))), cxcywh_to_xyxy(rng.uniform(0, 1, (m, 4)))
    overlaps = iou(a, b)
    assert overlaps.shape == (n, m)
    for _ in range(200):
        i, j = rng.integers(n), rng.integers(m)
        assert overlaps[i, j] == pytest.approx(one_iou(a[i], b[j]), rel=1e-12)
    assert overlaps[-1, -1] == pytest.approx(one_iou(a[-1], b[-1]), rel=1e-12)


@pytest.mark.parametrize(
    ("n", "m", "blocks"),
    [(20, 1024, [16, 4]), (300, 100, [163, 137]), (2, 2**15, [1, 1]), (20000, 0, [2**14, 20000 - 2**14]), (0, 5, [])],
)
def test_iou_works_on_at_most_16384_overlaps_at_a_time(n, m, blocks, monkeypatch):
    seen, intersection = [], module._intersection
    monkeypatch.setattr(module, "_intersection", lambda a, b: seen.append(a.shape[1]) or intersection(a, b))
    assert iou(np.ones((n, 4)), np.ones((m, 4))).shape == (n, m)
    assert seen == blocks


def test_iou_golden():
    # By hand: equal; half of it; shifted by a third of the width (2/3 over 4/3); a quarter shared; corner to corner.
    box = [[0, 0, 6, 6]]
    others = [[0, 0, 6, 6], [0, 0, 3, 6], [2, 0, 8, 6], [3, 3, 9, 9], [6, 6, 7, 7], [6, 0, 9, 6], [10, 10, 11, 11]]
    np.testing.assert_allclose(iou(box, others), [[1, 0.5, 0.5, 9 / 63, 0, 0, 0]], rtol=1e-15)


def test_iou_has_no_plus_one():
    # The devkit's inclusive boxes (1, 1, 10, 10) and (6, 1, 15, 10) share 5 of 15 columns; as continuous corners too.
    assert iou([[0, 0, 10, 10]], [[5, 0, 15, 10]])[0, 0] == pytest.approx(5 / 15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_iou_of_boxes_that_are_none_is_zero(dtype):
    none = [
        [0, 0, 0, 0],  # a point
        [0.2, 0.2, 0.2, 0.8],  # a line
        [0.8, 0.8, 0.2, 0.2],  # inverted both ways: width times height is positive
        [0.8, 0.2, 0.2, 0.8],  # inverted in x
        [0, 0, INF, INF],
        [-INF, -INF, INF, INF],
        [INF, INF, INF, INF],
        [NAN, 0, 1, 1],
        [NAN, NAN, NAN, NAN],
        [-np.finfo(dtype).max] * 2 + [np.finfo(dtype).max] * 2,
        [0, 0, np.finfo(dtype).max, np.finfo(dtype).max],
        [0, 0, 0.9 * np.finfo(dtype).max ** 0.5, 0.9 * np.finfo(dtype).max ** 0.5],  # twice the area would overflow
    ]
    boxes = np.array([[0, 0, 1, 1], *none], dtype)
    overlaps = iou(boxes, boxes)  # a RuntimeWarning would fail the test
    assert overlaps[0, 0] == 1
    overlaps[0, 0] = 0
    np.testing.assert_array_equal(overlaps, 0)


def test_iou_of_large_and_small_boxes_that_still_have_an_area():
    for scale in (1e-15, 1e15):
        boxes = np.array([[0, 0, 6, 6], [2, 0, 8, 6]], np.float32) * np.float32(scale)
        np.testing.assert_allclose(iou(boxes, boxes), [[1, 0.5], [0.5, 1]], rtol=1e-5)


@settings(deadline=None, max_examples=50)
@given(hnp.arrays(np.float32, st.tuples(st.integers(0, 5), st.just(4)), elements=st.floats(width=32)))
def test_iou_of_anything_is_a_number_from_0_to_1_and_symmetric(boxes):
    overlaps = iou(boxes, boxes)
    assert ((overlaps >= 0) & (overlaps <= 1)).all()
    np.testing.assert_array_equal(overlaps, overlaps.T)


@settings(deadline=None, max_examples=50)
@given(hnp.arrays(np.float32, (4, 4), elements=st.floats(0, 1, width=32)))
def test_iou_with_itself_is_one(values):
    boxes = np.concatenate([values[:, :2], values[:, :2] + values[:, 2:] + np.float32(0.01)], axis=1)
    np.testing.assert_array_equal(np.diag(iou(boxes, boxes)), 1)


def test_iou_keeps_the_float_type():
    boxes32, boxes64 = np.eye(4, dtype=np.float32), np.eye(4)
    assert iou(boxes32, boxes32).dtype == np.float32
    assert iou(boxes64, boxes64).dtype == np.float64
    assert iou(boxes32, boxes64).dtype == np.float64
    # Whole numbers become floats first: as uint8, 0 - 200 would be 56 and 200 * 200 would be 64.
    small = np.array([[0, 0, 200, 200], [200, 200, 250, 250]], np.uint8)
    np.testing.assert_allclose(iou(small, small), np.eye(2))
    np.testing.assert_allclose(xyxy_to_cxcywh(small), [[100, 100, 200, 200], [225, 225, 50, 50]])


def test_float_boxes_are_not_copied():
    for dtype in (np.float32, np.float64):
        boxes = np.eye(4, dtype=dtype)
        assert as_boxes(boxes) is boxes
    assert as_boxes([[1, 2, 3, 4]]).dtype == np.float64


def test_no_boxes():
    none, three = np.zeros((0, 4), np.float32), np.zeros((3, 4), np.float32)
    assert iou(none, three).shape == (0, 3)
    assert iou(three, none).shape == (3, 0)
    assert iou(none, none).shape == (0, 0)
    assert xyxy_to_cxcywh(none).shape == cxcywh_to_xyxy(none).shape == (0, 4)


def test_conversions_golden():
    np.testing.assert_array_equal(xyxy_to_cxcywh([[1, 2, 5, 10]]), [[3, 6, 4, 8]])
    np.testing.assert_array_equal(cxcywh_to_xyxy([[3, 6, 4, 8]]), [[1, 2, 5, 10]])


@settings(deadline=None, max_examples=50)
@given(whole_number_boxes(np.float32))
def test_conversions_undo_each_other_and_leave_their_argument_alone(boxes):
    before = boxes.copy()
    for there, back in ((xyxy_to_cxcywh, cxcywh_to_xyxy), (cxcywh_to_xyxy, xyxy_to_cxcywh)):
        result = back(there(boxes))
        assert result.dtype == np.float32
        np.testing.assert_array_equal(result, boxes)
    iou(boxes, boxes)
    np.testing.assert_array_equal(boxes, before)


def test_area():
    np.testing.assert_array_equal(area([[0, 0, 2, 3], [2, 3, 0, 0], [1, 1, 1, 5]]), [6, 0, 0])
    inverted = [[0.8, 0.8, 0.2, 0.2], [0.8, 0.2, 0.2, 0.8], [0.2, 0.8, 0.8, 0.2]]  # both ways, in x, in y
    np.testing.assert_array_equal(area(inverted), [0, 0, 0])


def test_the_largest_area_is_just_below_a_quarter_of_the_largest_number():
    quarter = float(np.finfo(np.float32).max / 4)
    width, height = np.float32(quarter / 2.0**63), np.float32(2.0**63)
    assert area(np.array([[0, 0, width, height]], np.float32))[0] == 0
    below = np.nextafter(width, np.float32(0))
    assert area(np.array([[0, 0, below, height]], np.float32))[0] == below * height < quarter


@pytest.mark.parametrize("shape", [(0,), (4,), (3, 5), (3, 3), (2, 3, 4), (3, 4, 2)])
def test_other_shapes_are_refused_by_name(shape):
    wrong, right = np.zeros(shape), np.zeros((2, 4))
    for call in (lambda: iou(wrong, right), lambda: iou(right, wrong), lambda: xyxy_to_cxcywh(wrong)):
        with pytest.raises(ValueError, match=r"\(N, 4\)") as failure:
            call()
        assert str(shape) in str(failure.value)
    with pytest.raises(ValueError, match="^b must"):
        iou(right, wrong)


def test_figure():
    image = np.zeros((10, 12, 3), np.uint8)
    _, ax = new_figure()
    draw_iou(ax, image, [0, 0, 6, 6], [2, 0, 8, 6])
    assert len(ax.patches) == 3  # two boxes and what they share
    assert "24 / 48 = 0.50" in ax.get_title()
    _, ax = new_figure()
    draw_iou(ax, image, [0, 0, 2, 2], [4, 4, 6, 6])
    assert len(ax.patches) == 2
    _, axes = new_figure(1, 3)
    draw_ladder(axes, image, np.array([0.0, 0, 6, 6]))
    assert [len(ax.patches) for ax in axes] == [3, 3, 3]
