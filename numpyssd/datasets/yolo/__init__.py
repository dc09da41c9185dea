"""Data in the layouts of YOLO: ``YOLODataset(root, split)``."""

from numpyssd.datasets.yolo.dataset import YOLODataset

__all__ = ["YOLODataset"]
