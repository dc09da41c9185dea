"""RoI pooling: the part of a feature map that a box covers, as a grid of fixed size (Fast R-CNN, section 2.1).

A region of interest (RoI) is rounded to whole cells and cut into 7 x 7 bins, and each bin keeps its maximum. So a box
of any size becomes the same number of values, which a fully connected layer needs. What is rounded away is lost: at 300
px a small object is one cell, and RoI pooling may read cells beside it. Released code: roi_pooling_layer.cu.
"""

import numpy as np

from numpyssd import kernels
from numpyssd.boxes import as_boxes, iou
from numpyssd.drawing import COLORS, draw_boxes, draw_image


def round_half_away(x):
    """Return x rounded to whole numbers, halves away from zero, as C does; NumPy rounds halves to even."""
    whole = np.trunc(x)
    return whole + np.where(np.abs(x - whole) >= 0.5, np.sign(x), 0)


def roi_cells(boxes, cells, plus_one=True):
    """Return the cells that RoIs cover: first row and column, number of rows and columns, (R, 4) int64.

    boxes: (R, 4) xyxy in units of the image, which is ``cells`` cells long. Corners are rounded. plus_one: the cell of
    the lower right corner is a part of the RoI, as released. An RoI has at least one row and one column; it may lie
    partly, or wholly, outside the map.
    """
    corners = round_half_away(as_boxes(boxes) * cells).astype(np.int64)  # (R, 4)
    low, high = corners[:, :2], corners[:, 2:]
    size = np.maximum(high - low + int(plus_one), 1)  # (R, 2) columns, rows
    return np.concatenate([low[:, ::-1], size[:, ::-1]], axis=1)  # (R, 4)


