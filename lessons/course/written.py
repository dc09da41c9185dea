"""Values as a person would write them."""

import textwrap

import numpy as np


def written(value, indent=12):
    """Return a value as short as a person would write it."""
    if isinstance(value, float | np.floating):
        return f"{value + 0.0:.6g}"  # 0 rather than -0
    if isinstance(value, np.ndarray) and value.ndim:
        text = np.array2string(value, precision=4, separator=", ", threshold=60, suppress_small=True)
        return textwrap.indent(text, " " * indent).lstrip()
    if isinstance(value, tuple | list) and any(isinstance(item, np.ndarray) for item in value):
        return "(" + ", ".join(written(item, indent) for item in value) + ")"
    return repr(value)


def shape(value):
    """Return the shape of a value; of several results, each its own."""
    if isinstance(value, tuple | list) and any(isinstance(item, np.ndarray) for item in value):
        return tuple(shape(item) for item in value)
    try:
        return np.shape(value)
    except ValueError:
        return "rows of different lengths"
