"""COCO's layout as datasets/loading.py asks for it: the JSON of a split, and the folder of its images."""

import re
from pathlib import Path

from numpyssd.datasets.coco.dataset import COCODataset
from numpyssd.errors import InputError

BESIDE = "_annotations.coco.json"  # in the folder of the images
# COCO's other files: without boxes, or with those of persons alone.
_OTHER_KINDS = ("captions", "person_keypoints", "stuff", "panoptic", "image_info")


def recognizes(root: Path) -> bool:
    """Return whether a folder is laid out as COCO is. Some file systems take annotations for Annotations."""
    voc = (root / "JPEGImages").is_dir() and (root / "ImageSets").is_dir()
    return not voc and any(any(root.glob(pattern)) for pattern in ("annotations/*.json", f"*/{BESIDE}"))


def base_folder(root: Path) -> Path:
    """Return the folder that holds the data set: root itself."""
    return root


def split_names(root: Path) -> set[str]:
    """Return the names of the splits below root."""
    names = {(path.parent if path.name == BESIDE else path).stem for path in _all_files(root)}
    return {name.removeprefix("instances_") for name in names}


def has_split(root: Path, split: str) -> bool:
    """Return whether a folder has a split."""
    return bool(split_files(root, split))


def image_folder(root: Path, split: str) -> Path:
    """Return the likeliest folder of the images of a split."""
    return image_folders(root, split, find_file(root, split))[0]


def load(
    root: Path, split: str | None, class_names, training: bool, bad_data: str, missing_labels: str = "error"
) -> COCODataset:
    """Return the data set of a split, without crowds for training."""
    file = find_file(root, split)
    return COCODataset(file, image_folders(root, split, file), class_names, bad_data, crowds=not training)


def split_files(root: Path, split: str) -> list[Path]:
    """Return the COCO files that may be meant by a split; only one if that is clear."""
    files = sorted(path for path in _all_files(root) if _split_in(path, split))
    exact = [path for path in files if split in (path.stem, _split_in(path, split))]
    for preferred in (exact, [path for path in files if path.name.startswith("instances")]):
        if len(preferred) == 1:
            return preferred
    return files


def find_file(root: Path, split: str) -> Path:
    """Return the COCO file of a split below root. Raises InputError if there is none, or if several would do."""
    found = split_files(root, split)
    if len(found) == 1:
        return found[0]
    every = ", ".join(str(path.relative_to(root)) for path in sorted(_all_files(root)))
    if not found:
        raise InputError(f"{root} has no annotations of the split {split!r}; the files there are: {every}")
    names = ", ".join(str(path.relative_to(root)) for path in found)
    one = _split_in(found[0], split)
    one = found[0].stem if one == split else one
    raise InputError(f"{root} has several files for the split {split!r} ({names}); name one, such as {one!r}")


def image_folders(root: Path, split: str, file: Path) -> list[Path]:
    """Return the folders in which the images of a COCO file may lie, the likeliest first."""
    if file.name == BESIDE:
        return [file.parent]
    names = [_split_in(file, split), split, file.stem.removeprefix("instances_")]
    folders = [folder / name for name in names for folder in (root, root / "images")]
    there = [folder for folder in (*folders, root / "images", root) if folder.is_dir()]
    return list(dict.fromkeys(there))


def _all_files(root):
    files = [path for path in root.glob("annotations/*.json") if not path.name.startswith(_OTHER_KINDS)]
    return [*files, *root.glob(f"*/{BESIDE}")] or list(root.glob("annotations/*.json"))


def _split_in(path, split):
    """Return the part of a file's name that is a split, with a year behind it or not: train2017; or None."""
    name = path.parent.name if path.name == BESIDE else path.stem
    found = re.search(rf"(?<![0-9A-Za-z]){re.escape(split)}([0-9]{{4}})?(?![0-9A-Za-z])", name, re.IGNORECASE)
    return found.group() if found else None
