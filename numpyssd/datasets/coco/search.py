"""Find the COCO files of a folder, and the folders in which the images of one may lie."""

import re
from pathlib import Path

from numpyssd.datasets.folders.split_words import SPLIT_WORD
from numpyssd.datasets.folders.text_files import first_bytes
from numpyssd.datasets.voc.files import subfolder

BESIDE = "_annotations.coco.json"  # of Roboflow, in the folder of the images
# COCO's other files: without boxes, or with those of persons alone.
_OTHER_KINDS = ("captions", "person_keypoints", "stuff", "panoptic", "image_info")
_IMAGES = ("images", "data", "JPEGImages")  # COCO, CVAT and Label Studio; FiftyOne; VOC
_HEAD = 65536  # bytes of a file that are looked at
USUAL = re.compile(r"_?annotations?([._]coco)?\.json|labels\.json|coco\.json|instances.*\.json", re.IGNORECASE)
_LISTS = re.compile(rb'"(images|annotations)"\s*:\s*\[')
MAX_LOOKED_AT = 100  # JSON files of a folder
MAX_FILES = 3  # JSON files in one folder; a folder of many has one for each image, as LabelMe writes them


def all_files(root: Path) -> list[Path]:
    """Return the COCO files of a folder: those in their usual places, or else any in root or one folder below."""
    annotations = subfolder(root, "annotations") if root.is_dir() else None
    inside = sorted(annotations.glob("*.json")) if annotations else []
    files = [path for path in inside if not path.name.startswith(_OTHER_KINDS)]
    files = sorted([*files, *root.glob(f"*/{BESIDE}")]) or inside
    return files or [path for folder in _near(root) for path in _few(folder) if is_coco(path)]


def unread_files(root: Path, read: list[Path]) -> list[Path]:
    """Return the COCO files beside those that are read, and in root, that hold no split of their own."""
    every = all_files(root)
    beside = {file.parent for file in read if is_beside(root, file)}
    found = []
    for folder in dict.fromkeys([root, *(file.parent for file in read)]):
        files = sorted(folder.glob("*.json"))[:MAX_LOOKED_AT]
        own = [path for path in files if path not in read and (path not in every or folder in beside)]
        found += [path for path in own if not path.name.startswith(_OTHER_KINDS) and is_coco(path)]
    return found


def is_coco(path: Path) -> bool:
    """Return whether a JSON file looks like COCO's: its first part has a list of images or annotations."""
    head = first_bytes(path, _HEAD)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and bool(_LISTS.search(head))


def is_beside(root: Path, file: Path) -> bool:
    """Return whether a file stands in the folder of its split, as train/_annotations.coco.json does."""
    if file.parent == root or SPLIT_WORD.search(file.stem):
        return False
    return file.name == BESIDE or bool(SPLIT_WORD.search(file.parent.name))


def image_folders(root: Path, file: Path) -> list[Path]:
    """Return the folders in which the images of a COCO file may lie, the likeliest first."""
    folders = [*_inner(file.parent), file.parent] if is_beside(root, file) else []
    stem = file.parent.name if folders else file.stem
    words = [match.group() for match in SPLIT_WORD.finditer(stem)]
    names = [stem, stem.removeprefix("instances_"), *words, *(word.rstrip("0123456789") for word in words)]
    names += re.split(r"[-_. ]", stem)
    places = [root, *_inner(root)]
    folders += [
        folder for name in dict.fromkeys(names) if name for place in places if (folder := subfolder(place, name))
    ]
    folders += [folder for place in (root, file.parent) for folder in _inner(place)]
    return list(dict.fromkeys([*folders, root, file.parent]))


def _inner(folder):
    """Return the folders of images in a folder."""
    return [found for name in _IMAGES if (found := subfolder(folder, name))]


def _near(root):
    return [root, *sorted(path for path in root.iterdir() if path.is_dir())] if root.is_dir() else []


def _few(folder):
    files = sorted(path for path in folder.glob("*.json") if path.is_file())
    return files if len(files) <= MAX_FILES else [path for path in files if USUAL.fullmatch(path.name)]
