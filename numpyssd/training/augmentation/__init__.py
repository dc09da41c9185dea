"""Data augmentation (paper, sections 2.2 and 3.6): ``augment`` makes one training sample of an image."""

from numpyssd.training.augmentation.pipeline import augment

__all__ = ["augment"]
