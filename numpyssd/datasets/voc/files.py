"""Find the files of a VOC data set: its folders, and the XML file and the image of a stem, which may hold folders."""

import os
from functools import cached_property
from pathlib import Path
from unicodedata import normalize

from numpyssd.errors import InputError
from numpyssd.images.extensions import READABLE

SUFFIXES = READABLE
_NEEDED = "Annotations, JPEGImages and, if there are splits, ImageSets/Main"
_IMAGES = ("JPEGImages", "images")  # the second is Label Studio's


class Folders:
    """The folders of a VOC data set: root, annotations (XML), images, and lists (ImageSets/Main, may be missing).

    Raises InputError for a root in which there is no such data set, or several.
    """

    def __init__(self, root: Path | str):
        self.root = find_root(root)
        self.annotations = subfolder(self.root, "Annotations")
        self.images = next(path for name in _IMAGES if (path := subfolder(self.root, name)))
        self.lists = self.root / "ImageSets" / "Main"

    @cached_property
    def xml_names(self) -> dict[str, str]:
        """Return the names of the XML files, as ``files_by_plain_name`` does."""
        files = files_by_plain_name(self.annotations)
        return {plain: name for plain, name in files.items() if plain.endswith(".xml")}

    @cached_property
    def image_names(self) -> dict[str, str]:
        """Return the names of the images, as ``files_by_plain_name`` does."""
        return files_by_plain_name(self.images)

    def stem(self, name: str) -> str:
        """Return the stem of one of these names."""
        return stem_of(name)


def find_root(root: Path | str) -> Path:
    """Return the folder with Annotations and JPEGImages (or images): root, or the only such folder below it.

    The folders are found in any case. Raises InputError if there is none, or several.
    """
    root = Path(root)
    if not root.is_dir():
        raise InputError(f"{root} is not a folder; name the one that holds Annotations, ImageSets and JPEGImages")
    if subfolder(root, "Annotations"):
        if not any(subfolder(root, name) for name in _IMAGES):
            raise InputError(f"{root} has no folder JPEGImages; the VOC layout needs {_NEEDED}: put the images there")
        return root
    for pattern in ("*", "*/*"):  # VOCdevkit/VOC2007, or a folder around that
        found = sorted(path for path in root.glob(pattern) if path.is_dir() and (path / "Annotations").is_dir())
        if len(found) > 1:
            names = ", ".join(str(path) for path in found)
            raise InputError(f"{root} holds several data sets ({names}); name one, or some with commas between")
        if found:
            return find_root(found[0])
    layouts = f"the VOC layout needs {_NEEDED}, COCO's needs annotations/*.json"
    raise InputError(f"{root} has no folder Annotations; {layouts}")


def subfolder(root: Path, name: str) -> Path | None:
    """Return the folder of a name in root, or one that differs only in capitals, or None."""
    if (root / name).is_dir():
        return root / name
    return next((path for path in sorted(root.iterdir()) if path.name.lower() == name.lower() and path.is_dir()), None)


def files_by_plain_name(folder: Path) -> dict[str, str]:
    """Return the names of the files in and below a folder, counted from it, by their ``plain_name``; "/" in both.

    Folders that are links are entered, each once. Hidden files, and those that macOS packs beside others, are none.
    """
    names, seen = [], set()
    for path, folders, files in os.walk(folder, followlinks=True):
        seen.add(os.path.realpath(path))
        folders[:] = [name for name in folders if name != "__MACOSX" and not _known(path, name, seen)]
        below = Path(path).relative_to(folder).as_posix()
        files = (name for name in files if not name.startswith("."))
        names += [name if below == "." else f"{below}/{name}" for name in files]
    return {plain_name(name): name for name in sorted(names, reverse=True)}


def _known(path, name, seen):
    return os.path.realpath(os.path.join(path, name)) in seen


def plain_name(name: str) -> str:
    """Return a name in lower case and with its accents composed; macOS writes them as letters of their own."""
    return normalize("NFC", name).lower()


def stem_of(name: str) -> str:
    """Return a name with its folders and without its ending."""
    stem, dot, _ = name.rpartition(".")
    return stem if dot else name


def every_stem(folders: Folders) -> list[str]:
    """Return the stems of a folder without lists: those of its XML files, and of images that have none."""
    stems = {stem_of(plain): stem_of(name) for plain, name in folders.xml_names.items()}
    images = folders.image_names.items()
    stems = {stem_of(plain): stem_of(name) for plain, name in images if plain.endswith(SUFFIXES)} | stems
    if not stems:
        raise InputError(f"{folders.root} has no image in {folders.images.name} and no XML file; add them")
    return sorted(stems.values(), key=plain_name)


def find_annotation(folders: Folders, stem: str) -> Path:
    """Return the path of the XML file of a stem, in any case; if there is none, the one that is missing."""
    exact = f"{stem}.xml"
    is_there = os.path.isfile(folders.annotations / exact)
    return folders.annotations / (exact if is_there else folders.xml_names.get(plain_name(exact), exact))


def find_image(folders: Folders, stem: str, file_name: str = "") -> Path:
    """Return the path of the image of a stem: with the ending of <filename>, or else with any known one, in any case.

    If no image has that stem, it is the one that <filename> names. Raises InputError if there is none.
    """
    folder, files, file_name = folders.images, folders.image_names, file_name.replace("\\", "/")
    given = Path(file_name).suffix
    names = [stem + suffix for suffix in ((given, *SUFFIXES) if given else SUFFIXES)]
    for name in (*dict.fromkeys(names), *((file_name, Path(file_name).name) if given else ())):
        if os.path.isfile(folder / name) and Path(name).suffix.lower() != ".xml":
            return folder / name
        if plain_name(name) in files:
            return folder / files[plain_name(name)]
    raise InputError(f"{folder / stem} has no image with the ending {', '.join(SUFFIXES)}; add it or remove the stem")


def has_image(folders: Folders, stem: str) -> bool:
    """Return whether there is an image of a stem."""
    try:
        return bool(find_image(folders, stem))
    except InputError:
        return False