def roi_bins(boxes, cells, size, height, width, plus_one=True):
    """Return first and last + 1 cell of every bin, rows (R, size, 2) and columns (R, size, 2), int64.

    Bin j of an RoI of n rows has the rows floor(j n / size) to ceil((j + 1) n / size) of the RoI: neighbors overlap,
    and with less than ``size`` rows, a row is in several bins. Bins are cut at the edge of the map; what lies outside
    is empty. The arithmetic is in whole numbers. The released code divides first, in float32, and so reads a row more
    at a few sizes (57 rows and 7 bins is the first).
    """
    found, j = roi_cells(boxes, cells, plus_one), np.arange(size)
    bins = []
    for axis, most in ((0, height), (1, width)):
        start, length = found[:, axis, None], found[:, 2 + axis, None]  # (R, 1)
        edges = np.stack([start + j * length // size, start - (-(j + 1) * length // size)], axis=-1)  # (R, size, 2)
        bins.append(np.clip(edges, 0, most))
    return bins


def roi_pooling_forward(x, images, rows, columns):
    """Return the maximum of each bin, (R, size, size, C), and where it is, argmax of the same shape, int32.

    x: (N, H, W, C); images: (R,) which image each RoI is of; rows, columns: of ``roi_bins``. argmax is row * W +
    column; of equal values the first is taken. An empty bin gives 0 and argmax -1. A NaN is larger than everything.
    """
    count, size, (_, _, width, channels) = len(images), rows.shape[1], x.shape
    out = np.zeros((count, size, size, channels), x.dtype)
    argmax = np.full(out.shape, -1, np.int32)
    for r, i, j in np.ndindex(out.shape[:3]):
        (top, bottom), (left, right) = rows[r, i], columns[r, j]
        window = x[images[r], top:bottom, left:right].reshape(-1, channels)  # (cells, C)
        if len(window):
            winner = window.argmax(axis=0)  # (C,)
            out[r, i, j] = np.take_along_axis(window, winner[None], axis=0)[0]
            argmax[r, i, j] = (top + winner // (right - left)) * width + left + winner % (right - left)
    return out, argmax


def roi_pooling_backward(dout, argmax, images, shape):
    """Return dx of the shape (N, H, W, C): each entry of dout (R, size, size, C) goes to the winner of its bin.

    A cell that has won several bins, of one RoI or of several that overlap, gets the sum. The RoIs get no gradient.
    """
    dx = np.zeros(shape, dout.dtype)
    image, channel = np.broadcast_arrays(np.asarray(images).reshape(-1, 1, 1, 1), np.arange(shape[3]))[:2]
    image, channel = np.broadcast_to(image, argmax.shape), np.broadcast_to(channel, argmax.shape)
    row, column = argmax // shape[2], argmax % shape[2]
    won = argmax >= 0
    np.add.at(dx, (image[won], row[won], column[won], channel[won]), dout[won])  # in the order of RoI, row, column
    return dx


class RoIPooling:
    """RoI pooling that remembers its winners: it learns nothing."""

    def __init__(self, config):
        self.cells, self.size, self.plus_one = config.cells, config.pool_size, config.plus_one

    def forward(self, x, boxes, images):
        """Return (R, size, size, C) of x (N, H, W, C) for boxes (R, 4) xyxy in [0, 1] of the images (R,)."""
        self.images, self.shape = images, x.shape
        out, self.argmax = self._compute(x, boxes, images)
        return out

    def backward(self, dout):
        """Return the gradient of x, from all regions together."""
        dx = _kernel("roi_pooling_backward")(dout, self.argmax, self.images, self.shape)
        self.argmax = None
        return dx

    def infer(self, x, boxes, images):
        """Return what ``forward`` does; nothing is remembered."""
        return self._compute(x, boxes, images)[0]

    def _compute(self, x, boxes, images):
        bins = roi_bins(boxes, self.cells, self.size, *x.shape[1:3], self.plus_one)
        return _kernel("roi_pooling_forward")(x, images, *bins)


def _kernel(name):
    """Return a function of this file, or for the backend cpu its compiled twin, which gives the same bits."""
    if kernels.active.NAME == "cpu":
        from numpyssd.kernels.cpu import roi_pooling as compiled

        return getattr(compiled, name)
    return globals()[name]


# ---------------------------------------------------------------------------------------------------------------------


def cells_read(boxes, cells, height, width, plus_one=True):
    """Return the rectangles that RoI pooling really reads, (R, 4) xyxy in units of the image."""
    rows, columns = roi_bins(boxes, cells, 1, height, width, plus_one)
    (top, bottom), (left, right) = rows[:, 0].T, columns[:, 0].T
    return np.stack([left, top, right, bottom], axis=1) / cells  # (R, 4)


def draw_cells_read(ax, image, box, cells, height, width, size=7, plus_one=True):
    """Draw the cells of a map over the image (S, S, 3), a box (4,) xyxy in pixels, and the cells that are read."""
    side = len(image)
    read = cells_read([box / side], cells, height, width, plus_one)[0] * side
    draw_image(ax, 255 - (255 - image) // 3)
    step = side / cells
    for line in np.arange(0, side + 1, step):
        ax.axhline(line, color=COLORS["default box"], linewidth=0.4)
        ax.axvline(line, color=COLORS["default box"], linewidth=0.4)
    draw_boxes(ax, [read], "prediction", linewidth=2.5)
    draw_boxes(ax, [box], "ground truth", linewidth=2.5)
    low = np.minimum(read[:2], box[:2]) - 1.5 * step
    high = np.maximum(read[2:], box[2:]) + 1.5 * step
    middle, half = (low + high) / 2, (high - low).max() / 2
    ax.set_xlim(middle[0] - half, middle[0] + half)
    ax.set_ylim(middle[1] + half, middle[1] - half)
    count = ((read[2:] - read[:2]) / step).round().astype(int)
    ax.set_title(
        f"RoI pooling{'' if plus_one else ' without +1'}: {count[1]} x {count[0]} cells for {size} x {size} bins,\n"
        f"IoU with the box {iou([box], [read])[0, 0]:.2f}",
        fontsize=10,
    )


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("two_stages.roi_pooling")
