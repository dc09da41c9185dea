"""The layout of PASCAL VOC as datasets/layouts.py asks for it; the files themselves are found in files.py."""

from pathlib import Path

from numpyssd.datasets.voc.dataset import VOCDataset
from numpyssd.datasets.voc.files import Folders, find_root, subfolder
from numpyssd.datasets.voc.lists import find_lists, split_lists
from numpyssd.errors import InputError


def recognizes(root: Path) -> bool:
    """Return whether a folder has a folder Annotations or JPEGImages, or holds a folder, or one in it, that has."""
    if not root.is_dir():
        return False
    if subfolder(root, "Annotations") or subfolder(root, "JPEGImages"):
        return True
    return any(path.is_dir() for pattern in ("*/Annotations", "*/*/Annotations") for path in root.glob(pattern))


def base_folder(root: Path) -> Path:
    """Return the folder with Annotations and JPEGImages: root, or the only such folder below it."""
    return find_root(root)


def split_names(root: Path) -> set[str]:
    """Return the names of the splits of a folder, each of which can be loaded; empty for a folder without any."""
    return set(split_lists(Folders(root)))


def has_split(root: Path, split: str) -> bool:
    """Return whether a folder has a split, or a list of that name."""
    folders = Folders(root)
    try:
        return bool(find_lists(folders, split))
    except InputError:
        return False


def image_folder(root: Path, split: str | None) -> Path:
    """Return the folder in which the images of a split are."""
    return Folders(root).images


def load(
    root: Path, split: str | None, class_names, training: bool, bad_data: str, missing_labels: str = "error"
) -> VOCDataset:
    """Return the data set of a split (None: of the whole folder). Difficult objects are kept."""
    return VOCDataset(root, split, class_names, bad_data, missing_labels)
