"""OpenCV's five interpolations: how Caffe resizes, for a network that was trained so.

All but INTER_AREA look at 1, 2, 4 or 8 pixels a side, however many there are between two pixels of the result, so
that thin things come and go. Pillow's (see resize.average) widen with the step and average all that a pixel covers.
"""

import numpy as np
from PIL import Image

Mode = Image.Resampling


def resize_like_opencv(image, box, width: int, height: int, mode: Image.Resampling):
    """Resize what a box (x1, y1, x2, y2) shows of an image (H, W, 3) uint8 to (height, width, 3) uint8.

    The box may begin and end between two pixels; the pixels around the image are like those at its edge. mode is
    Pillow's name: BILINEAR for INTER_LINEAR, BOX for INTER_AREA, NEAREST, BICUBIC for INTER_CUBIC, LANCZOS for
    INTER_LANCZOS4. Equal to cv2.resize within a level.
    """
    x1, y1, x2, y2 = box
    area = _covered if x2 - x1 >= width and y2 - y1 >= height else _steps
    taps = {Mode.BOX: area, Mode.NEAREST: _nearest, Mode.BICUBIC: _cubic, Mode.LANCZOS: _lanczos}.get(mode, _linear)
    axes = [(0, *taps(y1, y2, height)), (1, *taps(x1, x2, width))]
    if image.shape[1] * height > image.shape[0] * width:  # first along the axis that leaves fewer pixels
        axes.reverse()
    out = image
    for axis, first, weights in axes:
        out = _combine(out, axis, first, weights)
    return out if out.dtype == np.uint8 else np.clip(np.rint(out), 0, 255).astype(np.uint8)


def _combine(image, axis, first, weights):
    """Sum the pixels first, first + 1, ... along an axis, (L,), with weights (L, T)."""
    last = image.shape[axis] - 1
    if weights.shape[1] == 1:
        return image.take(np.clip(first, 0, last), axis)
    shape = (-1, 1, 1) if axis == 0 else (1, -1, 1)
    columns = enumerate(weights.T.astype(np.float32))
    return sum(image.take(np.clip(first + t, 0, last), axis) * column.reshape(shape) for t, column in columns)


# Each of these: which pixel is the first that each of ``length`` pixels from start to stop takes, (length,), and the
# weights of this one and the next ones, (length, T).


def _nearest(start, stop, length):
    corner = start + np.arange(length) * (stop - start) / length
    return np.floor(corner).astype(int), np.ones((length, 1))  # the one under the corner, not under the center


def _centers(start, stop, length):
    at = start + (np.arange(length) + 0.5) * (stop - start) / length - 0.5
    first, part = whole_and_part(at)
    return first, part[:, None]


def whole_and_part(at):
    """Return the pixel at or before each place, and how far behind it the place is, in [0, 1)."""
    before = np.floor(at)
    return before.astype(np.int64), at - before


def _linear(start, stop, length):
    first, part = _centers(start, stop, length)
    return first, np.concatenate([1 - part, part], axis=1)


def _cubic(start, stop, length, a=-0.75):
    """Keys's kernel; Pillow's has a = -0.5, which overshoots less."""
    first, part = _centers(start, stop, length)
    x = np.abs(part - np.arange(-1, 3))  # distances of the four pixels, 0 to 2
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return first - 1, np.where(x <= 1, near, far)


def _lanczos(start, stop, length):
    first, part = _centers(start, stop, length)
    distance = part - np.arange(-3, 5)
    weights = np.sinc(distance) * np.sinc(distance / 4)
    return first - 3, weights / weights.sum(axis=1, keepdims=True)


def _covered(start, stop, length):
    """INTER_AREA when it shrinks: what each pixel covers."""
    step = (stop - start) / length
    left = start + np.arange(length)[:, None] * step
    first = np.floor(left).astype(int)
    pixel = first + np.arange(int(np.ceil(step)) + 1)  # (L, T)
    covered = np.minimum(left + step, pixel + 1) - np.maximum(left, pixel)
    return first[:, 0], np.maximum(covered, 0) / step


def _steps(start, stop, length):
    """INTER_AREA when it enlarges: blocks of one color, and one pixel between them where they meet."""
    step = (stop - start) / length
    corner = start + np.arange(length)[:, None] * step
    first = np.floor(corner).astype(int)
    part = np.maximum(1 - (first + 1 - corner) / step, 0)
    return first[:, 0], np.concatenate([1 - part, part], axis=1)
