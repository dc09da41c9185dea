"""numpyssd.model.box_coding: offsets by their formula, there and back, and the boxes that have none."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numpyssd.boxes import cxcywh_to_xyxy, xyxy_to_cxcywh
from numpyssd.config import SSD300
from numpyssd.drawing import new_figure
from numpyssd.model.box_coding import VARIANCES, decode, draw_offsets, encode
from numpyssd.model.default_boxes import default_boxes


def encode_one(box, default_box):
    """Equation 2 of the paper with Caffe's variances, for one box."""
    x1, y1, x2, y2 = box
    cx, cy, w, h = default_box
    return [
        ((x1 + x2) / 2 - cx) / w / 0.1,
        ((y1 + y2) / 2 - cy) / h / 0.1,
        math.log((x2 - x1) / w) / 0.2,
        math.log((y2 - y1) / h) / 0.2,
    ]


def decode_one(loc, default_box):
    """The inverse, for one box."""
    cx, cy, w, h = default_box
    x, y = cx + loc[0] * 0.1 * w, cy + loc[1] * 0.1 * h
    width, height = w * math.exp(loc[2] * 0.2), h * math.exp(loc[3] * 0.2)
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]


def sized_boxes(rng, count):
    return np.concatenate([rng.uniform(-0.2, 1.2, (count, 2)), rng.uniform(0.01, 1.5, (count, 2))], axis=1)


def test_is_its_definition():
    rng = np.random.default_rng(0)
    boxes, defaults = cxcywh_to_xyxy(sized_boxes(rng, 50)), sized_boxes(rng, 50)
    loc = rng.normal(size=(50, 4)) * 3
    np.testing.assert_allclose(encode(boxes, defaults), [encode_one(b, d) for b, d in zip(boxes, defaults)], rtol=1e-9)
    np.testing.assert_allclose(decode(loc, defaults), [decode_one(x, d) for x, d in zip(loc, defaults)], rtol=1e-12)


def test_golden():
    # By hand: the center moves by half a width and a quarter of a height, and the sizes grow by e^0.2 and shrink by
    # e^-0.4. The first row is the default box itself.
    assert VARIANCES == (0.1, 0.2)
    default = np.array([[0.5, 0.5, 0.2, 0.4]] * 2)
    object_ = np.array([[0.5, 0.5, 0.2, 0.4], [0.6, 0.6, 0.2 * math.exp(0.2), 0.4 * math.exp(-0.4)]])
    loc = [[0, 0, 0, 0], [5, 2.5, 1, -2]]
    np.testing.assert_allclose(encode(cxcywh_to_xyxy(object_), default), loc, atol=1e-12)
    np.testing.assert_allclose(decode(loc, default), cxcywh_to_xyxy(object_), atol=1e-12)


def test_golden_in_pixels():
    # Offsets have no unit: the second default box of VOC300 is the 42.426 px square at (4, 4); the object is 60 px.
    default = default_boxes(SSD300)[1:2] * np.float32(300)
    loc = encode(np.array([[0, 0, 60, 60]], np.float32), default)
    # (30 - 4) / 42.426 / 0.1 = 6.12826, log(60 / 42.426) / 0.2 = log(sqrt 2) / 0.2 = 1.73287
    np.testing.assert_allclose(loc, [[6.12826, 6.12826, 1.73287, 1.73287]], rtol=1e-5)


@settings(deadline=None, max_examples=50)
@given(hnp.arrays(np.float64, (6, 4), elements=st.floats(-30, 30)), st.integers(0, 2**32 - 1))
def test_there_and_back(loc, seed):
    defaults = sized_boxes(np.random.default_rng(seed), 6)
    np.testing.assert_allclose(encode(decode(loc, defaults), defaults), loc, atol=1e-6)


def test_there_and_back_in_float32_for_all_default_boxes():
    defaults = default_boxes(SSD300)
    boxes = cxcywh_to_xyxy(defaults[::-1])
    loc = encode(boxes, defaults)
    assert loc.dtype == np.float32
    back = decode(loc, defaults)
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, boxes, atol=1e-6)


def test_decode_does_not_clip():
    box = decode([[0, 0, 10, 10]], [[0.5, 0.5, 1, 1]])
    np.testing.assert_allclose(box, [[0.5 - math.exp(2) / 2] * 2 + [0.5 + math.exp(2) / 2] * 2])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("extreme", [1e4, -1e4, 3e38, -3e38])
def test_decode_of_extreme_offsets_is_no_nan(dtype, extreme):
    loc = np.full((2, 4), extreme, dtype)
    loc[1, :2] = 0
    box = decode(loc, default_boxes(SSD300)[:2].astype(dtype))  # a RuntimeWarning would fail the test
    assert not np.isnan(box).any()
    if extreme > 0:  # the exponential overflows: from -inf to inf
        np.testing.assert_array_equal(box, [[-np.inf, -np.inf, np.inf, np.inf]] * 2)
    else:  # it vanishes: a point
        assert np.isfinite(box).all()
        np.testing.assert_array_equal(box[:, :2], box[:, 2:])


