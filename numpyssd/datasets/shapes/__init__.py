"""The built-in set: ``ShapesDataset``, and ``example()``, the fixed scene of the figures."""

from numpyssd.datasets.shapes.command import draw_shapes, main
from numpyssd.datasets.shapes.dataset import COUNTS, FIRST_INDEX, ShapesDataset, write_voc
from numpyssd.datasets.shapes.outlines import CLASS_NAMES
from numpyssd.datasets.shapes.rendering import SIZE, example, render

__all__ = [
    "CLASS_NAMES",
    "COUNTS",
    "FIRST_INDEX",
    "SIZE",
    "ShapesDataset",
    "draw_shapes",
    "example",
    "main",
    "render",
    "write_voc",
]
