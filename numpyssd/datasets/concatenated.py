"""Several data sets as one, as the published networks were trained: on VOC2007 and VOC2012 together."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np

from numpyssd.datasets.class_names import VOC_NAMES
from numpyssd.datasets.dataset import Annotation, Dataset, Sample


class Concatenated:
    """A ``Dataset`` of the images of several, one set after the other.

    Where the sets differ in their classes, it has all of them: VOC's 20 if these are all, or else sorted by name, and
    labels are renumbered. ``issues`` are those of all sets.
    """

    def __init__(self, parts: Sequence[Dataset]):
        self.parts, self.issues = list(parts), [issue for part in parts for issue in part.issues]
        self._ends = list(accumulate(len(part) for part in self.parts))
        names = {part.class_names for part in self.parts}
        every = {name for part in self.parts for name in part.class_names}
        together = VOC_NAMES if every <= set(VOC_NAMES) else tuple(sorted(every))
        self.class_names = self.parts[0].class_names if len(names) == 1 else together
        places = {name: label for label, name in enumerate(self.class_names, start=1)}
        self._labels = [np.array([0, *(places[name] for name in part.class_names)]) for part in self.parts]

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, i: int) -> Sample:
        """Return image i with its objects."""
        part, k, labels = self._place(i)
        sample = part[k]
        return sample._replace(labels=labels[sample.labels])

    def annotation(self, i: int) -> Annotation:
        """Return the objects of image i without decoding it."""
        part, k, labels = self._place(i)
        annotation = part.annotation(k)
        return annotation._replace(labels=labels[annotation.labels])

    def image_size(self, i: int) -> tuple[int, int]:
        """Return (width, height) of image i as a viewer shows it, in pixels."""
        part, k, _ = self._place(i)
        return part.image_size(k)

    def image_path(self, i: int) -> Path | None:
        """Return the path of image i, or None if it is in no file."""
        part, k, _ = self._place(i)
        return part.image_path(k)

    def image_name(self, i: int) -> str:
        """Return a short name of image i: that of its file, or "image 3"."""
        part, k, _ = self._place(i)
        return part.image_name(k) if part.image_path(k) else f"image {range(len(self))[i]}"

    def _place(self, i):
        """Return the part that holds image i, where in it, and this set's label of each label of the part."""
        if not -len(self) <= i < len(self):
            raise IndexError(f"image {i} of {len(self)}")
        i += len(self) if i < 0 else 0
        p = bisect_right(self._ends, i)
        return self.parts[p], i - (self._ends[p - 1] if p else 0), self._labels[p]


def as_one(parts: Sequence[Dataset]) -> Dataset:
    """Return several data sets Concatenated, or a single one as it is."""
    return parts[0] if len(parts) == 1 else Concatenated(parts)
