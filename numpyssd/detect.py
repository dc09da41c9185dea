"""Detect objects in images: files and folders in, annotated images and one line for each out.

python -m numpyssd.detect photo.jpg holiday/ --weights tiny
python -m numpyssd.detect holiday/ --weights runs/mine/best.npz --score 0.3 --json > found.jsonl
python -m numpyssd.detect photo.jpg --weights tiny --explain
"""

import json
import sys
import time
from pathlib import Path

from numpyssd.cli import command
from numpyssd.cli.inputs import WEIGHTS_HELP, find_images, make_folder, output_names
from numpyssd.cli.overlap import overlapped
from numpyssd.console import printable
from numpyssd.drawing import save_figure
from numpyssd.errors import InputError
from numpyssd.files import write_error

ANNOTATED, EXPLAINED = ".png", ".explain.png"  # suffixes of what is written for each image


def parse(argv):
    """Return the options of the command line."""
    parser = command.parser(
        "detect",
        "Detect objects in images; write the images with their boxes into a folder.",
        [
            "python -m numpyssd.detect photo.jpg --weights tiny",
            "python -m numpyssd.detect holiday/ --weights runs/bccd/best.npz --score 0.3 --out found",
            "python -m numpyssd.detect holiday/ --weights runs/bccd/best.npz --json > found.jsonl",
            "python -m numpyssd.detect photo.jpg --weights tiny --explain",
        ],
    )
    add = parser.add_argument
    add("inputs", nargs="+", metavar="IMAGE_OR_FOLDER", help="images, and folders of images")
    add("--weights", required=True, metavar="FILE", help=WEIGHTS_HELP)
    add("--out", metavar="DIR", default="detections", help="where the annotated images go (default: %(default)s)")
    help_score = "show detections with a score above S, 0 to 1 (default: %(default)s)"
    add("--score", type=float, default=0.5, metavar="S", help=help_score)
    add("--json", action="store_true", help="print one line of JSON for each image: labels, scores, boxes in pixels")
    add("--explain", action="store_true", help="also draw what the best detection of each image was made of")
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    if not 0 <= options.score <= 1:
        raise InputError(f"--score {options.score:g} is no probability; give a number from 0 to 1")
    return options


def main(argv=None):
    """Detect, and return the exit code: 2 if an image could not be read; the others are done all the same."""
    options = parse(argv)
    backend = command.apply_machine_options(options)
    images, errors = find_images(options.inputs)
    if images:
        from numpyssd.ssd import load_detector

        detector = load_detector(options.weights)
        out = make_folder(options.out)
        backend.warm_up()
        for result in detect_files(detector, images, out, options):
            if isinstance(result, InputError):
                errors.append(result)
            else:
                print(result, flush=True)
    for reason in errors:
        print(f"error: {' '.join(str(reason).splitlines())}", file=sys.stderr)
    return 2 if errors else 0


def detect_files(detector, paths: list[Path], out: Path, options):
    """Return an iterator over images: the line to print for each, or the InputError that stopped it."""
    from numpyssd.images.read import read_image

    suffixes = (ANNOTATED, EXPLAINED) if options.explain else (ANNOTATED,)
    files = [(path, out / name) for path, name in zip(paths, output_names(paths, out, suffixes))]
    return overlapped(
        files, lambda file: read_image(file[0]), lambda file, image: detect_image(detector, *file, image, options)
    )


def detect_image(detector, path: Path, target: Path, image, options):
    """Detect in one image; return the function that draws it, writes ``target`` + .png and returns the line."""
    from numpyssd.reports.annotate import annotate, write_png

    started = time.perf_counter()
    boxes, labels, scores = next(detector.detect([image], batch_size=1, score_threshold=options.score))
    milliseconds = 1000 * (time.perf_counter() - started)
    class_names, figure = detector.model.class_names, None
    if options.explain:
        from numpyssd.reports.explain import explain

        figure = explain(detector.model, image, options.score)  # here, because it runs the network

    def finish():
        annotated = annotate(image, boxes, labels, scores, class_names)
        write(target, ANNOTATED, lambda file: write_png(annotated, file))
        if figure is not None:
            write(target, EXPLAINED, lambda file: save_figure(figure, file))
        names = [class_names[label - 1] for label in labels]
        if options.json:
            return json_line(path, image, boxes, names, scores)
        return f"{path}: {summary(names, scores, options.score)} ({milliseconds:.0f} ms) -> {target}{ANNOTATED}"

    return finish


def write(target: Path, suffix: str, save):
    """Call ``save(file)`` for the file of this name and suffix. Raises InputError if it cannot be written."""
    file = target.with_name(target.name + suffix)
    try:
        save(file)
    except OSError as reason:
        raise write_error(file, reason, "choose another --out") from None


def json_line(path, image, boxes, names, scores) -> str:
    """Return one line of JSON about an image; boxes are xyxy in its pixels, as a viewer shows it."""
    detections = [
        {"label": name, "score": round(float(score), 6), "box": [round(float(value), 2) for value in box]}
        for name, score, box in zip(names, scores, boxes)
    ]
    height, width = image.shape[:2]
    return json.dumps({"image": str(path), "width": width, "height": height, "detections": detections})


def summary(names, scores, threshold, shown=4) -> str:
    """Return a short text about the detections, best first."""
    if not names:
        return f"nothing scores over {threshold:g}"
    best = ", ".join(f"{printable(name)} {score:.2f}" for name, score in zip(names[:shown], scores))
    return f"{len(names)} found: {best}{', …' if len(names) > shown else ''}"


if __name__ == "__main__":
    command.run(main)
