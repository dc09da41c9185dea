"""COCO's layout as datasets/layouts.py asks for it: the JSON of a split, and the folders of its images.

ROOT/annotations/instances_train2017.json   COCO and CVAT, or any file there with the name of a split in its own
ROOT/train/_annotations.coco.json           Roboflow, or any COCO file in a folder that is named after a split
ROOT/result.json                            Label Studio, or any COCO file (labels.json of FiftyOne)
"""

from collections import Counter
from pathlib import Path

from numpyssd.datasets.coco.dataset import COCODataset
from numpyssd.datasets.coco.search import USUAL, all_files, image_folders, is_beside, unread_files
from numpyssd.datasets.concatenated import as_one
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.folders.split_words import find_split, split_word
from numpyssd.datasets.issues import Issue
from numpyssd.errors import InputError


def recognizes(root: Path) -> bool:
    """Return whether a folder is laid out as COCO is. Some file systems take annotations for Annotations."""
    voc = (root / "JPEGImages").is_dir() and (root / "ImageSets").is_dir()
    return not voc and bool(all_files(root))


def base_folder(root: Path) -> Path:
    """Return the folder that holds the data set: root itself."""
    return root


def split_names(root: Path) -> set[str]:
    """Return the names of the splits below root: train for instances_train2017.json, if no other file is of train.

    A single file whose name is no split's, such as CVAT's instances_default.json, is that of the whole folder: then
    there is no split.
    """
    names = [_name(root, path) for path in all_files(root)]
    words = Counter(map(split_word, names))
    if len(names) == 1 and not split_word(names[0]):
        return set()
    return {
        word if (word := split_word(name)) and words[word] == 1 else name.removeprefix("instances_") for name in names
    }


def has_split(root: Path, split: str) -> bool:
    """Return whether a folder has a split, or a file of that name."""
    return bool(split_files(root, split))


def image_folder(root: Path, split: str | None) -> Path:
    """Return the likeliest folder of the images of a split."""
    return image_folders(root, _files(root, split)[0])[0]


def load(
    root: Path, split: str | None, class_names, training: bool, bad_data: str, missing_labels: str = "error"
) -> Dataset:
    """Return the data set of a split (None: of the whole folder), without crowds for training.

    missing_labels changes nothing: an image of the file without annotations is one without objects.
    """
    options = {"class_names": class_names, "bad_data": bad_data, "crowds": not training}
    files = _files(root, split)
    parts = [COCODataset(file, image_folders(root, file), **options) for file in files]
    parts[0].issues += _unread(root, files)
    return as_one(parts)


def split_files(root: Path, split: str) -> list[Path]:
    """Return the COCO files that may be meant by a split; only one if that is clear."""
    names = {path: _name(root, path) for path in sorted(all_files(root))}
    files = [path for path, name in names.items() if find_split(name, split)]
    exact = [path for path in files if split in (path.stem, find_split(names[path], split))]
    for preferred in (exact, [path for path in files if USUAL.fullmatch(path.name)]):
        if len(preferred) == 1:
            return preferred
    return files


def find_file(root: Path, split: str) -> Path:
    """Return the COCO file of a split below root. Raises InputError if there is none, or if several would do."""
    found = split_files(root, split)
    if len(found) == 1:
        return found[0]
    every = ", ".join(str(path.relative_to(root)) for path in sorted(all_files(root)))
    if not found:
        raise InputError(f"{root} has no annotations of the split {split!r}; the files there are: {every}")
    names = ", ".join(str(path.relative_to(root)) for path in found)
    if all(is_beside(root, path) for path in found):
        raise InputError(f"{root} has several files for the split {split!r} ({names}); keep one of them there")
    one = find_split(_name(root, found[0]), split)
    one = found[0].stem if one == split else one
    raise InputError(f"{root} has several files for the split {split!r} ({names}); name one, such as {one!r}")


def _unread(root, files):
    """Return at most one warning: the other COCO files there, which are not read."""
    unread = unread_files(root, files)
    names = ", ".join(str(path.relative_to(root)) for path in unread[:5]) + (", …" if len(unread) > 5 else "")
    sentence = f"{names} {'holds' if len(unread) == 1 else 'hold'} annotations of COCO too"
    return [Issue(str(files[0]), sentence, "only this file is read", is_warning=True)] if unread else []


def _files(root, split):
    return all_files(root) if split is None else [find_file(root, split)]


def _name(root, path):
    """Return the name that says which split a file is of: its own, or that of its folder."""
    return path.parent.name if is_beside(root, path) else path.stem
