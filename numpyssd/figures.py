"""Matplotlib, imported whatever the environment says of a screen, and an empty figure."""

import contextlib
import os
import sys


def import_matplotlib():
    """Return the module matplotlib, whatever backend MPLBACKEND names: a figure is written to a file without one.

    A notebook hands its MPLBACKEND on to the commands that it starts. Where that backend is not installed, a plain
    ``import matplotlib`` raises ValueError.
    """
    if "matplotlib" in sys.modules:
        return sys.modules["matplotlib"]
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
    if backend:
        with contextlib.suppress(ValueError):
            matplotlib.rcParams["backend"] = backend  # for a caller who shows figures of his own
    return matplotlib


def empty_figure(size):
    """Return a figure without axes; size: its width and height in inches."""
    import_matplotlib()
    from matplotlib.figure import Figure

    return Figure(figsize=size, dpi=110, layout="constrained")
