"""Load a data set by the layout of its folder; several folders, with commas between, are concatenated.

A layout is a module with the functions recognizes, base_folder, split_names, has_split, image_folder and load: see
voc/layout.py; SIZES_ARE_WRITTEN = False says that its labels hold no sizes of images. A new label format is one more
name in LAYOUTS; every command then reads it. Where a folder has no split, split_names is empty;
load(root, None, ...) returns all its images.

ROOT/Annotations ROOT/ImageSets/Main ROOT/JPEGImages      VOC (or a folder around one such folder)
ROOT/annotations/instances_train2017.json ROOT/train2017  COCO, or any ROOT/annotations/*train*.json
ROOT/train/_annotations.coco.json                         COCO with the images beside their file
ROOT/data.yaml ROOT/images/train ROOT/labels/train        YOLO: see yolo/layout.py for the others
ROOT/a.jpg ROOT/a.xml, or ROOT/a.json                     VOC's XML beside its image (LabelImg); LabelMe
"""

from collections.abc import Iterable
from pathlib import Path

from numpyssd.datasets.coco import layout as coco
from numpyssd.datasets.concatenated import Concatenated
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.image_notes import noted
from numpyssd.datasets.issues import Issue, stop_for
from numpyssd.datasets.labelme import layout as labelme
from numpyssd.datasets.other_formats import sentence_for
from numpyssd.datasets.splits.automatic import AutomaticSplit
from numpyssd.datasets.splits.names import AUTO, parts_named
from numpyssd.datasets.splits.part import Part
from numpyssd.datasets.splits.record import Record
from numpyssd.datasets.voc import beside_layout as xml_beside
from numpyssd.datasets.voc import layout as voc
from numpyssd.datasets.yolo import layout as yolo
from numpyssd.errors import InputError

LAYOUTS = (labelme, coco, yolo, xml_beside, voc)  # the first that recognizes a folder reads it
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
    """Return the data set of a split: a VOCDataset, a COCODataset or the like, or several of them Concatenated.

    Of folders without any split it is a Part of their automatic split (splits/automatic.py), whose parts are called
    train, val and test; "all" is all images. The split "auto" makes such a split of any folder, and is its train.

    - data: a folder, or several with commas between (VOCdevkit/VOC2007,VOCdevkit/VOC2012). Of several, those that lack
      the split are left out and listed in ``issues``: VOC2012 has no annotated test split, for one.
    - class_names: those of a trained network; without them, those of the data.
    - training: leave COCO's crowds out.
    - bad_data: "error" raises BadData, which lists all issues; "skip" leaves out what is bad and lists it in
      ``issues``.
    - missing_labels: "negative" takes an image without a label file for one without objects; "error": an issue.

    Raises InputError for a folder in no layout, for a split that is not there, and for what the data sets refuse.
    """
    paths = roots(data)
    if _is_automatic(data, split):
        automatic = load_automatic(data, class_names, missing_labels)
        if bad_data == "error":
            stop_for(automatic.whole.issues)
        return automatic.part(*_parts(data, "train" if split == AUTO else split), training=training)
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


def is_without_splits(data: Path | str) -> bool:
    """Return whether a folder has no split. Raises InputError for several of which only some have any."""
    without = [path for path in roots(data) if not path.is_file() and not splits_of(path)]
    if without and len(without) < len(roots(data)):
        sentence = "has no splits, and another folder has; divide all of it with --split auto, or leave it out"
        raise InputError(f"{without[0]} {sentence}")
    return bool(without)


def _is_automatic(data, split):
    """Return whether a name means an automatic split, or a part of one. CVAT's default.txt is found by its name."""
    if split == AUTO or not is_without_splits(data):
        return split == AUTO
    return bool(parts_named(split)) or not any(layout_of(root).has_split(root, split) for root in roots(data))


def load_automatic(
    data: Path | str,
    class_names: Iterable[str] | None = None,
    missing_labels: str = "error",
    known: Record | None = None,
    only_known: bool = False,
) -> AutomaticSplit:
    """Return the automatic split of all images of a folder, or of several together, in whatever split they are.

    known: the parts of an earlier run, which stay; only_known: without the images that it has not. What is bad is left
    out and listed in the issues of its ``whole``.
    """
    wholes = [load_all(root, class_names, missing_labels) for root in roots(data)]
    whole = wholes[0] if len(wholes) == 1 else Concatenated(wholes)
    return AutomaticSplit(whole, base_folders(data), known, only_known=only_known)


def hold_out(
    data: Path | str,
    split: str,
    missing_labels: str = "error",
    known: Record | None = None,
    only_known: bool = False,
    class_names: Iterable[str] | None = None,
) -> AutomaticSplit:
    """Return the images of a split in two parts, train and a tenth for val; the rest as in ``load_automatic``."""
    whole = load_dataset(data, split, class_names, bad_data="skip", missing_labels=missing_labels)
    return AutomaticSplit(whole, base_folders(data), known, ("train", "val"), only_known)


def base_folders(data: Path | str) -> list[Path]:
    """Return the folder that holds the data set, for each of the folders that a text names."""
    return [layout_of(root).base_folder(root) for root in roots(data)]


def load_all(root: Path, class_names: Iterable[str] | None = None, missing_labels: str = "error") -> Dataset:
    """Return all images of a folder as one data set, each once; what is bad is left out and in its issues."""
    names = [None] if root.is_file() else splits_of(root) or [None]
    loaded = [_load_one(root, name, class_names, False, "skip", missing_labels) for name in names]
    if len(loaded) == 1:
        return loaded[0]
    together, first = Concatenated(loaded), {}
    for i in range(len(together)):
        first.setdefault(together.image_path(i), i)
    whole = Part(together, list(first.values()))
    whole.issues = list({str(issue): issue for issue in whole.issues}.values())
    return whole


def _parts(data, split):
    if not parts_named(split):
        raise InputError(f"{data} has no split {split!r}; it is divided automatically into train, val and test")
    return parts_named(split)


def _load_one(root, split, class_names, training, bad_data, missing_labels):
    if root.is_file():
        raise InputError(f"{root} is a file; give the folder of the data set, which holds the labels and the images")
    layout = layout_of(root)
    dataset = layout.load(root, split, class_names, training, bad_data, missing_labels)
    dataset.issues += noted(dataset, getattr(layout, "SIZES_ARE_WRITTEN", True))
    return dataset


def layout_of(root: Path):
    """Return the layout of a folder, a module of LAYOUTS. Raises InputError for a folder in none of them."""
    layout = next((layout for layout in LAYOUTS if layout.recognizes(root)), None)
    if layout is None:
        raise InputError(sentence_for(root))
    return layout


def has_split(data: Path | str, split: str) -> bool:
    """Return whether a folder, or one of several with commas between, has a split."""
    if _is_automatic(data, split):
        return split == AUTO or bool(parts_named(split))
    return any(layout_of(root).has_split(root, split) for root in roots(data))


def splits_of(root: Path) -> list[str]:
    """Return the names of the splits of a folder, those to train on first; of VOC without its lists for one class."""
    places = {name: place for place, name in enumerate(SPLIT_ORDER)}
    return sorted(layout_of(root).split_names(root), key=lambda name: (places.get(name, len(places)), name))


def image_folder(data: Path | str, split: str) -> Path:
    """Return the folder in which the images of a split are, of the first data set that has it."""
    if _is_automatic(data, split):
        root = roots(data)[0]
        return layout_of(root).image_folder(root, next(iter(splits_of(root)), None))
    root = next(root for root in roots(data) if has_split(root, split))
    return layout_of(root).image_folder(root, split)
