"""Several data sets as one, as the published networks were trained: on VOC2007 and VOC2012 together."""

from bisect import bisect_right
from itertools import accumulate

import numpy as np

from numpyssd.datasets.voc import VOC_NAMES


class Joined:
    """The images of several data sets, one set after the other; item i is (image, boxes, labels, difficult).

    Where the sets differ in their classes, it has all of them: VOC's 20 if these are all, or else sorted by name, and
    labels are renumbered. ``problems`` are those of all sets.
    """

    def __init__(self, parts):
        self.parts, self.problems = list(parts), [problem for part in parts for problem in part.problems]
        self._ends = list(accumulate(len(part) for part in self.parts))
        names = {part.class_names for part in self.parts}
        every = {name for part in self.parts for name in part.class_names}
        together = VOC_NAMES if every <= set(VOC_NAMES) else tuple(sorted(every))
        self.class_names = self.parts[0].class_names if len(names) == 1 else together
        places = {name: label for label, name in enumerate(self.class_names, start=1)}
        self._labels = [np.array([0, *(places[name] for name in part.class_names)]) for part in self.parts]

    def __len__(self):
        return self._ends[-1]

    def __getitem__(self, i):
        p, k = self._place(i)
        image, boxes, labels, difficult = self.parts[p][k]
        return image, boxes, self._labels[p][labels], difficult

    def annotation(self, i):
        """Return boxes, labels, difficult and truncated of image i without decoding it."""
        p, k = self._place(i)
        boxes, labels, *rest = self.parts[p].annotation(k)
        return boxes, self._labels[p][labels], *rest

    def image_size(self, i):
        """Return (width, height) of image i as a viewer shows it, in pixels."""
        p, k = self._place(i)
        return self.parts[p].image_size(k)

    def image_path(self, i):
        """Return the path of image i."""
        p, k = self._place(i)
        return self.parts[p].image_path(k)

    def _place(self, i):
        """Return which part holds image i, and where in it."""
        if not -len(self) <= i < len(self):
            raise IndexError(f"image {i} of {len(self)}")
        i += len(self) if i < 0 else 0
        p = bisect_right(self._ends, i)
        return p, i - (self._ends[p - 1] if p else 0)
