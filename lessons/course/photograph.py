"""The photograph of the lessons: Commodore Grace Hopper, as Matplotlib ships it, with three boxes made by eye.

It is by the United States Navy, 1984, and in the public domain. It needs no network: it comes with Matplotlib.
"""

import numpy as np

NAMES = ("face", "ribbons", "name plate")
BOXES = ((152, 128, 378, 334), (322, 487, 454, 527), (78, 484, 169, 518))  # xyxy, pixels of the 512 x 600


def photograph():
    """Return the image (600, 512, 3) uint8, boxes (3, 4) xyxy in pixels, labels (3,) from 1 on, and their names."""
    from matplotlib.cbook import get_sample_data
    from PIL import Image

    with Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)) as file:
        image = np.asarray(file.convert("RGB"))
    return image, np.array(BOXES, float), np.arange(1, 1 + len(NAMES)), NAMES
