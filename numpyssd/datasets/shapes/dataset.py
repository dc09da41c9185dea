"""The built-in set: images of ellipses, rings, rectangles, triangles and crosses, drawn from a seed by our own code.

Every image depends on (seed, index) alone and has the same bytes on every machine. 1 to 5 objects, brighter
than the background, textured, tilted by up to 30 degrees, overlapping, with sides from a tenth to nine tenths of the
image, so that every feature map of the network has work.

    python -m numpyssd.datasets.shapes --out data/shapes              write the set in the VOC layout
    python -m numpyssd.datasets.shapes --picture shapes.png           draw a sheet of examples
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from numpyssd.datasets.dataset import Annotation, Sample
from numpyssd.datasets.shapes.outlines import CLASS_NAMES
from numpyssd.datasets.shapes.rendering import SIZE, example, render, render_all
from numpyssd.datasets.voc.writer import write_split
from numpyssd.errors import InputError
from numpyssd.files import write_error

__all__ = [
    "CLASS_NAMES",
    "COUNTS",
    "FIRST_INDEX",
    "SIZE",
    "ShapesDataset",
    "draw_shapes",
    "example",
    "render",
    "write_voc",
]

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
        first = FIRST_INDEX[split]
        items = ((f"{split}_{i:05d}", *render_all(seed, first + i, size)) for i in range(count))
        write_split(root, split, items, CLASS_NAMES)


# ----------------------------------------------------------------------------------------------------------------------


def draw_shapes(axes, seed=0, first=0, size=SIZE):
    """Draw one image of the set, with its objects, on each of the axes."""
    from numpyssd.drawing import draw_boxes, draw_image

    for index, ax in enumerate(np.ravel(axes), start=first):
        image, boxes, labels, difficult = render(seed, index, size)
        draw_image(ax, image)
        texts = [CLASS_NAMES[label - 1] + (" (difficult)" if hard else "") for label, hard in zip(labels, difficult)]
        draw_boxes(ax, boxes, "ground truth", texts)


def main(argv=None):
    """Run the command; return the exit code."""
    from numpyssd.drawing import new_figure, save_figure

    parser = argparse.ArgumentParser(
        prog="python -m numpyssd.datasets.shapes",
        description="Write the built-in set of images, or draw a sheet of examples.",
        epilog="example: python -m numpyssd.datasets.shapes --out data/shapes --train 500 --val 50 --test 50",
    )
    parser.add_argument("--out", metavar="ROOT", help="write the set below this folder, in the VOC layout")
    for split, count in COUNTS.items():
        text = f"how many {split} images (default: %(default)s)"
        parser.add_argument(f"--{split}", metavar="N", type=int, default=count, help=text)
    parser.add_argument(
        "--size", metavar="S", type=int, default=SIZE, help="side of an image in pixels (default: %(default)s)"
    )
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="another seed, another set (default: 0)")
    parser.add_argument("--picture", metavar="FILE", help="draw the first 15 train images with their objects (PNG)")
    arguments = parser.parse_args(argv)
    try:
        if not arguments.out and not arguments.picture:
            raise InputError("nothing to do; name a folder with --out ROOT or a file with --picture FILE")
        if arguments.picture:
            figure, axes = new_figure(3, 5, size=(11, 7))
            draw_shapes(axes, arguments.seed, size=arguments.size)
            save_figure(figure, arguments.picture)
            print(f"picture written to {arguments.picture}")
        if arguments.out:
            counts = {split: getattr(arguments, split) for split in COUNTS}
            write_voc(arguments.out, counts, arguments.size, arguments.seed)
            print(f"{sum(counts.values())} images written below {arguments.out}")
    except OSError as reason:
        error = write_error(reason.filename or "the output", reason, "choose another place")
        print(f"error: {error}", file=sys.stderr)
        return 2
    except ValueError as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
