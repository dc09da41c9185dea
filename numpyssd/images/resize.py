"""Resizing an image to a square by one of three rules: the average of all that a pixel covers, or the 4 neighbors.

A network is a little worse behind another resize than its own; so the rule is in the config, and with it in the file of
weights. Training draws one of five interpolations for each sample: see opencv_resize and training/augmentation.
"""

import numpy as np
from PIL import Image


def check_image(image):
    """Return the image as an array, or raise ValueError unless it is uint8, (H, W, 3), with at least one pixel."""
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"image must be uint8 with the shape (H, W, 3), but is {image.dtype} with {image.shape}")
    return image


def average(image, box, width, height, interpolation=Image.Resampling.BILINEAR):
    """Resize what a box (x1, y1, x2, y2) shows of an image (H, W, 3) uint8 to (height, width, 3) uint8, by Pillow.

    Where it shrinks, all that a pixel covers is averaged. Caffe's INTER_LINEAR does not average, so
    thin things come and go with the size of the image.
    """
    # reducing_gap: an image over four times too large is first averaged over whole pixels. At 11 megapixels that is two
    # to six times faster, and 0.2 levels off.
    resized = Image.fromarray(image).resize((width, height), interpolation, box=box, reducing_gap=2.0)
    return np.asarray(resized)


def resize_for_test(image, size):
    """Warp an image (H, W, 3) uint8 to (size, size, 3) uint8: bilinear, averaging when it shrinks; nothing random."""
    image = check_image(image)
    return np.array(average(image, (0, 0, image.shape[1], image.shape[0]), size, size))


def resize(image, size, rule="average"):
    """Warp a picture (H, W, 3) uint8 to (size, size, 3): uint8, or float32 by the rule "float".

    "average": bilinear over all the pixels that an output pixel covers. "opencv": bilinear between the 4 nearest,
    whatever lies between, in whole numbers as cv2.resize does it to bytes (Caffe, amdegroot). "float": the same in
    floats and not rounded, as cv2.resize does it to floats (ChainerCV), and torch.nn.functional.interpolate without
    antialias (torchvision).
    """
    if rule == "average":
        return resize_for_test(image, size)
    if rule == "opencv":
        return _in_bytes(*_four_neighbors(image, size, np.float32)).reshape(size, size, 3)
    if rule == "float":
        return _in_floats(*_four_neighbors(image, size, np.float64)).reshape(size, size, 3)
    raise ValueError(f'resize must be "average", "opencv" or "float", not {rule!r}')


def _in_floats(upper, lower, across, down):
    """Return the mean of the four neighbors of each output pixel, (size, size * 3) float32."""

    def between(left, right):
        left = left.astype(np.float32)
        return left + (right - left) * across

    start = between(*upper)
    return start + (between(*lower) - start) * down


def _in_bytes(upper, lower, across, down):
    """Return the same (size, size * 3) uint8, with the 11 bits for a share and the shifts of OpenCV's resize.cpp."""
    right_share, left_share = (np.rint(share * 2048).astype(np.int32) for share in (across, 1 - across))
    lower_share, upper_share = (np.rint(share * 2048).astype(np.int32) for share in (down, 1 - down))

    def between(left, right, share):
        return (share * ((left * left_share + right * right_share) >> 4)) >> 16

    return ((between(*upper, upper_share) + between(*lower, lower_share) + 2) >> 2).astype(np.uint8)


def _four_neighbors(image, size, precision):
    """Return, for each output pixel, the four whose centers are around its own, and where between them it lies.

    -> (upper left, upper right), (lower left, lower right), each (size, size * 3) uint8; how far right (size * 3,) and
    how far down (size, 1), float32 in [0, 1]. precision: the type in which the places are computed, which OpenCV does
    in float32 for bytes and in float64 for floats.
    """
    image = check_image(image)
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
    before = np.floor(at)
    share, before = (at - before).astype(np.float32), before.astype(np.int64)
    return before.clip(0), (before + 1).clip(0, length - 1), share
