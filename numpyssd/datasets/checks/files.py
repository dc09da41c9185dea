"""What concerns the files of a data set together: images that are there twice, odd class names."""

import os
from collections import defaultdict
from hashlib import file_digest
from pathlib import Path

import numpy as np

from numpyssd.datasets.checks.splits import splits_of_images
from numpyssd.datasets.class_names import voc_note
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import Issue
from numpyssd.datasets.voc.files import plain_name


def duplicates(loaded: dict[str, Dataset]) -> list[Issue]:
    """Return an Issue for each image that is there under several names, byte for byte.

    loaded: data sets by the names of their splits.
    """
    splits, same = splits_of_images(loaded), defaultdict(list)
    for paths in _groups(splits, os.path.getsize):  # few have the same size, and only these are read as a whole
        for path in paths:
            same[_digest(path)].append(path)
    issues = []
    for paths in same.values():
        if len(paths) > 1:
            others = ", ".join(f"{path.name} ({'/'.join(sorted(splits[path]))})" for path in paths[1:])
            first = paths[0]
            sentence = f"the same image as {others}, byte for byte"
            effect = "training takes each for an image of its own"
            if any(splits[path] != splits[first] for path in paths):
                effect += ", so that figures of one split may be too good"
            issues.append(Issue(str(first), sentence, effect, is_warning=True))
    return issues


def odd_classes(data: Path | str, loaded: dict[str, Dataset]) -> list[Issue]:
    """Return an Issue for classes that differ only in capitals or blanks, and for each that is never trained on."""
    counts = defaultdict(lambda: defaultdict(int))
    for split, dataset in loaded.items():
        labels = [dataset.annotation(i)[1] for i in range(len(dataset))]
        for label, count in enumerate(np.bincount(np.concatenate([[0], *labels]).astype(int))):
            if label and count:
                counts[dataset.class_names[label - 1]][split] += int(count)
    issues, alike = [], defaultdict(list)
    for name in sorted(counts):
        alike["".join(plain_name(name).replace("_", " ").split())].append(name)
    for names in alike.values():
        if len(names) > 1:
            sentence = f"the classes {' and '.join(map(repr, names))} differ only in capitals or blanks"
            issues.append(Issue(str(data), sentence, "each is a class of its own", is_warning=True))
    for name, its_counts in counts.items():
        if "train" in loaded and not {"train", "trainval"} & set(its_counts):
            where = ", ".join(f"{count} in {split}" for split, count in its_counts.items())
            sentence = f"class {name!r} has no object in train, but {where}"
            issues.append(Issue(str(data), sentence, "no network can learn it", is_warning=True))
    return issues + _without_objects(data, loaded, set(counts))


def _without_objects(data, loaded, used):
    """Return at most one Issue: classes that no object of any split has."""
    names = next((dataset.class_names for dataset in loaded.values()), ())
    sentence, unused = voc_note(names, used), [name for name in names if name not in used]
    if used and unused and not sentence:
        listed = ", ".join(map(repr, unused[:5])) + (f" and {len(unused) - 5} more" if len(unused) > 5 else "")
        words = f"class {listed} has" if len(unused) == 1 else f"the classes {listed} have"
        sentence = f"{words} no object in any split"
    effect = "the network has outputs for such classes, and learns to find none"
    return [Issue(str(data), sentence, effect, is_warning=True)] if sentence else []


def _groups(items, key):
    """Return the lists of items, of at least two each, that share a key."""
    found = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return [group for group in found.values() if len(group) > 1]


def _digest(path):
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()
