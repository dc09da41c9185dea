"""Write the golden files, tests/golden/*.json, from the rules: ``python -m tests.golden.write [FOLDER]``.

The rules (rules/) are plain Python on lists and know nothing of numpyssd; the cases (cases/) are their inputs. The same
bytes come out on every machine and in every run.
"""

import json
import math
import sys
from pathlib import Path
from textwrap import fill

from tests.golden.cases import (
    average_precision,
    box_coding,
    convolution,
    default_boxes,
    hard_negative_mining,
    iou,
    l2norm,
    learning_rate,
    losses,
    matching,
    multibox_loss,
    nms,
    pooling,
    postprocess,
    scales,
    sgd,
)

FILES = (
    scales, default_boxes, iou, matching, box_coding, hard_negative_mining, losses, multibox_loss, nms, postprocess,
    average_precision, convolution, pooling, l2norm, sgd, learning_rate,
)  # fmt: skip
FOLDER = Path(__file__).parent
WIDTH = 120


def text(value, indent=""):
    """Return JSON: on one line what fits there, otherwise one line for each part. Floats keep their last digit."""
    short = json.dumps(plain(value), allow_nan=False)
    if len(indent) + len(short) <= WIDTH or not isinstance(value, list | dict | tuple):
        return short
    inner = indent + " "
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(key)}: {text(part, inner)}" for key, part in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    if not any(isinstance(part, list | dict | tuple) for part in value):  # many numbers: as many on a line as fit
        return fill(short, WIDTH, initial_indent="", subsequent_indent=inner, break_long_words=False)
    return "[\n" + ",\n".join(inner + text(part, inner) for part in value) + f"\n{indent}]"


def plain(value):
    """Return the value as JSON can hold it: infinities as the strings that most languages parse as numbers."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def write(folder=FOLDER):
    """Write every file into the folder and return their paths."""
    paths = []
    for module in FILES:
        paths.append(Path(folder) / f"{module.__name__.rpartition('.')[2]}.json")
        paths[-1].write_text(text(module.make()) + "\n", encoding="utf-8", newline="\n")
    return paths


if __name__ == "__main__":
    for path in write(*sys.argv[1:2]):
        print(f"{path}: {path.stat().st_size / 1000:.1f} kB")
