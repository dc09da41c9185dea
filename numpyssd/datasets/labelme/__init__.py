"""Data as LabelMe saves it, a JSON file beside each image: ``LabelMeDataset(root, split)``."""

from numpyssd.datasets.labelme.dataset import LabelMeDataset

__all__ = ["LabelMeDataset"]
