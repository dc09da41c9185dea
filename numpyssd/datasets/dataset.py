"""The contract of a data set: what training, evaluation and reports ask of one, and the records that it answers with.

``AnnotatedImages`` keeps the contract for any list of images; a new label format fills one from its files.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from numpyssd.boxes import area as box_area
from numpyssd.datasets.issues import Issue


class Annotation(NamedTuple):
    """What is known of the M objects of one image, without its pixels."""

    boxes: np.ndarray  # (M, 4) float64 xyxy, pixels of the image as a viewer shows it; exact, for the metrics
    labels: np.ndarray  # (M,) int64; class_names[label - 1] is the name, 0 is the background
    difficult: np.ndarray  # (M,) bool; neither counts nor hurts in an evaluation
    truncated: np.ndarray  # (M,) bool; cut off by the edge of the image
    crowd: np.ndarray  # (M,) bool; the box stands for many objects (COCO's iscrowd)
    area: np.ndarray  # (M,) float64, square pixels; COCO gives that of the segmentation

    @classmethod
    def of(cls, boxes, labels, difficult=None, truncated=None, crowd=None, area=None) -> "Annotation":
        """Return the Annotation of lists or arrays; a missing column is all False, a missing area that of the box."""
        boxes = np.array(boxes, np.float64).reshape(-1, 4)  # (M, 4)
        difficult, truncated, crowd = (_mark(column, boxes) for column in (difficult, truncated, crowd))
        return cls(boxes, np.array(labels, np.int64), difficult, truncated, crowd, _area(area, boxes))

    def copy(self) -> "Annotation":
        """Return an Annotation with arrays of its own."""
        return Annotation(*(column.copy() for column in self))


class _Fields(NamedTuple):
    image: np.ndarray  # (H, W, 3) uint8 RGB
    boxes: np.ndarray  # (M, 4) float32 xyxy, pixels
    labels: np.ndarray  # (M,) int64 from 1
    difficult: np.ndarray  # (M,) bool


class Sample(_Fields):
    """What ``dataset[i]`` gives: ``image, boxes, labels, difficult = dataset[i]``, with ``crowd`` and ``area`` beside.

    Scripts have unpacked four values from the beginning, so it stays a tuple of four; ``.crowd`` (M,) bool and
    ``.area`` (M,) float64 in square pixels, which only COCO's metrics need, are attributes. Without them no object is
    a crowd and each has the area of its box.
    """

    crowd: np.ndarray
    area: np.ndarray

    def __new__(cls, image, boxes, labels, difficult, crowd=None, area=None):
        """Return a Sample of these arrays; the boxes become float32."""
        boxes = np.asarray(boxes, np.float32)
        sample = super().__new__(cls, image, boxes, labels, difficult)
        sample.crowd, sample.area = _mark(crowd, boxes), _area(area, boxes)
        return sample

    def _replace(self, **changes):
        return Sample(**{**self._asdict(), "crowd": self.crowd, "area": self.area, **changes})

    def __eq__(self, other):
        if not isinstance(other, Sample):
            return False
        pairs = zip((*self, self.crowd, self.area), (*other, other.crowd, other.area))
        return all(np.array_equal(ours, theirs) for ours, theirs in pairs)

    def __ne__(self, other):  # a tuple has one of its own
        return not self == other

    __hash__ = None

    def __repr__(self):
        height, width = self.image.shape[:2]
        marks = f"{int(np.sum(self.difficult))} difficult, {int(np.sum(self.crowd))} crowds"
        return f"Sample(image of {width} x {height} pixels, {len(self.boxes)} objects, {marks})"


class Dataset(Protocol):
    """A data set of images with boxes; i counts from 0. Whatever keeps to this can be trained on and evaluated.

    To read a new label format, fill an ``AnnotatedImages`` (annotated_images.py) from its files; to make images on
    the fly, as ``ShapesDataset`` does, write these methods. No method but ``[i]`` decodes an image, because some are
    called for every image before training begins.
    """

    class_names: tuple[str, ...]  # without the background; label 1 is the first

    @property
    def issues(self) -> Sequence[Issue]:
        """Return what was found wrong or odd while loading and was not a reason to stop."""

    def __len__(self) -> int:
        """Return how many images there are."""

    def __getitem__(self, i: int) -> Sample:
        """Return image i with its objects. Raises IndexError beyond the end, InputError for a file that is damaged."""

    def annotation(self, i: int) -> Annotation:
        """Return the objects of image i."""

    def image_size(self, i: int) -> tuple[int, int]:
        """Return (width, height) of image i in pixels, as a viewer shows it."""

    def image_path(self, i: int) -> Path | None:
        """Return the file of image i, or None for an image that is in no file."""

    def image_name(self, i: int) -> str:
        """Return a short name of image i for titles and messages: that of its file, or "image 3"."""


def _mark(column, boxes):
    return np.zeros(len(boxes), bool) if column is None else np.array(column, bool)


def _area(column, boxes):
    return box_area(np.asarray(boxes, np.float64)) if column is None else np.array(column, np.float64)
