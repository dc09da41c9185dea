"""The layouts with an XML file for each image, without VOC's folders, as datasets/layouts.py asks for them.

ROOT/a.jpg  ROOT/a.xml                                        LabelImg: no splits
ROOT/images/a.jpg  ROOT/labels/a.xml                          the same in two folders
ROOT/train/a.jpg  ROOT/train/a.xml                            Roboflow's "Pascal VOC XML"; also images/train/a.jpg
ROOT/train/images/a.jpg  ROOT/train/annotations/a.xml
ROOT/images/train/a.jpg  ROOT/annotations/train/a.xml
"""

import re
from pathlib import Path

from numpyssd.datasets.folders.split_folders import (
    inner_folder,
    label_folders,
    matching_split,
    some_files,
    split_folders,
    subfolders,
)
from numpyssd.datasets.folders.text_files import first_bytes
from numpyssd.datasets.voc.beside import FoldersBeside, XMLBeside

LABELS = ".xml"  # the ending of a label file, which each image has
_ROOT_ELEMENT = re.compile(rb"<annotation[\s>]")  # CVAT's own format has <annotations>


def recognizes(root: Path) -> bool:
    """Return whether a folder holds XML files of VOC's kind outside of the folders Annotations and JPEGImages."""
    base = inner_folder(root)
    if not base.is_dir():
        return False
    names = {path.name.lower() for path in subfolders(base)}
    images_of_voc = names & {"jpegimages", "images"} and not split_folders(base)  # Label Studio says images
    if "annotations" in names and ("imagesets" in names or images_of_voc):
        return False
    return any(map(_has_xml, label_folders(base)))


def base_folder(root: Path) -> Path:
    """Return the folder that holds the data set: root, or the folder that alone lies in it."""
    return inner_folder(root)


def split_names(root: Path) -> set[str]:
    """Return the names of the splits below root; none if there are no folders named after any."""
    return set(FoldersBeside(root).splits)


def has_split(root: Path, split: str) -> bool:
    """Return whether a folder has a split; val and valid mean the same."""
    return matching_split(FoldersBeside(root).splits, split) is not None


def image_folder(root: Path, split: str | None) -> Path:
    """Return the folder of the first image of a split."""
    folders = FoldersBeside(root)
    chosen = folders.splits.get(matching_split(folders.splits, split) if split else None, [folders.root])
    paths = [folders.root / name for name in sorted(folders.image_names.values())]
    return next((path.parent for path in paths if set(path.parents) & set(chosen)), folders.root)


def load(root: Path, split: str | None, class_names, training: bool, bad_data: str, missing_labels: str) -> XMLBeside:
    """Return the data set of a split, or of all images. Difficult objects are kept."""
    return XMLBeside(root, split, class_names, bad_data, missing_labels)


def _has_xml(folder):
    """Return whether one of the first XML files of a folder begins as VOC's do."""
    for path in some_files(folder, (".xml",), 5):
        if _ROOT_ELEMENT.search(first_bytes(path, 4000).replace(b"\0", b"")):  # NUL: UTF-16, which is then named
            return True
    return False
