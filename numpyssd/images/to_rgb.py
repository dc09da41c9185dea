"""Pillow's images of every mode as 8 bits of RGB: gray, palettes, transparency, and numbers of 16 bits and more."""

import numpy as np
from PIL import Image

_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")


def to_rgb(image: Image.Image) -> np.ndarray:
    """Return the pixels of a Pillow image of any mode, (H, W, 3) uint8; what is transparent becomes white."""
    if image.mode == "F" or image.mode.startswith("I"):
        values = np.asarray(image)
        gray = _scaled_to_8_bits(values, image.mode)
        if "transparency" in image.info:  # one value of a 16-bit PNG
            gray[values == image.info["transparency"]] = 255
        return np.repeat(gray[:, :, None], 3, axis=2)  # (H, W, 3)
    if image.mode in _ALPHA or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.array(image.convert("RGB"))


def _scaled_to_8_bits(values, mode):
    """Return gray values of more than 8 bits, (H, W), as uint8.

    Whole numbers run from 0 to 65535, the range of PNG and of most TIFF; floats from 0 to 1. Values beyond those have
    no agreed range, so the darkest becomes black and the brightest white, as scientific viewers do.
    """
    finite = values[np.isfinite(values)] if mode == "F" else values
    low, high = (0.0, 1.0) if mode == "F" else (0.0, 65535.0)
    if finite.size and (finite.min() < low or finite.max() > high):
        low, high = float(finite.min()), float(finite.max())
    span = max(high - low, np.finfo(np.float64).tiny)  # an image of one value becomes black
    gray = np.empty(values.shape, np.uint8)
    for y in range(0, len(values), 64):  # a few rows at a time: in float64 the largest images would take gigabytes
        rows = values[y : y + 64]
        rows = np.where(np.isfinite(rows), rows, rows.dtype.type(low))  # before the cast: some NaN warn when cast
        rows = rows.astype(np.float64)
        gray[y : y + 64] = np.floor((rows - low) / span * 255.0 + 0.5)
    return gray
