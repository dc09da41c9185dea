"""Some of the images of a data set, as a data set."""

from collections.abc import Sequence
from pathlib import Path

from numpyssd.datasets.dataset import Annotation, Dataset, Sample


class Part:
    """A ``Dataset`` of the images ``indices`` of another one, in this order.

    crowds: whether boxes that stand for many objects are kept; training goes without (see COCODataset).
    """

    def __init__(self, whole: Dataset, indices: Sequence[int], crowds: bool = True):
        self.whole, self.indices, self.crowds = whole, list(indices), crowds
        self.class_names, self.issues = whole.class_names, list(whole.issues)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, i: int) -> Sample:
        """Return image i with its objects."""
        sample = self.whole[self.indices[i]]
        if self.crowds or not sample.crowd.any():
            return sample
        kept = ~sample.crowd
        objects = (sample.boxes[kept], sample.labels[kept], sample.difficult[kept])
        return Sample(sample.image, *objects, sample.crowd[kept], sample.area[kept])

    def annotation(self, i: int) -> Annotation:
        """Return the objects of image i without decoding it."""
        annotation = self.whole.annotation(self.indices[i])
        if self.crowds or not annotation.crowd.any():
            return annotation
        return Annotation(*(column[~annotation.crowd] for column in annotation))

    def image_size(self, i: int) -> tuple[int, int]:
        """Return (width, height) of image i as a viewer shows it, in pixels."""
        return self.whole.image_size(self.indices[i])

    def image_path(self, i: int) -> Path | None:
        """Return the path of image i, or None if it is in no file."""
        return self.whole.image_path(self.indices[i])

    def image_name(self, i: int) -> str:
        """Return a short name of image i: that of its file, or "image 3"."""
        return self.whole.image_name(self.indices[i])
