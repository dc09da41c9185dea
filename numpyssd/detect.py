"""Detect objects in images, videos and cameras: annotated images and one line for each out.

python -m numpyssd.detect photo.jpg holiday/ --weights tiny
python -m numpyssd.detect holiday/ --weights runs/mine/best.npz --score 0.3 --json > found.jsonl
python -m numpyssd.detect photo.jpg --weights tiny --explain
python -m numpyssd.detect unlabeled/ --weights runs/mine/best.npz --save-labels voc unlabeled
python -m numpyssd.detect clip.mp4 --weights runs/mine/best.npz
"""

import sys

import numpy as np

from numpyssd.cli import command
from numpyssd.cli.class_names import add_class_names, names_from, say_notes
from numpyssd.cli.inputs import WEIGHTS_HELP, find_inputs, make_folder, names_below
from numpyssd.cli.save_labels import LabelFiles, check_format
from numpyssd.console import printable
from numpyssd.errors import InputError

SCORE = 0.5  # of the detections that are shown, where the weights name no scores


def parse(argv):
    """Return the options of the command line."""
    parser = command.parser(
        "detect",
        "Detect objects in images and videos; write them with their boxes into a folder.",
        [
            "python -m numpyssd.detect photo.jpg --weights tiny",
            "python -m numpyssd.detect holiday/ --weights runs/bccd/best.npz --score 0.3 --out found",
            "python -m numpyssd.detect holiday/ --weights runs/bccd/best.npz --json > found.jsonl",
            "python -m numpyssd.detect photo.jpg --weights tiny --explain",
            "python -m numpyssd.detect unlabeled/ --weights runs/bccd/best.npz --save-labels voc unlabeled",
            "python -m numpyssd.detect clip.mp4 camera:0 --weights runs/bccd/best.npz",
        ],
    )
    add = parser.add_argument
    add("inputs", nargs="+", metavar="INPUT", help="images, folders of images, videos, and cameras (camera:0)")
    add("--recursive", action="store_true", help="take the images of the folders in a folder, too")
    add("--weights", required=True, metavar="FILE", help=WEIGHTS_HELP)
    add_class_names(parser)
    add("--out", metavar="DIR", default="detections", help="where the annotated images go (default: %(default)s)")
    help_score = "show detections with a score above S, 0 to 1 (default: those of the weights, else 0.5)"
    add("--score", type=float, metavar="S", help=help_score)
    command.add_detection_options(parser)
    add("--json", action="store_true", help="print a line of JSON for each image or frame: labels, scores, pixel boxes")
    add("--explain", action="store_true", help="also draw what the best detection of each image, or all, were made of")
    help_labels = "write what is found as label files to correct by hand: voc, yolo, coco or labelme, and where to"
    add("--save-labels", nargs=2, metavar=("FORMAT", "DIR"), help=help_labels)
    add("--overwrite", action="store_true", help="with --save-labels: replace label files that are there already")
    add("--frames", type=command.positive(int), metavar="N", help="stop after N frames of each video or camera")
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    if options.score is not None and not 0 <= options.score <= 1:
        raise InputError(f"--score {options.score:g} is no probability; give a number from 0 to 1")
    if options.save_labels:
        check_format(options.save_labels[0])
    return options


def main(argv=None):
    """Detect, and return the exit code: 2 if an input could not be read; the others are done all the same."""
    options = parse(argv)
    backend = command.apply_machine_options(options)
    images, videos, errors = find_inputs(options.inputs, options.recursive, options.out)
    if videos and (options.save_labels or options.explain):
        option = "--save-labels" if options.save_labels else "--explain"
        raise InputError(f"{option} needs images, and {videos[0]} is a video; save its frames as images first")
    if images or videos:
        from numpyssd.cli.images import detect_in_images
        from numpyssd.detectors import load_detector

        detector = load_detector(options.weights, names_from(options))
        say_notes(detector.model)
        out, find = make_folder(options.out), finder(detector, options)
        labels = label_files(images, detector.model.class_names, options)
        backend.warm_up()
        try:
            errors += detect_in_images(detector, images, out, find, labels, options)
        finally:  # Ctrl-C, too, leaves whole files
            if labels is not None:
                print(labels.close(), file=sys.stderr if options.json else sys.stdout, flush=True)
        if videos:
            from numpyssd.cli.videos import detect_in_videos

            errors += detect_in_videos(detector.model.class_names, videos, out, find, options)
    for reason in errors:
        print(f"error: {' '.join(str(reason).splitlines())}", file=sys.stderr)
    return 2 if errors else 0


def finder(detector, options):
    """Return a function from an image to the boxes, labels and scores that are shown; it knows their ``thresholds``.

    They are --score, or those that an evaluation chose for each class and that the weights hold, which is said.
    """
    stored, names = detector.model.score_thresholds, detector.model.class_names
    thresholds = SCORE if options.score is None else options.score
    if options.score is None and stored is not None:
        thresholds = np.array(stored)
        text = ", ".join(f"{printable(name)} {value:.2f}" for name, value in zip(names, stored))
        print(f"scores over those of the weights: {text}", file=sys.stderr if options.json else sys.stdout)
    given = command.detection_options(options)

    def find(image):
        return next(detector.detect([image], batch_size=1, score_threshold=thresholds, **given))

    find.thresholds = thresholds
    return find


def label_files(images, class_names, options):
    """Return the LabelFiles of --save-labels, or None without it."""
    if not options.save_labels:
        return None
    kind, folder = options.save_labels
    names = names_below(options.inputs, images)
    return LabelFiles(kind, make_folder(folder, "--save-labels"), names, class_names, options.overwrite)


if __name__ == "__main__":
    command.run(main)
