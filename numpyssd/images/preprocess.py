"""From images of any size to what the network sees: warped to a square, the mean subtracted, scaled.

Projects differ in how they resize, and a network is a little worse behind another resize than its own; so the rule is
in the config, and with it in the file of weights.
"""

import numpy as np

from numpyssd.config import NetworkConfig
from numpyssd.images.resize import resize


def preprocess(images, config: NetworkConfig):
    """Return what the network of ``config`` sees, (N, S, S, 3) float32.

    images: one image (H, W, 3) uint8 RGB, or some of any sizes. Raises ValueError for one of another type or shape,
    and for a ``config.resize`` that is none of "average", "opencv" and "float".
    """
    if isinstance(images, np.ndarray) and images.ndim == 3:
        images = [images]
    resized = [resize(image, config.image_size, config.resize) for image in images]
    if not resized:
        return np.empty((0, config.image_size, config.image_size, 3), np.float32)
    return normalize(np.stack(resized), config)


def normalize(images, config: NetworkConfig):
    """Turn uint8 RGB (..., 3) into what the network sees: float32 with the config's mean subtracted, then scaled."""
    centered = images.astype(np.float32) - np.array(config.mean, np.float32)
    return centered if config.pixel_scale == 1.0 else centered * np.float32(config.pixel_scale)
