"""The layouts of folders, and the splits of a folder; several folders may be named, with commas between.

A layout is a module with the functions recognizes, base_folder, split_names, has_split, image_folder and load: see
voc/layout.py; SIZES_ARE_WRITTEN = False says that its labels hold no sizes of images, and LABELS is the ending of a
label file where each image has one of its own. A new label format is one more name in LAYOUTS; every command then reads
it. Where a folder has no split, split_names is empty; load(root, None, ...) returns all its images.

ROOT/Annotations ROOT/ImageSets/Main ROOT/JPEGImages      VOC (or a folder around one such folder)
ROOT/annotations/instances_train2017.json ROOT/train2017  COCO, or any ROOT/annotations/*train*.json
ROOT/train/_annotations.coco.json                         COCO with the images beside their file
ROOT/data.yaml ROOT/images/train ROOT/labels/train        YOLO: see yolo/layout.py for the others
ROOT/a.jpg ROOT/a.xml, or ROOT/a.json                     VOC's XML beside its image (LabelImg); LabelMe
"""

import os
from pathlib import Path

from numpyssd import shell
from numpyssd.datasets.coco import layout as coco
from numpyssd.datasets.folders.other_formats import sentence_for
from numpyssd.datasets.folders.split_folders import SPLIT_ORDER, subfolders
from numpyssd.datasets.labelme import layout as labelme
from numpyssd.datasets.splits.names import AUTO, parts_named
from numpyssd.datasets.voc import beside_layout as xml_beside
from numpyssd.datasets.voc import layout as voc
from numpyssd.datasets.yolo import layout as yolo
from numpyssd.errors import InputError

LAYOUTS = (labelme, coco, yolo, xml_beside, voc)  # the first that recognizes a folder reads it
MAX_INNER = 20  # folders in a folder that are tried


def roots(data: Path | str) -> list[Path]:
    """Return the folders that a text names, with commas between; a folder with a comma in its name is found too."""
    texts = [str(data)] if os.path.exists(data) else [text.strip() for text in str(data).split(",")]
    paths = [Path(text) for text in texts if text]
    if len({path.resolve() for path in paths}) < len(paths) or not paths:
        raise InputError(f"--data {data} names {'one folder twice' if paths else 'no folder'}; name each one once")
    return paths


def layout_of(root: Path):
    """Return the layout of a folder, a module of LAYOUTS. Raises InputError for a folder in none of them."""
    layout = next((layout for layout in LAYOUTS if layout.recognizes(root)), None)
    if layout is None:
        inner = [path for path in subfolders(root)[:MAX_INNER] if any(layout.recognizes(path) for layout in LAYOUTS)]
        if inner:
            named = ",".join(map(str, inner))
            raise InputError(
                f"{root} is no data set, but folders in it are; name one, or all: --data {shell.quote(named)}"
            )
        raise InputError(sentence_for(root))
    return layout


def base_folders(data: Path | str) -> list[Path]:
    """Return the folder that holds the data set, for each of the folders that a text names."""
    return [layout_of(root).base_folder(root) for root in roots(data)]


def splits_of(root: Path) -> list[str]:
    """Return the names of the splits of a folder, those to train on first; of VOC without its lists for one class."""
    places = {name: place for place, name in enumerate(SPLIT_ORDER)}
    return sorted(layout_of(root).split_names(root), key=lambda name: (places.get(name, len(places)), name))


def is_without_splits(data: Path | str) -> bool:
    """Return whether a folder has no split. Raises InputError for several of which only some have any."""
    without = [path for path in roots(data) if not path.is_file() and not splits_of(path)]
    if without and len(without) < len(roots(data)):
        sentence = "has no splits, and another folder has; divide all of it with --split auto, or leave it out"
        raise InputError(f"{without[0]} {sentence}")
    return bool(without)


def is_automatic(data, split):
    """Return whether a name means an automatic split, or a part of one. CVAT's default.txt is found by its name."""
    if split == AUTO or not is_without_splits(data):
        return split == AUTO
    return bool(parts_named(split)) or not any(layout_of(root).has_split(root, split) for root in roots(data))


def has_split(data: Path | str, split: str) -> bool:
    """Return whether a folder, or one of several with commas between, has a split."""
    if is_automatic(data, split):
        return split == AUTO or bool(parts_named(split))
    return any(layout_of(root).has_split(root, split) for root in roots(data))


def image_folder(data: Path | str, split: str) -> Path:
    """Return the folder in which the images of a split are, of the first data set that has it."""
    if is_automatic(data, split):
        root = roots(data)[0]
        return layout_of(root).image_folder(root, next(iter(splits_of(root)), None))
    root = next(root for root in roots(data) if has_split(root, split))
    return layout_of(root).image_folder(root, split)
