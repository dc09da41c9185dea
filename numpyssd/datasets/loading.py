"""Load a data set by the layout of its folder, VOC's or COCO's; several folders, with commas between, are concatenated.

A layout is a module with the functions recognizes, base_folder, split_names, has_split, image_folder and load: see
voc/layout.py. A new label format is one more name in LAYOUTS, before VOC; every command then reads it. Where a folder
has no split, split_names is empty; load(root, None, ...) returns all its images.

ROOT/Annotations ROOT/ImageSets/Main ROOT/JPEGImages      VOC (or a folder around one such folder)
ROOT/annotations/instances_train2017.json ROOT/train2017  COCO, or any ROOT/annotations/*train*.json
ROOT/train/_annotations.coco.json                         COCO with the images beside their file
"""

from collections.abc import Iterable
from pathlib import Path

from numpyssd.datasets.coco import layout as coco
from numpyssd.datasets.concatenated import Concatenated
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import Issue, stop_for
from numpyssd.datasets.voc import layout as voc
from numpyssd.errors import InputError

LAYOUTS = (coco, voc)  # the first that recognizes a folder reads it
SPLIT_ORDER = ("train", "trainval", "val", "valid", "test")


def roots(data: Path | str) -> list[Path]:
    """Return the folders that a text names, with commas between; a folder with a comma in its name is found too."""
    texts = [str(data)] if Path(data).exists() else [text.strip() for text in str(data).split(",")]
    paths = [Path(text) for text in texts if text]
    if len({path.resolve() for path in paths}) < len(paths) or not paths:
        raise InputError(f"--data {data} names {'one folder twice' if paths else 'no folder'}; name each one once")
    return paths


def load_dataset(
    data: Path | str,
    split: str,
    class_names: Iterable[str] | None = None,
    training: bool = False,
    bad_data: str = "error",
    missing_labels: str = "error",
) -> Dataset:
    """Return the data set of a split: a VOCDataset, a COCODataset, or several of them Concatenated.

    - data: a folder, or several with commas between (VOCdevkit/VOC2007,VOCdevkit/VOC2012). Of several, those that lack
      the split are left out and listed in ``issues``: VOC2012 has no annotated test split, for one.
    - class_names: those of a trained network; without them, those of the data.
    - training: leave COCO's crowds out.
    - bad_data: "error" raises BadData, which lists all issues; "skip" leaves out what is bad and lists it in
      ``issues``.
    - missing_labels: "negative" takes an image without a label file for one without objects; "error": an issue.

    Raises InputError for a folder in neither layout, for a split that is not there, and for what the data sets refuse.
    """
    paths = roots(data)
    having = [path for path in paths if len(paths) == 1 or has_split(path, split)] or paths[:1]
    policy = bad_data if len(paths) == 1 else "skip"  # of several, all issues are listed together
    parts = [_load_one(path, split, class_names, training, policy, missing_labels) for path in having]
    if len(paths) == 1:
        return parts[0]
    together = Concatenated(parts)
    for path in paths:
        if path not in having:
            issue = Issue(str(path), f"there is no split {split!r}", "it is left out", is_warning=True)
            together.issues.append(issue)
    if bad_data == "error":
        stop_for(together.issues)
    return together


def _load_one(root, split, class_names, training, bad_data, missing_labels):
    if root.is_file():
        raise InputError(f"{root} is a file; give the folder that holds annotations/*.json and the images")
    return layout_of(root).load(root, split, class_names, training, bad_data, missing_labels)


def layout_of(root: Path):
    """Return the layout of a folder, a module of LAYOUTS."""
    return next(layout for layout in LAYOUTS if layout.recognizes(root))


def has_split(data: Path | str, split: str) -> bool:
    """Return whether a folder, or one of several with commas between, has a split."""
    return any(layout_of(root).has_split(root, split) for root in roots(data))


def splits_of(root: Path) -> list[str]:
    """Return the names of the splits of a folder, those to train on first; of VOC without its lists for one class."""
    places = {name: place for place, name in enumerate(SPLIT_ORDER)}
    return sorted(layout_of(root).split_names(root), key=lambda name: (places.get(name, len(places)), name))


def image_folder(data: Path | str, split: str) -> Path:
    """Return the folder in which the images of a split are, of the first data set that has it."""
    root = next(root for root in roots(data) if has_split(root, split))
    return layout_of(root).image_folder(root, split)
