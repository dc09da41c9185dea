"""The contrast of two colors, and which colors can be read on which. Colors are "#RRGGBB".

Source: Web Content Accessibility Guidelines (WCAG) 2.2, "relative luminance", "contrast ratio" and criterion 1.4.3.
"""

import numpy as np

LEAST = 4.5  # of a text to what is behind it
BLACK, WHITE = "#000000", "#FFFFFF"


def luminance(color):
    """Return the relative luminance of a color, from 0 for black to 1 for white."""
    encoded = _channels(color) / 255  # (3,)
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)  # (3,)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(color, other):
    """Return the contrast of two colors, from 1 for equal ones to 21 for black and white."""
    low, high = sorted((luminance(color), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def text_color(background):
    """Return "black" or "white", whichever has the higher contrast to a background: at least 4.5 for any."""
    return "black" if contrast(BLACK, background) >= contrast(WHITE, background) else "white"


def readable(color, background, least=LEAST):
    """Return a color, mixed with as little black or white as gives it a contrast of ``least`` to a background."""
    end = _channels(BLACK if text_color(background) == "black" else WHITE)  # (3,)
    for part in np.linspace(0, 1, 101):
        red, green, blue = np.round((1 - part) * _channels(color) + part * end).astype(int)
        mixed = f"#{red:02X}{green:02X}{blue:02X}"
        if contrast(mixed, background) >= least:
            return mixed
    raise ValueError(f"no color has a contrast of {least} to {background}")


def _channels(color):
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])  # (3,)
