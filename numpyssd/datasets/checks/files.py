"""What concerns the files of a data set together: images that are there twice or in no split, odd class names."""

import os
from collections import defaultdict
from hashlib import sha256
from pathlib import Path

import numpy as np

from numpyssd.datasets.class_names import voc_note
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import Issue
from numpyssd.datasets.voc.files import SUFFIXES, plain_name

IMAGE_SUFFIXES = (*SUFFIXES, ".ppm", ".jp2", ".avif")


def duplicates(loaded: dict[str, Dataset]) -> list[Issue]:
    """Return an Issue for each image that is there under several names, byte for byte.

    loaded: data sets by the names of their splits.
    """
    splits = defaultdict(set)  # of each file
    for split, dataset in loaded.items():
        for i in range(len(dataset)):
            splits[dataset.image_path(i)].add(split)
    same = defaultdict(list)
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
    if unused and not sentence:
        listed = ", ".join(map(repr, unused[:5])) + (f" and {len(unused) - 5} more" if len(unused) > 5 else "")
        sentence = f"{'class' if len(unused) == 1 else 'the classes'} {listed} with no object in any split"
    effect = "the others are trained on as ever, and the network has an output too many"
    return [Issue(str(data), sentence, effect, is_warning=True)] if sentence else []


def unused_files(root: Path, loaded: dict[str, Dataset]) -> list[Issue]:
    """Return an Issue for each image and each XML file below a root that no split that could be loaded uses."""
    used = {dataset.image_path(i) for dataset in loaded.values() for i in range(len(dataset))}
    voc, annotations = (root / "JPEGImages").is_dir(), root / "Annotations"
    folders = {root / "JPEGImages"} if voc else {path.parent for path in used}
    issues = [issue for dataset in loaded.values() for issue in dataset.issues]
    bad = {_without_ending(path) for issue in issues for path in (issue.file, issue.image) if path}
    stems = {plain_name(path.stem) for path in _with(annotations, (".xml",))}
    found = []
    for path in (path for folder in sorted(folders) for path in _with(folder, IMAGE_SUFFIXES)):
        if path not in used and _without_ending(path) not in bad and root in path.parents:
            alone = voc and plain_name(path.stem) not in stems
            sentence = "an image without an XML file, and in no split" if alone else "an image in no split"
            found.append(Issue(str(path), sentence, "training never sees it", is_warning=True))
    images = {plain_name(path.stem) for path in _with(root / "JPEGImages", IMAGE_SUFFIXES)}
    listed = {plain_name(path.stem) for path in used}
    for path in _with(annotations, (".xml",)):
        if plain_name(path.stem) not in images | listed and _without_ending(path) not in bad:
            sentence = "an XML file without an image, and in no split"
            found.append(Issue(str(path), sentence, "training never sees it", is_warning=True))
    return found


def _without_ending(path):
    """Return the name of an image or of its XML file without folder and ending, by which they find each other."""
    return plain_name(Path(path).name.removesuffix(Path(path).suffix))


def _with(folder, suffixes):
    """Return the files of a folder with one of these endings, in any case, sorted."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.suffix.lower() in suffixes]


def _groups(items, key):
    """Return the lists of items, of at least two each, that share a key."""
    found = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return [group for group in found.values() if len(group) > 1]


def _digest(path):
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.digest()
