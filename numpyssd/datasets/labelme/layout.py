"""The layouts of LabelMe as datasets/layouts.py asks for them.

ROOT/a.jpg  ROOT/a.json                                no splits
ROOT/images/a.jpg  ROOT/annotations/a.json             the JSON file says ../images/a.jpg
ROOT/train/a.jpg  ROOT/train/a.json  ROOT/val/b.jpg …  folders that are called after splits
"""

from pathlib import Path

from numpyssd.datasets.folders.split_folders import inner_folder, label_folders, matching_split
from numpyssd.datasets.labelme.dataset import LabelMeDataset
from numpyssd.datasets.labelme.folder import Files, has_labelme

LABELS = ".json"  # the ending of a label file, which each image has


def recognizes(root: Path) -> bool:
    """Return whether a folder holds JSON files of LabelMe: in it, in a folder of labels, or in those of its splits."""
    base = inner_folder(root)
    return base.is_dir() and any(map(has_labelme, label_folders(base)))


def base_folder(root: Path) -> Path:
    """Return the folder that holds the data set: root, or the folder that alone lies in it."""
    return inner_folder(root)


def split_names(root: Path) -> set[str]:
    """Return the names of the splits below root; none if there are no folders named after any."""
    return set(Files(root).splits)


def has_split(root: Path, split: str) -> bool:
    """Return whether a folder has a split; val and valid mean the same."""
    return matching_split(Files(root).splits, split) is not None


def image_folder(root: Path, split: str | None) -> Path:
    """Return the folder of the first image of a split."""
    files = Files(root)
    return next(iter(files.images(split)), files.base / "image").parent


def load(root: Path, split: str | None, class_names, training: bool, bad_data: str, missing_labels: str):
    """Return the LabelMeDataset of a split, or of all images."""
    return LabelMeDataset(root, split, class_names, bad_data, missing_labels)
