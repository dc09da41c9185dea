"""The command ``python -m numpyssd.datasets.shapes``, and the sheet of examples that it draws.

python -m numpyssd.datasets.shapes --out data/shapes              write the set in the VOC layout
python -m numpyssd.datasets.shapes --picture shapes.png           draw a sheet of examples
"""

import argparse
import sys

import numpy as np

from numpyssd.console import make_output_safe
from numpyssd.datasets.shapes.dataset import COUNTS, write_voc
from numpyssd.datasets.shapes.outlines import CLASS_NAMES
from numpyssd.datasets.shapes.rendering import SIZE, render
from numpyssd.errors import InputError
from numpyssd.files import write_error


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
    make_output_safe()
    arguments = parser.parse_args(argv)
    try:
        if not arguments.out and not arguments.picture:
            raise InputError("nothing to do; name a folder with --out ROOT or a file with --picture FILE")
        if arguments.picture:
            figure, axes = new_figure(3, 5, size=(11, 7))
            draw_shapes(axes, arguments.seed, size=arguments.size)
            save_figure(figure, arguments.picture)
            print(f"figure written to {arguments.picture}")
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
