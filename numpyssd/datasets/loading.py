"""Open a data set by the layout of its folder, VOC's or COCO's; several folders, with commas between, are joined.

ROOT/Annotations ROOT/ImageSets/Main ROOT/JPEGImages      VOC (or a folder around one such folder)
ROOT/annotations/instances_train2017.json ROOT/train2017  COCO, or any ROOT/annotations/*train*.json
ROOT/train/_annotations.coco.json                         COCO with the images beside their file
"""

import re
from pathlib import Path

from numpyssd.datasets.coco import COCODataset
from numpyssd.datasets.concatenated import Joined
from numpyssd.datasets.issues import Problem, stop_for
from numpyssd.datasets.voc import VOCDataset
from numpyssd.datasets.voc.files import find_root
from numpyssd.errors import InputError

BESIDE = "_annotations.coco.json"
# COCO's other files: without boxes, or with those of persons alone.
_OTHER_KINDS = ("captions", "person_keypoints", "stuff", "panoptic", "image_info")


def roots(data):
    """Return the folders that a text names, with commas between; a folder with a comma in its name is found too."""
    texts = [str(data)] if Path(data).exists() else [text.strip() for text in str(data).split(",")]
    paths = [Path(text) for text in texts if text]
    if len({path.resolve() for path in paths}) < len(paths) or not paths:
        raise InputError(f"--data {data} names {'one folder twice' if paths else 'no folder'}; name each one once")
    return paths


def open_dataset(data, split, class_names=None, training=False, bad_data="error"):
    """Return the data set of a split: a VOCDataset, a COCODataset, or several of them Joined.

    data: a folder, or several with commas between (VOCdevkit/VOC2007,VOCdevkit/VOC2012). Of several, those that lack
    the split are left out and listed in ``problems``: VOC2012 has no annotated test split, for one. class_names: those
    of a trained network; without them, those of the data. training leaves COCO's crowds out. bad_data: "error" raises
    BadData, which lists all defects; "skip" leaves out what is bad and lists it in ``problems``. Raises InputError for
    a folder in neither layout, for a split that is not there, and for what the data sets refuse.
    """
    paths = roots(data)
    having = [path for path in paths if len(paths) == 1 or has_split(path, split)] or paths[:1]
    policy = bad_data if len(paths) == 1 else "skip"  # of several, all defects are listed together
    parts = [_open_one(path, split, class_names, training, policy) for path in having]
    if len(paths) == 1:
        return parts[0]
    joined = Joined(parts)
    for path in paths:
        if path not in having:
            sentence = f"there is no split {split!r}"
            joined.problems.append(Problem(str(path), None, None, sentence, "it is left out", True))
    if bad_data == "error":
        stop_for(joined.problems)
    return joined


def has_split(data, split):
    """Return whether a folder, or one of several with commas between, has a split."""
    return any(
        bool(_coco_files(root, split))
        if is_coco(root)
        else (find_root(root) / "ImageSets" / "Main" / f"{split}.txt").is_file()
        for root in roots(data)
    )


def splits_of(root):
    """Return the names of the splits of a folder, those to train on first; of VOC without its lists for one class."""
    if is_coco(root):
        names = {(path.parent if path.name == BESIDE else path).stem for path in _all_coco_files(root)}
        names = {name.removeprefix("instances_") for name in names}
    else:
        main = find_root(root) / "ImageSets" / "Main"
        names = {path.stem for path in main.glob("*.txt") if not _is_of_one_class(path)}
    order = ["train", "trainval", "val", "valid", "test"]
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


def _is_of_one_class(path):
    """Return whether a list is one of VOC's for a class, such as cat_train.txt: stems with 1, 0 or -1 behind each."""
    if path.stem.rpartition("_")[2] not in ("train", "val", "trainval", "test") or "_" not in path.stem:
        return False
    if not path.is_file():
        return False
    words = path.read_bytes()[:1000].split(b"\n")[0].split()
    return len(words) == 2 and words[1] in (b"1", b"0", b"-1")


def image_folder(data, split):
    """Return the folder in which the images of a split are, of the first data set that has it."""
    root = next(root for root in roots(data) if has_split(root, split))
    if is_coco(root):
        return _image_folders(root, split, find_coco_file(root, split))[0]
    return find_root(root) / "JPEGImages"


def is_coco(root):
    """Return whether a folder is laid out as COCO is. Some file systems take annotations for Annotations."""
    voc = (root / "JPEGImages").is_dir() and (root / "ImageSets").is_dir()
    return not voc and any(any(root.glob(pattern)) for pattern in ("annotations/*.json", f"*/{BESIDE}"))


def find_coco_file(root, split):
    """Return the COCO file of a split below root. Raises InputError if there is none, or if several would do."""
    found = _coco_files(root, split)
    if len(found) == 1:
        return found[0]
    every = ", ".join(str(path.relative_to(root)) for path in sorted(_all_coco_files(root)))
    if not found:
        raise InputError(f"{root} has no annotations of the split {split!r}; the files there are: {every}")
    names = ", ".join(str(path.relative_to(root)) for path in found)
    one = _split_in(found[0], split)
    one = found[0].stem if one == split else one
    raise InputError(f"{root} has several files for the split {split!r} ({names}); name one, such as {one!r}")


def _open_one(root, split, class_names, training, bad_data):
    if root.is_file():
        raise InputError(f"{root} is a file; give the folder that holds annotations/*.json and the images")
    if not is_coco(root):
        return VOCDataset(root, split, class_names, bad_data)
    file = find_coco_file(root, split)
    return COCODataset(file, _image_folders(root, split, file), class_names, bad_data, crowds=not training)


def _all_coco_files(root):
    files = [path for path in root.glob("annotations/*.json") if not path.name.startswith(_OTHER_KINDS)]
    return [*files, *root.glob(f"*/{BESIDE}")] or list(root.glob("annotations/*.json"))


def _coco_files(root, split):
    files = sorted(path for path in _all_coco_files(root) if _split_in(path, split))
    exact = [path for path in files if split in (path.stem, _split_in(path, split))]
    for preferred in (exact, [path for path in files if path.name.startswith("instances")]):
        if len(preferred) == 1:
            return preferred
    return files


def _split_in(path, split):
    """Return the part of a file's name that is a split, with a year behind it or not: train2017; or None."""
    name = path.parent.name if path.name == BESIDE else path.stem
    found = re.search(rf"(?<![0-9A-Za-z]){re.escape(split)}([0-9]{{4}})?(?![0-9A-Za-z])", name, re.IGNORECASE)
    return found.group() if found else None


def _image_folders(root, split, file):
    """Return the folders in which the images of a COCO file may lie, the likeliest first."""
    if file.name == BESIDE:
        return [file.parent]
    names = [_split_in(file, split), split, file.stem.removeprefix("instances_")]
    folders = [folder / name for name in names for folder in (root, root / "images")]
    there = [folder for folder in (*folders, root / "images", root) if folder.is_dir()]
    return list(dict.fromkeys(there))
