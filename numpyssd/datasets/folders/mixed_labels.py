"""Folders in which some images have labels of one tool and some of another: only one kind would be read."""

import re
from pathlib import Path

from numpyssd.datasets.folders.split_folders import common_stem, files_below
from numpyssd.datasets.folders.text_files import first_text
from numpyssd.errors import InputError

KINDS = {".txt": "text files of YOLO", ".xml": "XML files of VOC", ".json": "JSON files of LabelMe"}
# What a label file begins with, or has in its first bytes.
_MARKS = {
    ".txt": re.compile(r"\s*[0-9]"),
    ".xml": re.compile(r"[^\0]*<annotation[\s>]"),
    ".json": re.compile(r'[^\0]*"shapes"'),
}
_HEAD = 4000


def refuse_mixed(base: Path, own: str) -> None:
    """Raise InputError if images without a label file of the own kind, the key of KINDS, have one of another kind.

    Taken for images without objects, they would teach a network to find nothing where an object is.
    """
    labels = {}  # of each name without its ending: the label files by their endings
    for path in files_below(base, tuple(KINDS)):
        labels.setdefault(common_stem(path, base), {})[path.suffix.lower()] = path
    if len({suffix for its in labels.values() for suffix in its}) < 2:
        return
    its_labels = [labels.get(common_stem(image, base), {}) for image in files_below(base)]
    others = [path for its in its_labels if own not in its for path in its.values() if _is_label(path)]
    if others:
        kind = others[0].suffix.lower()
        sentence = f"{base} has labels of two tools: {KINDS[own]}, and for other images {KINDS[kind]}"
        one = f"{others[0].name} for one, {sum(path.suffix.lower() == kind for path in others)} in all"
        remedy = "move each kind with its images into a folder of its own, and name both: --data FIRST,SECOND"
        raise InputError(f"{sentence} ({one}); {remedy}")


def _is_label(path):
    return bool(_MARKS[path.suffix.lower()].match(first_text(path, _HEAD)))
