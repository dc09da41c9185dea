"""Data in COCO's format: ``COCODataset(json, images)``."""

from numpyssd.datasets.coco.dataset import COCODataset

__all__ = ["COCODataset"]
