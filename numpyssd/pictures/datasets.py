"""The figures of a data set: what is in it, and how default boxes suit it. See drawing.run_figure."""

from numpyssd.config import SSD300, TINY
from numpyssd.datasets.analysis.coverage import all_objects, draw_coverage
from numpyssd.datasets.analysis.fit_default_boxes import draw_fit, fit_default_boxes
from numpyssd.datasets.analysis.summary import draw_summary
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.datasets.shapes.rendering import example
from numpyssd.drawing import figure_command


def summary_figure():
    """Draw the figure of datasets/analysis/summary.py."""

    def draw(axes):
        """Draw the summary of the first 300 images of the built-in data set."""
        draw_summary(axes, ShapesDataset(300, TINY.image_size), TINY)

    figure_command("summary", draw, columns=2, size=(11, 5))


def coverage_figure():
    """Draw the figure of datasets/analysis/coverage.py."""
    scene, its_boxes, _, _ = example(SSD300.image_size)
    figure_command("coverage", lambda ax: draw_coverage(ax, scene, its_boxes, SSD300))


def fit_default_boxes_figure():
    """Draw the figure of datasets/analysis/fit_default_boxes.py."""
    everything = all_objects(ShapesDataset(300))
    figure_command(
        "fit_default_boxes", lambda ax: draw_fit(ax, everything, TINY, fit_default_boxes(everything, TINY)), size=(7, 7)
    )
