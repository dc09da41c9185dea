"""Which label file belongs to which image of a YOLO data set, and what is missing of either."""

import os
from pathlib import Path

from numpyssd.datasets.folders.split_folders import IMAGE_FOLDERS, SUFFIXES, Names, names_in
from numpyssd.datasets.folders.text_files import first_text
from numpyssd.datasets.issues import Issue
from numpyssd.datasets.voc.files import plain_name, stem_of
from numpyssd.datasets.yolo.names import NAME_LISTS
from numpyssd.datasets.yolo.sources import is_list
from numpyssd.errors import InputError


def label_file(image: Path, base: Path, files: Names) -> Path | None:
    """Return the label file of an image, or None.

    Ultralytics looks for that of images/train/a.jpg in labels/train/a.txt, Darknet beside the image; LabelImg is often
    told to save in the folder labels there.
    """
    for folder in _folders(image, base):
        for name in (f"{stem_of(image.name)}.txt", f"{image.name}.txt"):
            found = files.find(folder / name)
            if found:
                return found
    return None


def _folders(image, base):
    """Yield the folders in which the label file of an image may lie."""
    inside = image.relative_to(base).parts if base in image.parents else image.parts
    above = base if base in image.parents else Path()
    place = next((k for k in reversed(range(len(inside) - 1)) if inside[k].lower() in IMAGE_FOLDERS), None)
    if place is not None:
        for name in ("labels", "Labels", "label", "annotations", "Annotations"):
            yield above.joinpath(*inside[:place], name, *inside[place + 1 : -1])
    yield image.parent
    yield image.parent / "labels"


def check_files(where: str, images: list[Path], labels: list[Path | None], are_negatives: bool) -> list[Issue]:
    """Return warnings about what is missing of all files together, which no single one shows.

    where: the data set and its split; labels: the label file of each of the images, or None; are_negatives: whether no
    image needs one. Raises InputError if there is no image, or no label file.
    """
    if not images:
        raise InputError(f"{where}: there is no image; add the images, or export again with them")
    if not any(map(os.path.isfile, images)):
        names = f"none of the {len(images)} images is there, {images[0]} for one"
        raise InputError(f"{where}: {names}; add them, or export again with them (in CVAT: Save images)")
    without, warnings = labels.count(None), []
    if without == len(images) and not are_negatives:
        looked = images[0].with_suffix(".txt").name
        remedy = "add them, or take all for images without objects with --missing-labels negative"
        raise InputError(f"{where}: no image has a label file ({looked}, beside it or in labels); {remedy}")
    if without:
        sentence = f"{without} of {len(images)} images have no label file"
        effect = "they are images without objects, as in every YOLO"
        warnings.append(Issue(where, sentence, effect, is_warning=True))
    alone = _labels_alone(images, labels)
    if alone:
        count = f"{len(alone)} label files have" if len(alone) > 1 else "the label file has"
        named_otherwise = 2 * min(without, len(alone)) > len(images)
        effect = "the images have no objects" if named_otherwise else "nothing is made of that"
        sentence = f"{count} no image" + ", and most images no label file; are they named otherwise?" * named_otherwise
        warnings.append(Issue(str(alone[0]), sentence, effect, is_warning=not named_otherwise))
    return warnings


def _labels_alone(images, labels):
    """Return the label files, in the folders in which some were found, for which there is no image, in any split."""
    folders = {(label.parent, image.parent) for image, label in zip(images, labels) if label}
    found = []
    for folder in sorted({folder for folder, _ in folders}):
        places = [place for beside, place in folders if beside == folder]
        images_there = [name for place in places for name in _names(place, SUFFIXES)]
        stems = {plain_name(text) for name in images_there for text in (name, stem_of(name))}
        alone = [name for name in _names(folder, (".txt",)) if plain_name(stem_of(name)) not in stems]
        found += [folder / name for name in alone if name not in NAME_LISTS]
    return [path for path in found if not _is_other(path)]


def _names(folder, suffixes):
    """Return the names of the files in a folder itself with one of these endings, sorted."""
    return [name for name in sorted(names_in(folder)) if name.lower().endswith(suffixes)]


def _is_other(path):
    """Return whether a text file is none of labels: a list of images, or a page about the data."""
    first = first_text(path, 8)[:1]
    return is_list(path) or not (first == "" or first.isdecimal())
