"""The layouts of YOLO as datasets/layouts.py asks for them.

ROOT/data.yaml  ROOT/images/train/a.jpg  ROOT/labels/train/a.txt     Ultralytics, CVAT's "Ultralytics YOLO"
ROOT/data.yaml  ROOT/train/images/a.jpg  ROOT/train/labels/a.txt     Roboflow
ROOT/classes.txt  ROOT/images/a.jpg  ROOT/labels/a.txt               Label Studio: no splits
ROOT/classes.txt  ROOT/a.jpg  ROOT/a.txt                             LabelImg: no splits
ROOT/obj.data  ROOT/obj.names  ROOT/train.txt  ROOT/obj_train_data   CVAT's "YOLO", Darknet
"""

import re
from pathlib import Path

from numpyssd.datasets.folders.split_folders import (
    SUFFIXES,
    inner_folder,
    matching_split,
    some_files,
    split_folders,
    subfolders,
)
from numpyssd.datasets.folders.text_files import first_text
from numpyssd.datasets.yolo.dataset import YOLODataset
from numpyssd.datasets.yolo.folder import describe, images_of
from numpyssd.datasets.yolo.names import NAME_LISTS, data_files, yaml_files

LABELS = ".txt"  # the ending of a label file, which each image has
SIZES_ARE_WRITTEN = False  # a label file has fractions and does not say of how many pixels
_ROW = re.compile(r"\s*[0-9]+(\.0+)?([\s,]+-?[0-9.]+([eE][-+]?[0-9]+)?){4,}\s*$")


def recognizes(root: Path) -> bool:
    """Return whether a folder is laid out for YOLO: it has its files of names, or text files of its rows."""
    base = inner_folder(root)
    if not base.is_dir() or (base / "Annotations").is_dir() and (base / "JPEGImages").is_dir():
        return False
    return bool(yaml_files(base) or data_files(base)) or any(map(_has_labels, _label_folders(base)))


def base_folder(root: Path) -> Path:
    """Return the folder that holds the data set: root, or the folder that alone lies in it."""
    return inner_folder(root)


def split_names(root: Path) -> set[str]:
    """Return the names of the splits below root; none if nothing splits the images."""
    return set(describe(root).splits)


def has_split(root: Path, split: str) -> bool:
    """Return whether a folder has a split; val and valid mean the same."""
    return matching_split(describe(root).splits, split) is not None


def image_folder(root: Path, split: str | None) -> Path:
    """Return the folder of the first image of a split."""
    return next(iter(images_of(describe(root), split)), root / "image").parent


def load(root: Path, split: str | None, class_names, training: bool, bad_data: str, missing_labels: str) -> YOLODataset:
    """Return the data set of a split, or of all images. An image without a label file has no objects in any case.

    missing_labels decides only about a split in which no image has one.
    """
    return YOLODataset(root, split, class_names, bad_data, missing_labels)


def _label_folders(base):
    """Yield the folders in which label files may lie: in labels, beside the images, or in those of CVAT."""
    splits = [path for paths in split_folders(base).values() for path in paths]
    yield from (base, base / "labels", base / "annotations", *splits, *(path / "labels" for path in splits))
    yield from (path for path in subfolders(base) if re.fullmatch("obj_.*data", path.name))
    yield from subfolders(base / "labels")


def _has_labels(folder):
    """Return whether one of the first text files of a folder has a row, or is empty beside its image or in labels."""
    for path in some_files(folder, (".txt",), 20 + len(NAME_LISTS)):
        if path.name in NAME_LISTS:
            continue
        line = first_text(path, 10_000).lstrip().split("\n")[0]
        if _ROW.match(line):
            return True
        beside = any(path.with_suffix(suffix).is_file() for suffix in SUFFIXES)
        if not line and (beside or "labels" in (folder.name.lower(), folder.parent.name.lower())):
            return True
    return False
