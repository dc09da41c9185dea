"""The layout of PASCAL VOC as datasets/loading.py asks for it; the files themselves are found in files.py."""

from pathlib import Path

from numpyssd.datasets.voc.dataset import VOCDataset
from numpyssd.datasets.voc.files import find_root, is_of_one_class, split_file


def recognizes(root: Path) -> bool:
    """Return True: VOC is the layout asked last, and its errors say what a folder needs."""
    return True


def base_folder(root: Path) -> Path:
    """Return the folder with Annotations, ImageSets/Main and JPEGImages: root, or the only such folder below it."""
    return find_root(root)


def split_names(root: Path) -> set[str]:
    """Return the names of the splits of a folder, each of which can be loaded; VOC's lists for one class are none."""
    return {path.stem for path in (find_root(root) / "ImageSets" / "Main").glob("*.txt") if not is_of_one_class(path)}


def has_split(root: Path, split: str) -> bool:
    """Return whether a folder has a split."""
    return split_file(find_root(root), split).is_file()


def image_folder(root: Path, split: str) -> Path:
    """Return the folder in which the images of a split are."""
    return find_root(root) / "JPEGImages"


def load(root: Path, split: str, class_names, training: bool, bad_data: str) -> VOCDataset:
    """Return the data set of a split. Difficult objects are kept."""
    return VOCDataset(root, split, class_names, bad_data)
