"""How many images a second a trained network looks at, from the file to the image with its boxes drawn.

    python -m benchmarks.detection --weights runs/bccd/best.npz FOLDER_OR_IMAGES... [--count 100] [--threads 2]

First every stage by itself, one image after the other (medians); then what ``numpyssd.detect`` does, where the next
image is read and the one before drawn while the network works, with and without writing the drawn images.
"""

import argparse
import statistics
import tempfile
import time
from itertools import chain, islice, repeat
from pathlib import Path

import numpy as np

from benchmarks.machine import describe
from numpyssd.cli import command
from numpyssd.cli.inputs import find_images
from numpyssd.cli.overlap import overlapped
from numpyssd.images.preprocess import preprocess
from numpyssd.images.read import read_image
from numpyssd.inference.postprocess import postprocess
from numpyssd.model.default_boxes import default_boxes
from numpyssd.reports.annotate import annotate, write_png
from numpyssd.softmax import softmax
from numpyssd.weights import load_model

SCORE = 0.5  # as ``numpyssd.detect`` has it
ALL = 0.01  # as ``numpyssd.evaluate`` has it


class Stages:
    """The stages from a file to its drawing, each with a list of its seconds."""

    def __init__(self, model, folder):
        self.model, self.folder, self.boxes, self.seconds = model, folder, default_boxes(model.config), {}

    def timed(self, name, function, *arguments, **options):
        """Call a function and note what it took."""
        started = time.perf_counter()
        result = function(*arguments, **options)
        self.seconds.setdefault(name, []).append(time.perf_counter() - started)
        return result

    def read(self, path):
        """Return the decoded image."""
        return self.timed("read and decode", read_image, path)

    def detect(self, image):
        """Return boxes in pixels, labels and scores."""
        x = self.timed("resize", preprocess, image, self.model.config)
        loc, conf = self.timed("network", self.model.infer, x)
        options = {"score_threshold": SCORE}
        boxes, labels, scores = self.timed("postprocess", postprocess, loc[0], conf[0], self.boxes, **options)
        return boxes * np.tile(image.shape[1::-1], 2), labels, scores

    def draw(self, image, found):
        """Return the image with its boxes."""
        return self.timed("draw", annotate, image, *found, self.model.class_names)

    def write(self, drawn):
        """Write the image; each takes the place of the one before."""
        self.timed("write PNG", write_png, drawn, Path(self.folder, "drawn.png"))


def main(argv=None):
    """Time, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__.splitlines()[0])
    parser.add_argument("inputs", nargs="+", metavar="FOLDER_OR_IMAGE")
    parser.add_argument("--weights", required=True, metavar="FILE")
    parser.add_argument("--count", type=command.positive(int), default=100, metavar="N", help="default: %(default)s")
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    command.apply_machine_options(options).warm_up()
    found, errors = find_images(options.inputs)
    if errors:
        raise errors[0]
    paths = list(islice(chain.from_iterable(repeat(found)), options.count))
    machine = describe()
    print(f"{machine['processor']} {machine['vectors']}, {len(paths)} images, network {options.weights}")
    with tempfile.TemporaryDirectory() as folder:
        stages = Stages(load_model(options.weights), folder)
        for path in [paths[0], *paths]:  # the first warms up
            image = stages.read(path)
            stages.write(stages.draw(image, stages.detect(image)))
        medians = {name: statistics.median(seconds[1:]) for name, seconds in stages.seconds.items()}
        for name, median in medians.items():
            print(f"{name:<18}{1e3 * median:7.1f} ms")
        total = sum(medians.values()) - medians["write PNG"]
        print(at_the_least_score(stages, paths[: 1 + len(paths) // 4]))
        print(f"one after the other, without writing: {1 / total:.0f} images a second")
        for writing in (False, True):
            print(
                f"overlapped, {'with' if writing else 'without'} writing: {rate(stages, paths, writing):.0f} a second"
            )
    return 0


def at_the_least_score(stages, paths):
    """Return what postprocessing takes when nearly everything is a candidate, as for an evaluation."""
    seconds, candidates = [], []
    for path in paths:
        x = preprocess(read_image(path), stages.model.config)
        loc, conf = (array[0] for array in stages.model.infer(x))
        started = time.perf_counter()
        postprocess(loc, conf, stages.boxes, score_threshold=ALL)
        seconds.append(time.perf_counter() - started)
        candidates.append((softmax(conf)[:, 1:] > ALL).sum())
    count, milliseconds = statistics.median(candidates), 1e3 * statistics.median(seconds)
    return f"postprocess with the threshold {ALL:g}: {milliseconds:.1f} ms for {count:.0f} candidates"


def rate(stages, paths, writing):
    """Return images a second when reading and drawing go on beside the network."""

    def finish(image, found):
        drawn = stages.draw(image, found)
        if writing:
            stages.write(drawn)

    def look(path, image):
        found = stages.detect(image)
        return lambda: finish(image, found)

    started = time.perf_counter()
    for _ in overlapped(paths, stages.read, look):
        pass
    return len(paths) / (time.perf_counter() - started)


if __name__ == "__main__":
    command.run(main)
