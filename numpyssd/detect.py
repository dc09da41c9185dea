"""Find objects in pictures: files and folders in, annotated pictures and one line for each out.

python -m numpyssd.detect photo.jpg holiday/ --weights tiny
python -m numpyssd.detect holiday/ --weights runs/mine/best.npz --score 0.3 --json > found.jsonl
python -m numpyssd.detect photo.jpg --weights tiny --explain
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from numpyssd.cli import command
from numpyssd.cli.inputs import find_images, make_folder, output_names
from numpyssd.drawing import save_figure
from numpyssd.errors import InputError

SUFFIX, EXPLAINED = ".png", ".explain.png"


def parse(argv):
    """Return the options of the command line."""
    parser = command.parser(
        "detect",
        "Find objects in pictures; write the pictures with their boxes into a folder.",
        [
            "python -m numpyssd.detect photo.jpg --weights tiny",
            "python -m numpyssd.detect holiday/ --weights runs/bccd/best.npz --score 0.3 --out found",
            "python -m numpyssd.detect holiday/ --weights runs/bccd/best.npz --json > found.jsonl",
            "python -m numpyssd.detect photo.jpg --weights tiny --explain",
        ],
    )
    add = parser.add_argument
    add("inputs", nargs="+", metavar="IMAGE_OR_FOLDER", help="pictures, and folders whose pictures to take")
    add(
        "--weights",
        required=True,
        metavar="FILE",
        help="best.npz of a training run, or tiny, which is built in",
    )
    add("--out", metavar="DIR", default="detections", help="where the pictures go (default: %(default)s)")
    add(
        "--score",
        type=float,
        default=0.5,
        metavar="S",
        help="show what scores over S, 0 to 1 (default: %(default)s)",
    )
    add("--json", action="store_true", help="print one line of JSON for each picture: labels, scores, boxes in pixels")
    add("--explain", action="store_true", help="also draw how the best box of each picture came to be")
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    if not 0 <= options.score <= 1:
        raise InputError(f"--score {options.score:g} is no probability; give a number from 0 to 1")
    return options


def main(argv=None):
    """Detect, and return the exit code: 2 if a picture could not be read, with the others done all the same."""
    options = parse(argv)
    backend = command.apply_machine_options(options)
    images, errors = find_images(options.inputs)
    if images:
        from numpyssd.weights import load_model

        model = load_model(options.weights)
        if not all(np.isfinite(parameter.value).all() for parameter in model.parameters().values()):
            raise InputError(f"{options.weights} holds weights that are not finite; take an earlier checkpoint")
        out = make_folder(options.out)
        backend.warm_up()
        names = output_names(images, out, (SUFFIX, EXPLAINED) if options.explain else (SUFFIX,))
        for said in detect_all(model, images, [out / name for name in names], options):
            if isinstance(said, InputError):
                errors.append(said)
            else:
                print(printable(said), flush=True)
    for reason in errors:
        print(f"error: {' '.join(str(reason).splitlines())}", file=sys.stderr)
    return 2 if errors else 0


def detect_all(model, images, targets, options):
    """Return an iterator of what to say of each picture: a line, or the InputError that kept it from being done."""
    from numpyssd.images.read import read_image

    def look(place, image):
        path, target = place
        return one_image(model, path, image, target, options)

    return overlapped(list(zip(images, targets)), lambda place: read_image(place[0]), look)


def overlapped(places, read, look):
    """Yield for each place, in order, the result of ``finish``, or the InputError that something ended with.

    image = read(place); finish = look(place, image); finish(). While this thread looks at one picture, helpers read
    the next one and finish the one before.
    """
    with ThreadPoolExecutor(2, thread_name_prefix="pictures") as helpers:
        upcoming, unfinished = helpers.submit(read, places[0]), None
        for i, place in enumerate(places):
            image = _result(upcoming)
            if i + 1 < len(places):
                upcoming = helpers.submit(read, places[i + 1])
            failed = isinstance(image, InputError)
            finish = None if failed else look(place, image)
            if unfinished is not None:
                yield _result(unfinished)
            unfinished = None if failed else helpers.submit(finish)
            if failed:
                yield image
        if unfinished is not None:
            yield _result(unfinished)


def _result(future):
    """Return what a helper made, or the InputError that it ended with."""
    try:
        return future.result()
    except InputError as reason:
        return reason


def one_image(model, path, image, target, options):
    """Detect in one picture; return the function that draws it, writes ``target`` + .png and returns the line."""
    from numpyssd.inference.detect import detect
    from numpyssd.reports.annotate import annotate, write_png

    started = time.perf_counter()
    boxes, labels, scores = next(detect(model, [image], batch_size=1, score_threshold=options.score))
    milliseconds = 1000 * (time.perf_counter() - started)
    figure = None
    if options.explain:
        from numpyssd.reports.explain import explain

        figure = explain(model, image, options.score)  # here, because it runs the network

    def finish():
        _write(target, SUFFIX, lambda file: write_png(annotate(image, boxes, labels, scores, model.class_names), file))
        if figure is not None:
            _write(target, EXPLAINED, lambda file: save_figure(figure, file))
        names = [model.class_names[label - 1] for label in labels]
        if options.json:
            return json_line(path, image, boxes, names, scores)
        return f"{path}: {in_words(names, scores, options.score)} ({milliseconds:.0f} ms) -> {target}{SUFFIX}"

    return finish


def _write(target, suffix, write):
    file = target.with_name(target.name + suffix)
    try:
        write(file)
    except OSError as reason:
        raise InputError(f"{file} cannot be written ({reason.strerror}); choose another --out") from None


def json_line(path, image, boxes, names, scores):
    """Return one line of JSON about a picture; boxes are xyxy in its pixels, as a viewer shows it."""
    detections = [
        {"label": name, "score": round(float(score), 6), "box": [round(float(value), 2) for value in box]}
        for name, score, box in zip(names, scores, boxes)
    ]
    height, width = image.shape[:2]
    return json.dumps({"image": str(path), "width": width, "height": height, "detections": detections})


def in_words(names, scores, threshold, most=4):
    """Return what was found in a few words, the surest first."""
    if not names:
        return f"nothing scores over {threshold:g}"
    best = ", ".join(f"{name} {score:.2f}" for name, score in zip(names[:most], scores))
    return f"{len(names)} found: {best}{', …' if len(names) > most else ''}"


def printable(line):
    """Return a line without what the terminal can't show; the name of a file need not even be text."""
    encoding = sys.stdout.encoding or "utf-8"
    return line.encode(encoding, "backslashreplace").decode(encoding)


if __name__ == "__main__":
    command.run(main)
