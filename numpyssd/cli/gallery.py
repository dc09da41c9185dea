"""Draw a figure of held-out images with the detections of a network, for the README.

python -m numpyssd.cli.gallery --weights tiny --out detections.png
"""

from numpyssd.cli import command
from numpyssd.cli.inputs import WEIGHTS_HELP
from numpyssd.detectors import load_detector
from numpyssd.drawing import legend, new_figure, save_figure
from numpyssd.errors import InputError
from numpyssd.files import write_error
from numpyssd.reports.gallery import draw_gallery

IMAGES = 8
SIZE = 256  # pixels of the images; the network resizes each to its own size


def main(argv=None):
    """Draw the figure, and return the exit code."""
    parser = command.parser("cli.gallery", __doc__.splitlines()[0], [__doc__.splitlines()[2]])
    parser.add_argument("--weights", required=True, metavar="FILE", help=f"{WEIGHTS_HELP}; of the built-in classes")
    parser.add_argument("--out", default="detections.png", metavar="FILE", help="where the PNG goes")
    options = parser.parse_args(argv)
    from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset

    detector = load_detector(options.weights)
    if detector.model.class_names != tuple(CLASS_NAMES):
        raise InputError(f"{options.weights} knows other classes than the built-in set; give weights of --tiny")
    figure, axes = new_figure(2, IMAGES // 2, (12, 6.2))
    dataset = ShapesDataset(IMAGES, SIZE, split="test")
    draw_gallery(axes, detector, [dataset[i] for i in range(IMAGES)])
    legend(axes[1], "ground truth", "prediction", loc="lower left")
    try:
        save_figure(figure, options.out)
    except OSError as reason:
        raise write_error(options.out, reason, "choose another --out") from None
    print(f"figure written to {options.out}")
    return 0


if __name__ == "__main__":
    command.run(main)
