"""``validation.json`` of a training folder: what the best weights do on the validation images, for report.html.

Whoever wrote the file, ``read_validation`` returns numbers, texts and images of the expected kinds, or nothing.
"""

import base64
import json
from dataclasses import asdict, dataclass, fields
from math import isfinite
from pathlib import Path

import numpy as np

from numpyssd.config import NetworkConfig
from numpyssd.datasets.dataset import Dataset
from numpyssd.errors import InputError
from numpyssd.files import write_error, written_whole
from numpyssd.inference.error_split import ERROR_TYPES
from numpyssd.inference.evaluation.measurement import Measurement
from numpyssd.json_files import is_number
from numpyssd.reports.results.examples import Example, right_examples, wrong_examples
from numpyssd.reports.results.uncovered import uncovered_by_class
from numpyssd.run.folder import VALIDATION

MAX_CONFUSION = 40  # classes; a larger table is for evaluate --out


@dataclass
class ClassResult:
    """One class: a number that is not known is None."""

    name: str
    ap: float | None
    low: float | None  # of the 95 % interval
    high: float | None
    objects: int
    train_objects: int | None
    score: float | None  # the threshold with the best F1
    precision: float | None
    recall: float | None
    f1: float | None
    correct: int
    errors: dict  # type of error -> how many
    uncovered: int  # of the missed objects: no default box has an IoU of 0.5 with them, and they are small
    taken_for: list  # [class, how often] of the other classes, the most frequent first; at most three


@dataclass
class Validation:
    """The content of the file."""

    split: str
    images: int
    mean: float | None
    low: float | None
    high: float | None
    classes: list[ClassResult]
    confusion: list | None  # rows of counts, see inference/evaluation/confusion.py
    right: list[Example]
    wrong: list[Example]

    def total(self, error: str) -> int:
        """Return how many errors of a type all classes have together."""
        return sum(one.errors[error] for one in self.classes)


def validation_of(
    measured: Measurement, dataset: Dataset, split: str, config: NetworkConfig, train_objects: dict | None = None
) -> Validation:
    """Return the Validation of a Measurement on the validation set ``split``.

    config: of the network; train_objects: class -> how many objects the training set has, if known.
    """
    result, names = measured.result, measured.class_names
    low, high = measured.intervals.mean if measured.intervals else (None, None)
    uncovered = uncovered_by_class(measured, dataset, config)
    classes = []
    for k, name in enumerate(names):
        row, best = measured.split.per_class[name], (measured.best or {}).get(name)
        interval = measured.intervals.per_class.get(name, (None, None)) if measured.intervals else (None, None)
        mixed = measured.confusion.counts[k, :-1] * (np.arange(len(names)) != k)
        others = [[names[j], int(mixed[j])] for j in np.argsort(-mixed, kind="stable")[:3] if mixed[j]]
        classes.append(ClassResult(
            name, result.per_class.get(name), *interval, row["objects"],
            None if train_objects is None else train_objects.get(name, 0),
            *((best.score, best.precision, best.recall, best.f1) if best else (None,) * 4),
            row["correct"], {error: row[error] for error in ERROR_TYPES}, uncovered[k], others,
        ))  # fmt: skip
    matrix = measured.confusion.counts.tolist() if len(names) <= MAX_CONFUSION else None
    examples = right_examples(measured, dataset), wrong_examples(measured, dataset)
    return Validation(split, len(dataset), result.mean, low, high, classes, matrix, *examples)


def write_validation(folder: Path | str, validation: Validation):
    """Write the file into a training folder, whole or not at all. Raises InputError."""
    content = asdict(validation)
    for name in ("right", "wrong"):
        examples = getattr(validation, name)
        content[name] = [e._asdict() | {"jpeg": base64.b64encode(e.jpeg).decode("ascii")} for e in examples]
    path = Path(folder) / VALIDATION
    try:
        with written_whole(path) as temporary:
            temporary.write_text(json.dumps(_finite(content)), encoding="utf-8")
    except OSError as reason:
        raise write_error(path, reason, "free some space") from None


def read_validation(folder: Path | str) -> Validation | None:
    """Return what the file of a training folder holds; None if there is none, or if it is damaged."""
    try:
        content = json.loads((Path(folder) / VALIDATION).read_text(encoding="utf-8"))
        confusion = content["confusion"]
        if confusion is not None:
            confusion = np.array(confusion, np.int64).reshape(len(content["classes"]) + 1, -1).tolist()
        return Validation(
            str(content["split"]), int(content["images"]), *(_number(content[k]) for k in ("mean", "low", "high")),
            [_class_of(row) for row in content["classes"]], confusion,
            *([_example_of(row) for row in content[name]] for name in ("right", "wrong")),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, InputError):
        return None


def _class_of(row):
    kinds = {"name": str, "objects": int, "correct": int, "uncovered": int}
    kinds |= {"errors": lambda errors: {error: int(errors[error]) for error in ERROR_TYPES}}
    kinds |= {"taken_for": lambda pairs: [[str(name), int(count)] for name, count in pairs]}
    return ClassResult(*(kinds.get(f.name, _number)(row[f.name]) for f in fields(ClassResult)))


def _example_of(row):
    texts = [str(row[name]) for name in ("title", "text", "image")]
    return Example(*texts, base64.b64decode(row["jpeg"], validate=True))


def _number(value):
    """Return a number of the file, None for none. Raises ValueError for anything else."""
    if value is None or is_number(value):
        return value
    raise ValueError("no number")


def _finite(value):
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value
