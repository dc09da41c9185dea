"""Find the files of a VOC data set: the folder itself, the stems of a split, and the image of a stem."""

import os
from pathlib import Path
from unicodedata import normalize

from numpyssd.datasets.issues import Issue
from numpyssd.errors import InputError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif")
_FOLDERS = ("Annotations", "ImageSets/Main", "JPEGImages")


def find_root(root: Path | str) -> Path:
    """Return the folder with Annotations, ImageSets/Main and JPEGImages: root, or the only such folder below it."""
    root = Path(root)
    if not root.is_dir():
        raise InputError(f"{root} is not a folder; name the one that holds Annotations, ImageSets and JPEGImages")
    if (root / "Annotations").is_dir():
        for name in _FOLDERS:
            if not (root / name).is_dir():
                raise InputError(f"{root} has no folder {name}; the VOC layout needs {', '.join(_FOLDERS)}")
        return root
    for pattern in ("*", "*/*"):  # VOCdevkit/VOC2007, or a folder around that
        found = sorted(p.parent for p in root.glob(f"{pattern}/Annotations") if p.is_dir())
        if len(found) > 1:
            names = ", ".join(str(path) for path in found)
            raise InputError(f"{root} holds several data sets ({names}); name one, or some with commas between")
        if found:
            return find_root(found[0])
    layouts = f"the VOC layout needs {', '.join(_FOLDERS)}, COCO's needs annotations/*.json"
    raise InputError(f"{root} has no folder Annotations; {layouts}")


def split_file(root: Path, split: str) -> Path:
    """Return the path of the list of a split."""
    return root / "ImageSets" / "Main" / f"{split}.txt"


def is_of_one_class(path: Path) -> bool:
    """Return whether a list is one of VOC's for a class, such as cat_train.txt: stems with 1, 0 or -1 behind each."""
    if path.stem.rpartition("_")[2] not in ("train", "val", "trainval", "test") or "_" not in path.stem:
        return False
    if not path.is_file():
        return False
    words = path.read_bytes()[:1000].split(b"\n")[0].split()
    return len(words) == 2 and words[1] in (b"1", b"0", b"-1")


def read_split(root: Path, split: str, issues: list[Issue]) -> list[str]:
    """Return the stems in ImageSets/Main/<split>.txt; stems listed twice are taken once and added to issues.

    Lines of VOC's files per class, a stem and then 1, 0 or -1, are understood too.
    """
    path = split_file(root, split)
    if not path.is_file():
        splits = ", ".join(sorted(p.stem for p in path.parent.glob("*.txt"))) or "none"
        what = "is no plain file" if path.exists() else "does not exist"
        raise InputError(f"{path} {what}; the splits there are: {splits}")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as reason:
        raise InputError(f"{path} cannot be read as text in UTF-8 ({reason}); save it again") from None
    stems = {}
    for number, line in enumerate(lines, start=1):
        stem = line.strip()
        words = stem.rsplit(None, 1)
        if (
            len(words) == 2
            and words[1] in ("1", "0", "-1")
            and not os.path.exists(root / "Annotations" / f"{stem}.xml")
        ):
            stem = words[0]
        if stem in stems:
            sentence = f"line {number} repeats {stem!r} of line {stems[stem]}"
            issues.append(Issue(str(path), sentence, "it is taken once", is_warning=True))
        elif stem:
            stems[stem] = number
    if not stems:
        raise InputError(f"{path} lists no image; write one file name without its ending on each line")
    return list(stems)


def files_by_lower_name(folder: Path) -> dict[str, str]:
    """Return the names of the files of a folder, found by ``plain_name``."""
    return {plain_name(name): name for name in sorted(os.listdir(folder), reverse=True)}


def plain_name(name: str) -> str:
    """Return a name in lower case and with its accents composed; macOS writes them as letters of their own."""
    return normalize("NFC", name).lower()


def find_annotation(folder: Path, stem: str, files: dict[str, str]) -> Path:
    """Return the path of the XML file of a stem, in any case; if there is none, the one that is missing."""
    exact = f"{stem}.xml"
    return folder / (exact if os.path.isfile(folder / exact) else files.get(plain_name(exact), exact))


def find_image(folder: Path, stem: str, file_name: str, files: dict[str, str]) -> Path:
    """Return the path of the image of a stem: with the ending of <filename>, or else with any known one, in any case.

    files: as files_by_lower_name returns them. Raises InputError if there is none.
    """
    given = Path(file_name.replace("\\", "/")).suffix
    names = {stem + suffix: None for suffix in ((given, *SUFFIXES) if given else SUFFIXES)}
    for name in names:
        if os.path.isfile(folder / name):
            return folder / name
        if plain_name(name) in files:
            return folder / files[plain_name(name)]
    raise InputError(f"{folder / stem} has no image with the ending {', '.join(SUFFIXES)}; add it or remove the stem")
