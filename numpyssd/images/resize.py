"""Resizing an image to a square by one of three rules: the average of all that a pixel covers, or the 4 neighbors.

A network is a little worse behind another resize than its own; so the rule is in the config, and with it in the file of
weights. Training draws one of five interpolations for each sample: see interpolation.py and training/augmentation.
"""

import numpy as np
from PIL import Image

from numpyssd.images.bilinear import bilinear


def check_image(image):
    """Return the image as an array, or raise ValueError unless it is uint8, (H, W, 3), with at least one pixel."""
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"image must be uint8 with the shape (H, W, 3), but is {image.dtype} with {image.shape}")
    return image


def average(image, box, width: int, height: int, interpolation=Image.Resampling.BILINEAR):
    """Resize what a box (x1, y1, x2, y2) shows of an image (H, W, 3) uint8 to (height, width, 3) uint8, for training.

    By Pillow: where it shrinks, all that a pixel covers is averaged. Caffe's INTER_LINEAR does not average, so
    thin things come and go with the size of the image.
    """
    # reducing_gap: an image over four times too large is first averaged over whole pixels. At 12 megapixels that takes
    # 9 ms instead of 27, and is up to 6 levels off.
    resized = Image.fromarray(image).resize((width, height), interpolation, box=box, reducing_gap=2.0)
    return np.asarray(resized)


def resize_for_test(image, size: int):
    """Warp an image (H, W, 3) uint8 to (size, size, 3) uint8: bilinear, averaging when it shrinks; nothing random."""
    image = check_image(image)
    # Without the shortcut of average(), so that whoever rebuilds it from these words has the same bits.
    return np.array(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR))


def resize(image, size: int, rule: str = "average"):
    """Warp an image (H, W, 3) uint8 to (size, size, 3): uint8, or float32 by the rule "float".

    "average": bilinear over all the pixels that an output pixel covers. "opencv": bilinear between the 4 nearest,
    whatever lies between, in whole numbers as cv2.resize does it to bytes (Caffe, amdegroot). "float": the same in
    floats and not rounded, as cv2.resize does it to floats (ChainerCV), and torch.nn.functional.interpolate without
    antialias (torchvision).
    """
    if rule == "average":
        return resize_for_test(image, size)
    if rule in ("opencv", "float"):
        return bilinear(check_image(image), size, in_bytes=rule == "opencv")
    raise ValueError(f'resize must be "average", "opencv" or "float", not {rule!r}')
