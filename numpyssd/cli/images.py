"""``detect`` in images: each is written with its boxes, and a line says what was found."""

import time
from functools import partial
from pathlib import Path

from numpyssd.cli.inputs import output_names
from numpyssd.cli.lines import json_line, summary
from numpyssd.cli.notes import print_notes
from numpyssd.cli.overlap import overlapped
from numpyssd.config import Config
from numpyssd.detectors import rival_module
from numpyssd.drawing import save_figure
from numpyssd.errors import InputError
from numpyssd.files import write_error
from numpyssd.images.read import read_image
from numpyssd.reports.annotate import annotate, write_png
from numpyssd.reports.explain import explain

ANNOTATED, EXPLAINED = ".png", ".explain.png"  # suffixes of what is written for each image


def detect_in_images(detector, paths: list[Path], out: Path, find, labels, options) -> list[InputError]:
    """Detect in images and print a line for each; return the errors of those that could not be done."""
    suffixes = (ANNOTATED, EXPLAINED) if options.explain else (ANNOTATED,)
    files = [(path, out / name) for path, name in zip(paths, output_names(paths, out, suffixes))]
    detect = partial(detect_image, detector, find, labels, options)
    errors = []
    for result in overlapped(files, lambda file: read_image(file[0]), lambda file, image: detect(*file, image)):
        if isinstance(result, InputError):
            errors.append(result)
        else:
            print(result, flush=True)
    print_notes(paths)
    return errors


def detect_image(detector, find, labels, options, path: Path, target: Path, image):
    """Detect in one image; return the function that draws it, writes ``target`` + .png and returns the line."""
    started = time.perf_counter()
    found = find(image)
    milliseconds = 1000 * (time.perf_counter() - started)
    class_names, figure = detector.model.class_names, None
    if options.explain:
        figure = explain_with(detector)(image, find.thresholds)  # here, because it runs the network

    def finish():
        annotated = annotate(image, *found, class_names)
        write(target, ANNOTATED, lambda file: write_png(annotated, file))
        if figure is not None:
            write(target, EXPLAINED, lambda file: save_figure(figure, file))
        kept = labels is not None and not labels.add(path, image.shape[1::-1], *found)
        if options.json:
            return json_line({"image": str(path)}, image, found, class_names)
        note = "; its label file stays as it was" if kept else ""
        text = summary([class_names[label - 1] for label in found[1]], found[2], find.thresholds)
        return f"{path}: {text} ({milliseconds:.0f} ms) -> {target}{ANNOTATED}{note}"

    return finish


def explain_with(detector):
    """Return the function that draws what the detections of an image were made of."""
    config = detector.model.config
    if isinstance(config, Config):
        return partial(explain, detector.model)
    return partial(rival_module(config.detector, "explain").explain, detector)


def write(target: Path, suffix: str, save):
    """Call ``save(file)`` for the file of this name and suffix. Raises InputError if it cannot be written."""
    file = target.with_name(target.name + suffix)
    try:
        save(file)
    except OSError as reason:
        raise write_error(file, reason, "choose another --out") from None
