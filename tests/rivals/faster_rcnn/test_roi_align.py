"""RoIAlign: bilinear samples by loops, the two matrices, and the gradient."""

import math

import numpy as np
import pytest
from gradcheck import assert_gradient

from numpyssd.rivals.faster_rcnn.roi_align import (
    interpolation,
    roi_align_backward,
    roi_align_forward,
    sample_points,
)

SHAPE = (2, 6, 9, 3)
ROIS = np.float64([
    (0, 0, 9, 6), (1.5, 2.5, 4.5, 3.5), (-2, -1, 3, 2), (7, 4, 15, 12), (20, 20, 25, 25), (3, 2, 3, 2),
    (2.49, 1.51, 6.2, 4.7),
])  # fmt: skip
IMAGES = np.array([0, 0, 1, 1, 0, 1, 1])


def at(x, y, column):
    """The value of a map (H, W) at a point, between the four cells around it."""
    height, width = x.shape
    if y < -1 or y > height or column < -1 or column > width:
        return 0.0
    y, column = min(max(y, 0), height - 1), min(max(column, 0), width - 1)
    top, left = min(math.floor(y), height - 1), min(math.floor(column), width - 1)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    fy, fx = y - top, column - left
    upper = (1 - fx) * x[top, left] + fx * x[top, right]
    lower = (1 - fx) * x[bottom, left] + fx * x[bottom, right]
    return (1 - fy) * upper + fy * lower


def by_loops(x, images, rois, size, samples, aligned):
    out = np.zeros((len(rois), size, size, x.shape[3]))
    for r, roi in enumerate(rois):
        x1, y1, x2, y2 = [v - 0.5 for v in roi] if aligned else roi
        w, h = x2 - x1, y2 - y1
        if not aligned:
            w, h = max(w, 1), max(h, 1)
        for i, j, c in np.ndindex(size, size, x.shape[3]):
            total = 0.0
            for p, q in np.ndindex(samples, samples):
                y = y1 + (i + (p + 0.5) / samples) * h / size
                column = x1 + (j + (q + 0.5) / samples) * w / size
                total += at(x[images[r], :, :, c], y, column)
            out[r, i, j, c] = total / samples**2
    return out


def weights(rois, size, samples, aligned, shape=SHAPE):
    y, x = sample_points(rois, 1, size, samples, aligned)
    return interpolation(y, shape[1], size), interpolation(x, shape[2], size)


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize(("size", "samples"), [(1, 1), (2, 2), (7, 2), (3, 3)])
def test_is_its_definition(size, samples, aligned, rng):
    x = rng.standard_normal(SHAPE)
    out = roi_align_forward(x, IMAGES, *weights(ROIS, size, samples, aligned))
    np.testing.assert_allclose(out, by_loops(x, IMAGES, ROIS, size, samples, aligned), atol=1e-12)


def test_the_half_cell():
    # The box of the cells 2 and 3 has their mean, if half a cell is subtracted; else it is moved by half a cell.
    x = np.arange(8.0).reshape(1, 1, 8, 1).repeat(4, axis=1)
    for aligned, expected in ((True, 2.5), (False, 3.0)):
        out = roi_align_forward(x, np.array([0]), *weights([(2, 1, 4, 3)], 1, 2, aligned, x.shape))
        np.testing.assert_allclose(out, expected)


@pytest.mark.parametrize("aligned", [True, False])
def test_gradient(aligned, rng):
    x, found = rng.standard_normal(SHAPE), weights(ROIS, 3, 2, aligned)
    out = roi_align_forward(x, IMAGES, *found)
    dout = rng.standard_normal(out.shape)
    dx = roi_align_backward(dout, IMAGES, *found, SHAPE)
    assert_gradient(lambda x: float((roi_align_forward(x, IMAGES, *found) * dout).sum()), [x], [dx], rng)


def test_float32_stays_and_no_region_is_no_region(rng):
    x = rng.standard_normal(SHAPE).astype(np.float32)
    found = weights(ROIS.astype(np.float32), 7, 2, True)
    out = roi_align_forward(x, IMAGES, *found)
    assert out.dtype == roi_align_backward(out, IMAGES, *found, SHAPE).dtype == np.float32
    none = weights(np.zeros((0, 4), np.float32), 7, 2, True)
    assert roi_align_forward(x, np.zeros(0, int), *none).shape == (0, 7, 7, 3)
    dx = roi_align_backward(np.zeros((0, 7, 7, 3), np.float32), np.zeros(0, int), *none, SHAPE)
    assert dx.shape == SHAPE
    assert not dx.any()


def test_a_map_of_one_cell(rng):
    x = rng.standard_normal((1, 1, 1, 2))
    out = roi_align_forward(x, np.array([0]), *weights([(0, 0, 1, 1)], 2, 2, True, x.shape))
    np.testing.assert_allclose(out, np.broadcast_to(x, (1, 2, 2, 2)))
