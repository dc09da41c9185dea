"""RoI pooling: the released rules by loops, both versions to the bit, the gradient, and the bugs of ports."""

import math

import numpy as np
import pytest
from gradcheck import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.kernels.cpu import roi_pooling as compiled
from numpyssd.kernels.cpu.runtime.threads import set_threads, thread_count
from numpyssd.rivals.faster_rcnn import roi_pooling as reference
from numpyssd.rivals.faster_rcnn.roi_pooling import cells_read, roi_bins, roi_cells, round_half_away

VERSIONS = {"reference": reference, "cpu": compiled}
SHAPE = (2, 6, 9, 3)
# In cells: whole ones, corners at halves, a part outside, wholly outside, no area, the whole map, one cell.
ROIS = np.float64([
    (0, 0, 8, 5), (1.5, 2.5, 4.5, 3.5), (-2, -1, 3, 2), (7, 4, 15, 12), (20, 20, 25, 25), (3, 2, 3, 2),
    (-9, -9, -5, -5),
    (2.49, 1.51, 6.2, 4.7), (5, 3, 5.4, 3.4),
])  # fmt: skip
IMAGES = np.array([0, 0, 1, 1, 0, 1, 0, 1, 1])


@pytest.fixture(params=VERSIONS)
def version(request):
    return VERSIONS[request.param]


def by_loops(x, images, rois, size, plus_one=True):
    """The released rules, a value at a time, with halves away from zero."""
    _, height, width, channels = x.shape
    away = [[math.floor(abs(v) + 0.5) * (1 if v >= 0 else -1) for v in roi] for roi in rois]
    out, argmax = np.zeros((len(rois), size, size, channels), x.dtype), np.full((len(rois), size, size, channels), -1)
    for r, (x1, y1, x2, y2) in enumerate(away):
        w, h = max(x2 - x1 + plus_one, 1), max(y2 - y1 + plus_one, 1)
        for i in range(size):
            for j in range(size):
                for c in range(channels):
                    for row in range(y1 + math.floor(i * h / size), y1 + math.ceil((i + 1) * h / size)):
                        for column in range(x1 + math.floor(j * w / size), x1 + math.ceil((j + 1) * w / size)):
                            if not (0 <= row < height and 0 <= column < width):
                                continue
                            value = x[images[r], row, column, c]
                            if argmax[r, i, j, c] < 0 or value > out[r, i, j, c]:
                                out[r, i, j, c], argmax[r, i, j, c] = value, row * width + column
    return out, argmax


