"""The built-in set: images of ellipses, rings, rectangles, triangles and crosses, drawn from a seed by our own code.

Every image depends on (seed, index) alone and has the same bytes on every machine. 1 to 5 objects, brighter
than the background, textured, tilted by up to 30 degrees, overlapping, with sides from a tenth to nine tenths of the
image, so that every feature map of the network has work.
"""

from pathlib import Path

from numpyssd.datasets.dataset import Annotation, Sample
from numpyssd.datasets.shapes.outlines import CLASS_NAMES
from numpyssd.datasets.shapes.rendering import SIZE, render_all
from numpyssd.datasets.voc.writer import write_split

# Splits are far apart, so that none runs into the next, however many images it has.
FIRST_INDEX = {"train": 0, "val": 1_000_000, "test": 2_000_000}
COUNTS = {"train": 3000, "val": 200, "test": 200}


class ShapesDataset:
    """The first ``count`` images of a split, a ``Dataset``; each is rendered at its first use and kept.

    Images are size x size pixels; they and their boxes are read-only because they are kept.
    """

    class_names, issues = CLASS_NAMES, ()

    def __init__(self, count: int, size: int = SIZE, seed: int = 0, split: str = "train"):
        if split not in FIRST_INDEX:
            raise ValueError(f"split must be one of {', '.join(FIRST_INDEX)}, not {split!r}")
        if not 0 <= count <= 1_000_000:
            raise ValueError(f"count of {split} images must be from 0 to a million, not {count}")
        self.count, self.size, self.seed, self.first = count, size, seed, FIRST_INDEX[split]
        self._kept = [None] * count

    def __len__(self) -> int:
        return self.count

    def _rendered(self, i):
        if self._kept[i] is None:
            image, *columns = render_all(self.seed, self.first + range(self.count)[i], self.size)
            annotation = Annotation.of(*columns)
            sample = Sample(image, *annotation[:3], annotation.crowd, annotation.area)
            for array in (*sample, *annotation):
                array.flags.writeable = False
            self._kept[i] = sample, annotation
        return self._kept[i]

    def __getitem__(self, i: int) -> Sample:
        """Return image i with its objects."""
        return self._rendered(i)[0]

    def annotation(self, i: int) -> Annotation:
        """Return the objects of image i."""
        return self._rendered(i)[1]

    def image_size(self, i: int) -> tuple[int, int]:
        """Return (width, height) of image i."""
        return self.size, self.size

    def image_path(self, i: int) -> None:
        """Return None: the image is in no file."""

    def image_name(self, i: int) -> str:
        """Return "image 3" for image 3."""
        return f"image {range(self.count)[i]}"


def write_voc(root: Path | str, counts: dict[str, int] | None = None, size: int = SIZE, seed: int = 0):
    """Write images of each split below root in the VOC layout.

    counts: how many of each, {"train": 3000, "val": 200, "test": 200} if not given.
    The files of a seed and size have the same bytes on every machine.
    """
    for split, count in (COUNTS if counts is None else counts).items():
        dataset = ShapesDataset(count, size, seed, split)
        items = ((f"{split}_{i:05d}", *render_all(seed, dataset.first + i, size)) for i in range(count))
        write_split(root, split, items, CLASS_NAMES)