@pytest.mark.parametrize(
    "bad",
    [
        [0.2, 0.2, 0.2, 0.6],  # no width
        [0.2, 0.6, 0.5, 0.6],  # no height
        [0.6, 0.2, 0.2, 0.6],  # inverted
        [0.6, 0.6, 0.2, 0.2],  # inverted twice
        [0, 0, np.inf, 1],
        [np.nan, 0, 1, 1],
    ],
)
def test_a_box_without_size_cannot_be_encoded(bad):
    boxes = np.array([[0, 0, 1, 1], [0.1, 0.1, 0.2, 0.2], bad, bad])
    with pytest.raises(ValueError, match="boxes row 2"):
        encode(boxes, np.full((4, 4), 0.5))


def test_zero_rows():
    none = np.zeros((0, 4), np.float32)
    assert encode(none, none).shape == decode(none, none).shape == (0, 4)


@pytest.mark.parametrize("function", [encode, decode])
def test_rows_must_agree(function):
    with pytest.raises(ValueError, match=r"\(3, 4\).*\(1, 4\)"):  # never broadcast silently
        function(np.ones((3, 4)), np.ones((1, 4)))
    with pytest.raises(ValueError, match=r"\(N, 4\)"):
        function(np.ones((3, 2)), np.ones((3, 4)))


def test_arguments_stay_as_they_were():
    boxes, defaults = np.array([[0.1, 0.1, 0.4, 0.5]]), np.array([[0.2, 0.2, 0.3, 0.3]])
    copies = boxes.copy(), defaults.copy()
    decode(encode(boxes, defaults), defaults)
    np.testing.assert_array_equal(boxes, copies[0])
    np.testing.assert_array_equal(defaults, copies[1])


def test_figure():
    _, ax = new_figure()
    box, default = np.array([30.0, 40, 60, 80]), xyxy_to_cxcywh(np.array([[10.0, 20, 50, 60]]))[0]
    draw_offsets(ax, np.zeros((100, 100, 3), np.uint8), box, default)
    assert len(ax.patches) == 2
    arrow = ax.texts[0]
    assert arrow.xy == (45, 60)  # from the center of the default box to that of the object
    assert arrow.xyann == (30, 40)
    for value in encode([box], [default])[0]:
        assert f"{value:+.2f}" in ax.get_xlabel()


def test_a_size_limit_holds_the_sides_and_leaves_the_center_and_small_boxes_alone():
    defaults = np.array([[0.5, 0.5, 0.1, 0.2]] * 3)
    loc = np.array([[1.0, 2, 30, 30], [1, 2, 0.5, -40], [-5, 70, 20.6, 20.7]])  # 62.5 is exp(0.2 * 20.68)
    limited = xyxy_to_cxcywh(decode(loc, defaults, size_limit=62.5))
    free = xyxy_to_cxcywh(decode(loc, defaults))
    np.testing.assert_allclose(limited[:, :2], free[:, :2], atol=1e-9)
    np.testing.assert_allclose(limited[0, 2:], [6.25, 12.5])
    np.testing.assert_allclose(limited[1, 2:], free[1, 2:])
    np.testing.assert_allclose(limited[2, 2:], [free[2, 2], 12.5])
    assert decode(loc.astype(np.float32), defaults.astype(np.float32), 62.5).dtype == np.float32
    for wrong in (0, -1, np.nan):
        with pytest.raises(ValueError, match="size_limit must be positive"):
            decode(loc, defaults, size_limit=wrong)


def test_other_variances_are_other_units():
    boxes = np.array([[0.1, 0.2, 0.5, 0.4], [0.0, 0.0, 1.0, 0.9]])
    defaults = np.array([[0.3, 0.3, 0.3, 0.3], [0.4, 0.5, 0.8, 0.7]])
    offsets = encode(boxes, defaults)
    np.testing.assert_array_equal(encode(boxes, defaults, VARIANCES), offsets)
    plain = encode(boxes, defaults, (1, 1))
    np.testing.assert_allclose(plain / [0.1, 0.1, 0.2, 0.2], offsets)
    np.testing.assert_allclose(decode(plain, defaults, variances=(1, 1)), boxes, atol=1e-12)
    # A size limit is a number of times the default box, whatever the units.
    held = decode(np.full((2, 4), 100.0), defaults, 2, (1, 1))
    np.testing.assert_allclose(held[:, 2:] - held[:, :2], 2 * defaults[:, 2:])
