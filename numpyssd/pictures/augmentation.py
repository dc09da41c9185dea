"""The figures of data augmentation. See drawing.run_figure."""

from numpyssd.datasets.shapes import ShapesDataset, example
from numpyssd.drawing import figure_command
from numpyssd.training.augmentation.copied_objects import draw_copied_objects
from numpyssd.training.augmentation.crop_samplers import draw_crops
from numpyssd.training.augmentation.geometry import draw_geometry
from numpyssd.training.augmentation.mosaic import draw_mosaic
from numpyssd.training.augmentation.photometric import draw_photometric
from numpyssd.training.augmentation.pipeline import draw_augmentation
from numpyssd.training.augmentation.resampling import draw_resampling


def pipeline_figure():
    """Draw the figure of training/augmentation/pipeline.py."""
    figure_command("pipeline", lambda ax: draw_augmentation(ax, *example()[:3]), size=(13, 5.4))


def crop_samplers_figure():
    """Draw the figure of training/augmentation/crop_samplers.py."""
    figure_command("crop_samplers", lambda ax: draw_crops(ax, *example()[:2]), size=(14, 5.2))


def geometry_figure():
    """Draw the figure of training/augmentation/geometry.py."""
    figure_command("geometry", lambda ax: draw_geometry(ax, *example()[:2]), size=(13, 5.6))


def photometric_figure():
    """Draw the figure of training/augmentation/photometric.py."""
    figure_command("photometric", lambda ax: draw_photometric(ax, example()[0]), size=(8.4, 8.8))


def resampling_figure():
    """Draw the figure of training/augmentation/resampling.py."""
    figure_command("resampling", lambda ax: draw_resampling(ax, example()[0]), size=(10, 7.8))


def mosaic_figure():
    """Draw the figure of training/augmentation/mosaic.py."""
    samples = [ShapesDataset(4)[i] for i in range(4)]
    figure_command("mosaic", lambda ax: draw_mosaic(ax, samples), size=(12, 7))


def copied_objects_figure():
    """Draw the figure of training/augmentation/copied_objects.py."""
    samples = [ShapesDataset(4)[i] for i in (2, 3)]
    figure_command("copied_objects", lambda ax: draw_copied_objects(ax, samples), size=(9.6, 7))
