"""Folders as people and tools lay them out: named after their splits, around or beside one another, in any capitals."""

import os
import re
from itertools import islice
from pathlib import Path

from numpyssd.datasets.voc.files import SUFFIXES, plain_name
from numpyssd.errors import InputError

# Names of folders and lists, and the split that each of them means.
_SPLITS = {
    "train": "train", "training": "train", "trainval": "trainval", "val": "val", "validation": "val", "dev": "val",
    "valid": "valid", "test": "test", "testing": "test",
}  # fmt: skip
SPLIT_ORDER = ("train", "trainval", "val", "valid", "test")  # the one to train on first
_SAME = {"val": "valid", "valid": "val"}  # Roboflow and Darknet say valid
IMAGE_FOLDERS = ("images", "image", "imgs", "img", "jpegimages")
LABEL_FOLDERS = ("labels", "label", "annotations", "annotation", "xml", "xmls", "json", "txt")


def split_of(name: str) -> str | None:
    """Return the split that a folder or a list is named after (train2017 -> train, valid -> valid), or None."""
    return _SPLITS.get(re.sub(r"[-_ ]?[0-9]{4}$", "", name.lower()))


def matching_split(splits: dict, split: str) -> str | None:
    """Return the key of ``splits`` that a split is meant by: its own, or valid for val and val for valid; or None."""
    return next((name for name in (split, _SAME.get(split), split_of(split)) if name in splits), None)


def places_of(splits: dict[str, list[Path]], split: str | None, base: Path) -> list[Path]:
    """Return the folders of a split, or of all splits (None); of YOLO, lists of images too. base: the data set.

    Raises InputError for a split that is not there.
    """
    if split is None:
        return [place for places in splits.values() for place in places]
    name = matching_split(splits, split)
    if name is None:
        there = ", ".join(sorted(splits)) or "none"
        raise InputError(f"{base} has no split {split!r}; the splits there are: {there}")
    return splits[name]


def inner_folder(root: Path) -> Path:
    """Return root, or the folder that alone lies in it: archives are often unpacked into a folder of a folder."""
    for _ in range(3):
        names = [name for name in names_in(root) if _shown(name)]
        name = names[0] if len(names) == 1 else ""
        if not name or split_of(name) or name.lower() in IMAGE_FOLDERS + LABEL_FOLDERS or not (root / name).is_dir():
            break
        root = root / name
    return root


def split_folders(root: Path) -> dict[str, list[Path]]:
    """Return the folders named after a split that hold a file, by that split: in root, and in the folders in root."""
    found = {}
    for folder in subfolders(root):
        for path in [folder] if split_of(folder.name) else subfolders(folder):
            if split_of(path.name) and has_files(path):
                found.setdefault(split_of(path.name), []).append(path)
    return found


def label_folders(base: Path) -> list[Path]:
    """Return the folders in which label files may lie: base, its splits, and those for images or labels in either."""
    splits = [path for paths in split_folders(base).values() for path in paths]
    inner = [path for folder in (base, *splits) for path in subfolders(folder)]
    return [base, *splits, *(path for path in inner if path.name.lower() in IMAGE_FOLDERS + LABEL_FOLDERS)]


def files_below(folder: Path, suffixes: tuple[str, ...] = SUFFIXES) -> list[Path]:
    """Return the files with one of these endings, in any capitals, in a folder and in all folders below it, sorted.

    Folders that are links are entered, each once. Hidden files and those that macOS packs beside others are none.
    """
    found, seen = [], set()
    for place, folders, names in os.walk(folder, followlinks=True):
        seen.add(os.path.realpath(place))
        folders[:] = sorted(
            name for name in folders if _shown(name) and os.path.realpath(os.path.join(place, name)) not in seen
        )
        found += [Path(place, name) for name in sorted(names) if _shown(name) and name.lower().endswith(suffixes)]
    return found


class Names:
    """Finds files whose names are written with other capitals, or with accents composed in another way."""

    def __init__(self):
        self._listings = {}  # of each folder: its names by their plain form

    def find(self, path: Path) -> Path | None:
        """Return the path as it is on the disk, or None."""
        if os.path.exists(path):
            return path
        if path.parent not in self._listings:
            names = names_in(path.parent)
            self._listings[path.parent] = {plain_name(name): name for name in sorted(names, reverse=True)}
        name = self._listings[path.parent].get(plain_name(path.name))
        return path.parent / name if name else None


def has_files(folder: Path) -> bool:
    """Return whether there is a file in a folder or below it."""
    return any(any(map(_shown, names)) for _, _, names in os.walk(folder, followlinks=True))


def some_files(folder: Path, suffixes: tuple[str, ...], count: int) -> list[Path]:
    """Return at most so many files with one of these endings in a folder itself, whichever the system lists first."""
    names = (name for name in names_in(folder) if name.lower().endswith(suffixes) and _shown(name))
    return list(islice((folder / name for name in names if os.path.isfile(os.path.join(folder, name))), count))


def subfolders(folder: Path) -> list[Path]:
    """Return the folders in a folder, sorted; fast also for one with many files."""
    return [folder / name for name in sorted(names_in(folder, only_folders=True)) if _shown(name)]


def names_in(folder: Path, only_folders: bool = False) -> list[str]:
    """Return the names in a folder, of what is no folder nothing. Raises InputError if it may not be read."""
    if not os.path.isdir(folder):
        return []
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not only_folders or entry.is_dir()]
    except OSError as reason:
        raise InputError(f"{folder} cannot be read ({reason.strerror}); check its permissions") from None


def without_halves(name: Path) -> str:
    """Return a path without the folders that only part images from labels, with "/" between: train/a.jpg.

    So an image and its label file, train/images/a.jpg and train/labels/a.xml, differ in nothing but the ending.
    """
    *folders, last = name.parts
    return "/".join([*(part for part in folders if part.lower() not in IMAGE_FOLDERS + LABEL_FOLDERS), last])


def common_stem(path: Path, base: Path) -> str:
    """Return what an image below ``base`` and its label file have in common: the path, without halves and ending."""
    return plain_name(without_halves(path.relative_to(base).with_suffix("")))


def _shown(name):
    return not name.startswith(".") and name not in ("__MACOSX", "Thumbs.db", "desktop.ini", "numpyssd_split.csv")
