"""A folder of YOLO's as its own files describe it: the names of the classes, and the images of each split.

Three things name the splits, the first that names one counts: data.yaml (Ultralytics, Roboflow) or obj.data (Darknet,
CVAT); lists such as train.txt; folders such as images/train, train/images or train.
"""

import re
from pathlib import Path
from typing import NamedTuple

from numpyssd.datasets.folders.split_folders import (
    IMAGE_FOLDERS,
    files_below,
    inner_folder,
    matching_split,
    places_of,
    split_folders,
    subfolders,
)
from numpyssd.datasets.issues import Issue
from numpyssd.datasets.yolo import names as naming
from numpyssd.datasets.yolo.sources import find_below, images_in, lists_in, sources_in, without_equal
from numpyssd.errors import InputError


class Folder(NamedTuple):
    """What the files of a data set say: see ``describe``."""

    base: Path  # the folder that its paths count from
    named_in: Path  # the file that names the classes
    names: dict[int, str]  # of each class number
    splits: dict[str, list[Path]]  # of each split: the folders and the lists of its images
    key_points: int  # numbers that the key points of an object take; 0 without any
    issues: list[Issue]  # warnings


def describe(root: Path) -> Folder:
    """Return the Folder at root. Raises InputError if nothing names the classes, or two files differ in it."""
    base, issues = inner_folder(root), []
    yamls, data_files = naming.yaml_files(base), naming.data_files(base)
    key_points, sources = 0, {}
    if yamls:
        if len(yamls) > 1:
            several = ", ".join(path.name for path in yamls)
            raise InputError(f"{base} has several files that name classes ({several}); keep one, as data.yaml")
        path, content = yamls[0], naming.read_yaml(yamls[0])
        names = _names_in_yaml(content, base, path)
        issues += naming.count_warning(path, "nc", content.get("nc"), names)
        key_points = _key_points(content)
        above = content.get("path") if isinstance(content.get("path"), str) else ""
        sources = sources_in(content, path, above, base, issues)
    elif data_files:
        path, content = data_files[0], naming.read_data_file(data_files[0])
        list_path = find_below(base, content["names"])
        if list_path is None or not list_path.is_file():
            raise InputError(f"{path} says that {content['names']} names the classes, which is not there; add it")
        names = naming.read_name_list(list_path)
        issues += naming.count_warning(path, "classes", content.get("classes"), names)
        sources = sources_in(content, path, "", base, issues)
    else:
        path = _name_list(base)
        names = naming.read_name_list(path)
    without_equal(sources, path, issues)
    for more in (lists_in(base), split_folders(base)):
        sources |= {split: paths for split, paths in more.items() if matching_split(sources, split) is None}
    return Folder(base, path, names, sources, key_points, issues)


def images_of(folder: Folder, split: str | None) -> list[Path]:
    """Return the paths of the images of a split, or of the whole folder (None); those in lists may not be there.

    Raises InputError for a split that is not there.
    """
    paths = [path for source in places_of(folder.splits, split, folder.base) for path in images_in(source, folder.base)]
    if not folder.splits:
        within = [path for path in subfolders(folder.base) if path.name.lower() in IMAGE_FOLDERS]
        paths = [path for place in within or [folder.base] for path in files_below(place)]
    return list(dict.fromkeys(paths))


def _names_in_yaml(content, base, path):
    value = content.get("names")
    if isinstance(value, str) and find_below(base, value) and find_below(base, value).is_file():
        return naming.read_name_list(find_below(base, value))
    return naming.names_of(value, path)


def _name_list(base):
    folders = [path for paths in split_folders(base).values() for path in paths]
    below = [folder / "labels" for folder in folders]
    found = naming.name_lists([base, base / "labels", base / "data", base / "images", *folders, *below])
    inner = [path for path in subfolders(base) if naming.yaml_files(path)]
    if not found and inner:
        sentence = f"each folder in {base} has names of classes for itself"
        raise InputError(f"{sentence}; name one of them, {inner[0]}, or several with commas between")
    if not found:
        raise InputError(f"{base}: nothing says how the classes 0, 1, … of its labels are called; {naming.REMEDY}")
    names = naming.read_name_list(found[0])
    for other in found[1:]:
        if naming.read_name_list(other) != names:
            raise InputError(f"{found[0]} and {other} name other classes; keep one of them, as {base / 'classes.txt'}")
    return found[0]


def _key_points(content):
    shape = content.get("kpt_shape")
    sound = isinstance(shape, list) and len(shape) == 2 and all(re.fullmatch("[0-9]{1,4}", str(n)) for n in shape)
    return int(shape[0]) * int(shape[1]) if sound else 0
