"""Data in the layout of PASCAL VOC: ``VOCDataset(root, split)``."""

from numpyssd.datasets.class_names import VOC_NAMES
from numpyssd.datasets.voc.dataset import VOCDataset

__all__ = ["VOC_NAMES", "VOCDataset"]
