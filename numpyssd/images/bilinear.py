"""Bilinear interpolation of a whole image between the four nearest pixels, equal to OpenCV's to the last bit.

Published networks were trained behind one of its two kinds, which round differently: see resize.py.
"""

import numpy as np

from numpyssd.images.interpolation import whole_and_part


def bilinear(image, size: int, in_bytes: bool):
    """Warp an image (H, W, 3) uint8 to (size, size, 3) by the four neighbors of each pixel.

    in_bytes: uint8, in whole numbers as cv2.resize does it to bytes; otherwise float32, not rounded, as it does it to
    floats.
    """
    # OpenCV computes the places in float32 for bytes and in float64 for floats.
    neighbors = _four_neighbors(image, size, np.float32 if in_bytes else np.float64)
    mean = _mean_in_bytes if in_bytes else _mean_in_floats
    return mean(*neighbors).reshape(size, size, 3)


def _mean_in_floats(upper, lower, across, down):
    """Return the weighted mean of the four neighbors of each output pixel, (size, size * 3) float32."""

    def between(left, right):
        left = left.astype(np.float32)
        return left + (right - left) * across

    start = between(*upper)
    return start + (between(*lower) - start) * down


def _mean_in_bytes(upper, lower, across, down):
    """Return the same (size, size * 3) uint8, with the 11 bits for a weight and the shifts of OpenCV's resize.cpp."""
    right_weight, left_weight = (np.rint(part * 2048).astype(np.int32) for part in (across, 1 - across))
    lower_weight, upper_weight = (np.rint(part * 2048).astype(np.int32) for part in (down, 1 - down))

    def between(left, right, weight):
        return (weight * ((left * left_weight + right * right_weight) >> 4)) >> 16

    return ((between(*upper, upper_weight) + between(*lower, lower_weight) + 2) >> 2).astype(np.uint8)


def _four_neighbors(image, size, precision):
    """Return, for each output pixel, the four whose centers are around its own, and where between them it lies.

    -> (upper left, upper right), (lower left, lower right), each (size, size * 3) uint8; how far right (size * 3,) and
    how far down (size, 1), float32 in [0, 1]. precision: the type in which the places are computed.
    """
    height, width = image.shape[:2]
    top, bottom, down = _between(height, size, precision)  # (size,) each
    left, right, across = _between(width, size, precision)
    # Three numbers a pixel; taking them one by one from flat rows is twice as fast as taking pixels.
    left, right = ((3 * columns[:, None] + np.arange(3)).ravel() for columns in (left, right))  # (size * 3,)
    pixels = image.reshape(height, width * 3)
    upper, lower = pixels[top], pixels[bottom]  # (size, width * 3)
    upper, lower = ((rows.take(left, axis=1), rows.take(right, axis=1)) for rows in (upper, lower))
    return upper, lower, np.repeat(across, 3), down[:, None]


def _between(length, size, precision):
    """Return for each of ``size`` output pixels the two pixels of ``length`` that its center lies between, and where.

    Beyond the centers of the outermost pixels, both are the outermost one.
    """
    at = ((np.arange(size) + 0.5) * (length / size) - 0.5).astype(precision)
    before, part = whole_and_part(at)
    return before.clip(0), (before + 1).clip(0, length - 1), part.astype(np.float32)
