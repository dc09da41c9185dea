"""Data in the layout of PASCAL VOC: ``VOCDataset(root, split)``."""

from numpyssd.datasets.voc.dataset import VOC_NAMES, VOCDataset

__all__ = ["VOC_NAMES", "VOCDataset"]
