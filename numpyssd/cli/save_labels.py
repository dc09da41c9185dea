"""Write what ``detect`` finds as label files, for a labeling tool to correct: ``--save-labels FORMAT DIR``.

A label file that is there already may be somebody's work, so it stays unless ``--overwrite`` is given.
"""

import os
from pathlib import Path

from numpyssd.console import counted
from numpyssd.datasets.coco.writer import annotations_json
from numpyssd.datasets.labelme.writer import annotation_json
from numpyssd.datasets.voc.writer import annotation_xml, whole_pixels
from numpyssd.datasets.yolo.names import names_of, read_name_list, read_yaml, yaml_files
from numpyssd.datasets.yolo.writer import class_list, label_text, one_line
from numpyssd.errors import InputError
from numpyssd.files import write_error, written_whole

SUFFIXES = {"voc": ".xml", "yolo": ".txt", "labelme": ".json", "coco": None}  # COCO: one file for all images
COCO_NAME = "annotations.json"
CLASSES_NAME = "classes.txt"  # of YOLO: the list of classes, beside the label files
REMEDY = "choose another folder for --save-labels"


def check_format(kind: str):
    """Raise InputError for what is no format of label files."""
    if kind not in SUFFIXES:
        raise InputError(f"--save-labels knows {', '.join(SUFFIXES)}, and not {kind!r}; give a format and a folder")


class LabelFiles:
    """The label files of some images.

    - kind: a key of SUFFIXES; folder: where they go, with the folders that lie between an input and its image;
    - names: the path of each image (a Path) below its input, which its label file gets with another ending;
    - class_names: of the labels 1, 2, ...; overwrite: whether files that are there are replaced.

    Raises InputError for two images that would share a file, and for a file of COCO or a list of classes that cannot
    be used.
    """

    def __init__(self, kind, folder: Path, names: dict[Path, Path], class_names, overwrite=False):
        check_format(kind)
        self.kind, self.folder, self.names, self.class_names = kind, folder, names, class_names
        self.overwrite, self.written, self.kept, self.images = overwrite, 0, 0, []
        taken = {str(folder / CLASSES_NAME).lower(): folder / CLASSES_NAME} if kind == "yolo" else {}
        self.targets = {} if kind == "coco" else _targets(folder, names, SUFFIXES[kind], taken)
        if kind == "coco" and (folder / COCO_NAME).exists() and not overwrite:
            raise InputError(f"{folder / COCO_NAME} exists and may be somebody's work; {REMEDY}, or give --overwrite")
        self.numbers = _yolo_numbers(folder, class_names) if kind == "yolo" else []

    def add(self, path: Path, size, boxes, labels, scores) -> bool:
        """Write the labels of an image of ``size`` (width, height); return False if a file was there and stays.

        boxes (D, 4): xyxy in its pixels, as a viewer shows it; labels (D,) from 1 on; scores (D,).
        """
        if self.kind == "coco":
            self.images.append((self.names[path].as_posix(), size, boxes, labels, scores))
            return True
        target, names = self.targets[path], [self.class_names[label - 1] for label in labels]
        if target.exists() and not self.overwrite:
            self.kept += 1
            return False
        if self.kind == "voc":
            no = [False] * len(names)
            text = annotation_xml(path.name, size, whole_pixels(size, boxes), names, no, no)
        elif self.kind == "yolo":
            text = label_text(size, boxes, [self.numbers[label - 1] for label in labels])
        else:
            text = annotation_json(_relative(target.parent, path), size, boxes, names, scores)
        _write(target, text)
        self.written += 1
        return True

    def close(self) -> str:
        """Write what belongs to all images, and return a sentence that says what was written and what stayed."""
        if self.kind == "coco":
            target = self.folder / COCO_NAME
            _write(target, annotations_json(self.images, self.class_names))
            return f"labels of {counted(len(self.images), 'image')} -> {target}"
        said = f"label files of {counted(self.written, 'image')} -> {self.folder}"
        if self.kept:
            said += f"; {counted(self.kept, 'image')} had one, which stays as it was (--overwrite replaces it)"
        return said


def _targets(folder, names, suffix, taken):
    """Return the label file of each image; taken: files by their name in small letters, which none may be."""
    targets = {}
    for image, name in names.items():
        target = folder / name.with_name(name.stem + suffix)
        other = taken.setdefault(str(target).lower(), image)  # on some systems a.xml and A.xml are one file
        if other is not image:
            raise InputError(f"{other} and {image} would share the label file {target}; give one of them another name")
        targets[image] = target
    return targets


def _yolo_numbers(folder, class_names):
    """Return the number of each class in the list of classes that goes with a folder, classes.txt or data.yaml.

    A list that is there says what the numbers mean in the label files that are there, so it keeps its order; a
    classes.txt gets the names that it lacks.
    """
    path = folder / CLASSES_NAME
    names, ours = [], [one_line(name) for name in class_names]
    if path.exists():
        known = read_name_list(path)
        names = [known.get(number, "") for number in range(1 + max(known))]
    elif yaml := _data_yaml(folder):
        known = names_of(read_yaml(yaml).get("names"), yaml)
        lacking = [name for name in ours if name not in known.values()]
        if lacking:
            raise InputError(f"{yaml} names no class {lacking[0]!r}; add it there, or {REMEDY}")
        names = [known.get(number, "") for number in range(1 + max(known))]
    new = [name for name in dict.fromkeys(ours) if name not in names]
    if new or not path.exists():  # LabelImg needs it beside the label files, a data.yaml or not
        _write(path, class_list([*names, *new]))
    return [[*names, *new].index(name) for name in ours]


def _data_yaml(folder):
    """Return the data.yaml of a folder, which lies in it or above: labels/train has it two folders up."""
    places = [place for place in (folder, *folder.absolute().parents[:2]) if place.is_dir()]
    return next((path for place in places for path in yaml_files(place)), None)


def _relative(folder, path):
    """Return a path relative to a folder, with slashes; on Windows, from another drive, the absolute one."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.absolute().as_posix()


def _write(path, text):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as temporary:
            temporary.write_bytes(text.encode("utf-8", "replace"))  # half an emoji becomes a question mark
    except OSError as reason:
        raise write_error(path, reason, REMEDY) from None