def backward_by_loops(dout, argmax, images, shape):
    dx = np.zeros(shape, dout.dtype)
    for place, winner in np.ndenumerate(argmax):
        if winner >= 0:
            dx[images[place[0]], winner // shape[2], winner % shape[2], place[3]] += dout[place]
    return dx


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize("plus_one", [True, False])
def test_is_its_definition(size, plus_one, dtype, version, rng):
    x = rng.integers(-3, 4, SHAPE).astype(dtype)  # few values, so that there are many ties
    bins = roi_bins(ROIS, 1, size, *SHAPE[1:3], plus_one)
    out, argmax = version.roi_pooling_forward(x, IMAGES, *bins)
    expected, expected_argmax = by_loops(x, IMAGES, ROIS, size, plus_one)
    assert (out.dtype, argmax.dtype) == (dtype, np.int32)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(argmax, expected_argmax)
    dout = rng.integers(-9, 10, out.shape).astype(dtype)  # whole numbers, so that sums are exact in any order
    dx = version.roi_pooling_backward(dout, argmax, IMAGES, SHAPE)
    assert dx.dtype == dtype
    np.testing.assert_array_equal(dx, backward_by_loops(dout, argmax, IMAGES, SHAPE))


def test_by_hand(version):
    # A map of 4 x 4 with the values 0 to 15, and the RoI from cell 1, 1 to cell 2.5, 2: the half goes up to 3.
    x = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    rows, columns = roi_bins([(1, 1, 2.5, 2)], 1, 2, 4, 4)
    assert rows[0].tolist() == [[1, 2], [2, 3]]
    assert columns[0].tolist() == [[1, 3], [2, 4]]  # three columns, two bins: they share the middle one
    out, argmax = version.roi_pooling_forward(x, np.array([0]), rows, columns)
    np.testing.assert_array_equal(out[0, :, :, 0], [[6, 7], [10, 11]])
    np.testing.assert_array_equal(argmax[0, :, :, 0], [[6, 7], [10, 11]])


def test_halves_go_away_from_zero():
    # Trap 11: np.rint rounds 0.5, 2.5 and -1.5 to 0, 2 and -2.
    x = np.float32([0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997, 8388609])
    np.testing.assert_array_equal(round_half_away(x), [1, 2, 3, -1, -2, 0, 8388609])
    assert (np.rint(x) != round_half_away(x)).sum() == 3
    assert roi_cells([(0.5, 2.5, 4, 4)], 1)[0].tolist() == [3, 1, 2, 4]
    assert np.floor(x[5] + np.float32(0.5)) == 1  # what adding a half and cutting off would say


def test_the_plus_one():
    # Trap 1: without it a box is a cell narrower, and 7 bins over 7 cells are over 6.
    assert roi_cells([(0, 0, 6, 6)], 1)[0].tolist() == [0, 0, 7, 7]
    assert roi_cells([(0, 0, 6, 6)], 1, plus_one=False)[0].tolist() == [0, 0, 6, 6]
    assert roi_cells([(3, 3, 3, 3)], 1, plus_one=False)[0].tolist() == [3, 3, 1, 1]


def test_an_empty_bin_is_zero_and_passes_no_gradient(version):
    # Trap: with an argmax of -1 taken for a place, the gradient ends in the last cell.
    x = -np.ones((1, 4, 4, 2), np.float32)
    bins = roi_bins([(2, 2, 9, 9)], 1, 2, 4, 4)
    out, argmax = version.roi_pooling_forward(x, np.array([0]), *bins)
    assert out[0, :, :, 0].tolist() == [[-1, 0], [0, 0]]
    assert argmax[0, :, :, 0].tolist() == [[10, -1], [-1, -1]]
    dout = np.full(out.shape, 5, np.float32)
    dx = version.roi_pooling_backward(dout, argmax, np.array([0]), x.shape)
    assert dx[0, 2, 2].tolist() == [5, 5]
    assert dx.sum() == 10
    planted = np.zeros(16)
    np.add.at(planted, argmax[..., 0].ravel(), dout[..., 0].ravel())
    assert planted[-1] == 15


def test_gradients_add_up_where_regions_overlap(version, rng):
    x = rng.standard_normal((1, 5, 5, 1)).astype(np.float32)
    whole = np.repeat([(0.0, 0.0, 4.0, 4.0)], 3, axis=0)
    bins = roi_bins(whole, 1, 1, 5, 5)
    out, argmax = version.roi_pooling_forward(x, np.zeros(3, int), *bins)
    dx = version.roi_pooling_backward(np.float32([1, 10, 100]).reshape(3, 1, 1, 1), argmax, np.zeros(3, int), x.shape)
    assert dx.max() == dx.sum() == 111
    assert dx.argmax() == x.argmax()
    np.testing.assert_array_equal(out.ravel(), x.max())


def test_gradient(version, rng):
    x = rng.permutation(np.prod(SHAPE)).reshape(SHAPE) / 10  # all apart: no small step changes a winner
    bins = roi_bins(ROIS, 1, 3, *SHAPE[1:3])
    out, argmax = version.roi_pooling_forward(x, IMAGES, *bins)
    dout = rng.standard_normal(out.shape)
    dx = version.roi_pooling_backward(dout, argmax, IMAGES, SHAPE)
    assert_gradient(lambda x: float((version.roi_pooling_forward(x, IMAGES, *bins)[0] * dout).sum()), [x], [dx], rng)


@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_both_versions_agree_to_the_bit(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    shape = tuple(data.draw(st.tuples(st.integers(1, 3), st.integers(1, 8), st.integers(1, 8), st.integers(1, 130))))
    count, size = data.draw(st.integers(0, 6)), data.draw(st.integers(1, 7))
    x = rng.standard_normal(shape).astype(np.float32)
    x[rng.random(shape) < data.draw(st.sampled_from([0, 0.1]))] = np.nan
    bins = roi_bins(rng.uniform(-3, 11, (count, 4)), 1, size, *shape[1:3])
    images = rng.integers(0, shape[0], count)
    found = [v.roi_pooling_forward(x, images, *bins) for v in VERSIONS.values()]
    for ours, theirs in zip(*found):
        np.testing.assert_array_equal(ours, theirs)
    dout = rng.standard_normal(found[0][0].shape).astype(np.float32)
    gradients = [v.roi_pooling_backward(dout, found[0][1], images, shape) for v in VERSIONS.values()]
    np.testing.assert_array_equal(*gradients)


def test_threads_do_not_change_a_bit(rng):
    x = rng.standard_normal((3, 19, 19, 128)).astype(np.float32)
    corner = rng.uniform(0, 0.8, (96, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(0.02, 0.4, (96, 2))], axis=1)
    bins, images = roi_bins(boxes, 18.75, 7, 19, 19), np.repeat(np.arange(3), 32)
    before, found = thread_count(), []
    try:
        for threads in (1, 2):
            set_threads(threads)
            out, argmax = compiled.roi_pooling_forward(x, images, *bins)
            found.append((out, argmax, compiled.roi_pooling_backward(out, argmax, images, x.shape)))
    finally:
        set_threads(before)
    for one, two in zip(*found):
        np.testing.assert_array_equal(one, two)


def test_what_is_read_of_a_small_box():
    # A platelet of 21 px at 300 px: with the +1 three by three cells of 16 px are read, and most of that is not it.
    box = np.float64([[140, 140, 161, 161]]) / 300
    read = cells_read(box, 18.75, 19, 19) * 300
    np.testing.assert_allclose(read, [[144, 144, 176, 176]])
    np.testing.assert_allclose(cells_read(box, 18.75, 19, 19, plus_one=False) * 300, [[144, 144, 160, 160]])
