"""RoIAlign: a region of a feature map as a grid of fixed size, without rounding (Mask R-CNN, He et al., 2017).

Each of the 7 x 7 bins is the mean of samples x samples points, which are interpolated between the four cells around
them. A point's weight for a cell is a weight for the row times one for the column, so all points of a bin together are
two small matrices: out = Y x X^T. The backward pass multiplies by the same two, transposed.
"""

import numpy as np

from numpyssd.boxes import as_boxes
from numpyssd.drawing import COLORS, draw_boxes, draw_image


def sample_points(boxes, cells, size, samples=2, aligned=True):
    """Return where the points of each RoI are, rows (R, size * samples) and columns likewise, in cells.

    boxes: (R, 4) xyxy in units of the image, which is ``cells`` cells long. A cell's value stands at its index, so
    aligned subtracts the half cell that its center is away from it. The first version did not, and gave every RoI at
    least one cell.
    """
    corners = as_boxes(boxes) * cells - (0.5 if aligned else 0)  # (R, 4)
    length = corners[:, 2:] - corners[:, :2]  # (R, 2)
    if not aligned:
        length = np.maximum(length, 1)
    steps = (np.arange(size * samples) + 0.5) / (size * samples)
    steps = steps.astype(corners.dtype)
    x, y = (corners[:, axis, None] + length[:, axis, None] * steps for axis in (0, 1))  # (R, size * samples)
    return y, x


def interpolation(points, length, size):
    """Return the weights (R, size, length) of the cells of an axis in the mean of each bin; points: (R, S).

    A point more than a cell outside the map counts as 0; one that is less far outside takes the edge's value.
    """
    count, all_points = points.shape
    inside = (points >= -1) & (points <= length)
    position = np.clip(points, 0, length - 1)
    low = np.minimum(np.floor(position), max(length - 2, 0)).astype(np.int64)  # (R, S)
    high = np.minimum(low + 1, length - 1)
    fraction = (position - low).astype(points.dtype)
    weights = np.zeros((count, all_points, length), points.dtype)  # (R, S, length)
    r, s = np.indices(points.shape)
    np.add.at(weights, (r, s, low), np.where(inside, 1 - fraction, 0))
    np.add.at(weights, (r, s, high), np.where(inside, fraction, 0))
    return weights.reshape(count, size, all_points // size, length).mean(axis=2)  # (R, size, length)


def roi_align_forward(x, images, row_weights, column_weights):
    """Return the mean of each bin, (R, size, size, C).

    x: (N, H, W, C); images: (R,) which image each RoI is of; row_weights (R, size, H), column_weights (R, size, W).
    """
    size, (_, height, width, channels) = row_weights.shape[1], x.shape
    out = np.empty((len(images), size, size, channels), x.dtype)
    for n in np.unique(images):
        r = np.flatnonzero(images == n)
        flat = x[n].reshape(height, width * channels)
        rows = row_weights[r].reshape(-1, height) @ flat  # (r * size, W * C)
        rows = rows.reshape(len(r), size, width, channels)
        out[r] = column_weights[r, None] @ rows  # (r, size, size, C)
    return out


def roi_align_backward(dout, images, row_weights, column_weights, shape):
    """Return dx of the shape (N, H, W, C): dout (R, size, size, C) goes back by the weights that it came with.

    Where RoIs overlap, their gradients add up. The RoIs themselves get none.
    """
    dx, (_, height, width, channels) = np.zeros(shape, dout.dtype), shape
    for n in np.unique(images):
        r = np.flatnonzero(images == n)
        drows = column_weights[r, None].swapaxes(-1, -2) @ dout[r]  # (r, size, W, C)
        dflat = row_weights[r].reshape(-1, height).T @ drows.reshape(-1, width * channels)  # (H, W * C)
        dx[n] = dflat.reshape(height, width, channels)
    return dx


class RoIAlign:
    """RoIAlign that remembers its weights; used like RoIPooling, and it learns nothing either."""

    def __init__(self, config, samples=2):
        self.cells, self.size, self.aligned, self.samples = config.cells, config.pool_size, config.aligned, samples

    def forward(self, x, boxes, images):
        """Return (R, size, size, C) of x (N, H, W, C) for boxes (R, 4) xyxy in [0, 1] of the images (R,)."""
        self.images, self.shape, self.weights = images, x.shape, self._weights(x, boxes)
        return roi_align_forward(x, images, *self.weights)

    def backward(self, dout):
        """Return the gradient of x, from all regions together."""
        dx = roi_align_backward(dout, self.images, *self.weights, self.shape)
        self.weights = None
        return dx

    def infer(self, x, boxes, images):
        """Return what ``forward`` does; nothing is remembered."""
        return roi_align_forward(x, images, *self._weights(x, boxes))

    def _weights(self, x, boxes):
        points = sample_points(as_boxes(boxes).astype(x.dtype), self.cells, self.size, self.samples, self.aligned)
        return [interpolation(p, length, self.size) for p, length in zip(points, x.shape[1:3])]


# ---------------------------------------------------------------------------------------------------------------------


def draw_sample_points(ax, image, box, cells, size=7, samples=2, aligned=True):
    """Draw the cells of a map over the image (S, S, 3), a box (4,) xyxy in pixels, and the points of its bins."""
    side, step = len(image), len(image) / cells
    y, x = sample_points([box / side], cells, size, samples, aligned)
    half_cell = 0.5 if aligned else 0
    x, y = np.meshgrid((x[0] + half_cell) * step, (y[0] + half_cell) * step)
    draw_image(ax, 255 - (255 - image) // 3)
    for line in np.arange(0, side + 1, step):
        ax.axhline(line, color=COLORS["default box"], linewidth=0.4)
        ax.axvline(line, color=COLORS["default box"], linewidth=0.4)
    ax.scatter(x, y, 8, COLORS["prediction"], linewidths=0)
    draw_boxes(ax, [box], "ground truth", linewidth=2.5)
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]).max() / 2 + 2 * step
    ax.set_xlim(middle[0] - half, middle[0] + half)
    ax.set_ylim(middle[1] + half, middle[1] - half)
    points = f"{samples} x {samples} points in each of {size} x {size} bins"
    ax.set_title(f"RoIAlign: {points},\nnothing is rounded", fontsize=10)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("two_stages.roi_align")
