"""``python -m lessons.course.own_ssd my_ssd.py`` compares a learner's own SSD with numpyssd, stage by stage."""

import argparse

from lessons.course.own_ssd.check import compare
from lessons.course.own_ssd.learning import RECIPE, train
from lessons.course.own_ssd.load import load
from numpyssd.cli import command
from numpyssd.errors import InputError

MARKS = {"right": "✓", "not written": "○", "stops": "✗", "differs": "✗"}


def main(argv=None):
    """Compare the file, and train it if asked for; return 0 if all is right, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m lessons.course.own_ssd",
        description="Compare your own SSD (lesson 16) with numpyssd, stage by stage; it then learns one image.",
    )
    parser.add_argument("file", help="your file: a copy of lessons/own_ssd/my_ssd_blank.py, filled in")
    parser.add_argument("--train", action="store_true", help="then train it on the built-in set, and print its mAP")
    parser.add_argument(
        "--steps", metavar="N", type=int, default=RECIPE["steps"], help="of --train (default: %(default)s)"
    )
    options = parser.parse_args(argv)
    if options.steps < 1:
        raise InputError(f"--steps must be 1 or more, not {options.steps}")
    mine = load(options.file)
    results = []
    for result in compare(mine):
        results.append(result)
        print(line(len(results), result), flush=True)
    wrong = [result for result in results if result.outcome != "right"]
    if wrong:
        print(f"{len(results) - len(wrong)} of {len(results)} stages are right; go on with: {wrong[0].stage.name}")
        return 1
    print(f"All {len(results)} stages are right. It is an SSD.")
    if options.train:
        recipe = {**RECIPE, "steps": options.steps}
        moments = [round(options.steps * part / 5) for part in range(1, 6)]
        _, _, curve = train(mine, lambda words: print(words, flush=True), recipe, moments=moments)
        print(f"mAP {curve[-1][-1]:.3f} after {curve[-1][1] / 60:.1f} minutes of training")
    else:
        print(f"To train it on the built-in set: python -m lessons.course.own_ssd {options.file} --train")
    return 0


def line(number, result):
    """Return a stage's result as words; the lines under the first are indented."""
    words = result.words.replace("\n", "\n     ")
    return f"{MARKS[result.outcome]} {number:2} {result.stage.name}" + (f": {words}" if words else "")


if __name__ == "__main__":
    command.run(main)
